"""A message to a group: one ciphertext for all under the own sender key, and that key to each device that lacks it.

    who is there?     the group's participants and their devices; for a status those whom it is for
    somebody gone?    a device that has the key is not among them: a new key, for everybody
    who lacks it?     they get it over their pairwise sessions, in portions
    encrypt, keep, send
    acked             only now these devices count as having the key: a stanza that got lost gave it to nobody
    another hash?     the server knows other devices: the lists are fetched again, and who is new gets the message alone

Law: from reading the key to keeping its next state, sends to one group take turns. The network may be asked during a
turn, so nothing that handles incoming stanzas may wait for one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from motte.core.binary.node import Node
from motte.core.message import compose, plan
from motte.core.message.envelope import Envelope, Sealed
from motte.core.message.kinds import labels
from motte.core.message.phash import phash
from motte.core.message.reporting import reporting
from motte.core.signal import group_cipher
from motte.core.signal.address import Address
from motte.core.signal.sender_key import SenderKeyRecord
from motte.core.stanza.ack import IncomingAck, hint
from motte.errors import MotteError, NoSession, SendRejected
from motte.model.jid import Jid
from motte.model.message import Addressing
from motte.runtime.addons import AddOns
from motte.runtime.audience import Audience
from motte.runtime.context import Context
from motte.runtime.devices import Devices
from motte.runtime.groups import Groups
from motte.runtime.locks import KeyedLocks
from motte.runtime.outbound.outgoing import Accepted, Outgoing
from motte.runtime.outbound.resend import Resender
from motte.runtime.outbound.seal import seal
from motte.runtime.outbound.sessions import Sessions
from motte.runtime.step import Step
from motte.store.repo.sent import SentMessage

log = logging.getLogger("motte.outbound")

PORTION: Final = 64
"""Devices that get the key before others have their turn on the event loop."""
STALE: Final = frozenset({420, 421})
"""Refusals that say that our picture of the group is old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crowd:
    """Whom a message is for, as far as we know: all devices with the sending one, and who of them may have the key."""

    users: tuple[Jid, ...]
    plan: plan.Plan
    addressing: Addressing
    own: Jid
    phash: str


@dataclass(frozen=True, slots=True)
class _Key:
    """The own sender key, who has it, and whether it is a new one."""

    record: SenderKeyRecord
    holders: frozenset[Jid]
    is_new: bool

    @property
    def id(self) -> int:
        """Which key it is."""
        return self.record.states[0].id


@dataclass(frozen=True, slots=True)
class _Packed:
    """A stanza, and to which devices it brings the key with this id."""

    node: Node
    key_id: int
    given: tuple[Jid, ...]


class GroupOutbox:
    """Sends messages to groups and to the status list, which is a group that the sender makes up each time."""

    def __init__(
        self,
        context: Context,
        *,
        addons: AddOns,
        audience: Audience,
        groups: Groups,
        devices: Devices,
        sessions: Sessions,
        resender: Resender,
    ) -> None:
        self._context, self._addons, self._audience, self._groups = context, addons, audience, groups
        self._devices, self._sessions, self._resender = devices, sessions, resender
        self._turns: KeyedLocks[Jid] = KeyedLocks()

    async def attempt(self, outgoing: Outgoing, deadline: float) -> Accepted:
        """Send once, or twice when the server says that our picture of the group is old.

        Raises like `Outbox.send`, and `Disconnected` when it is worth another attempt.
        """
        crowd, answer = await self._send(outgoing, deadline)
        if answer.error in STALE:
            await self._forget(outgoing, crowd)
            crowd, answer = await self._send(outgoing, deadline)
        if answer.error is not None:
            raise SendRejected(answer.error, hint(answer.error), message_id=outgoing.id)
        if answer.phash is not None:
            self._context.tasks.start(self._catch_up(outgoing, crowd), "group-devices")
        timestamp = answer.t or int(self._context.clock.now())
        return Accepted(id=outgoing.id, chat=outgoing.chat, timestamp=timestamp, sender=crowd.own.user_jid)

    async def _send(self, outgoing: Outgoing, deadline: float) -> tuple[_Crowd, IncomingAck]:
        crowd = await self._crowd(outgoing)
        async with self._turns.hold([outgoing.chat]):
            packed = await self._pack(outgoing, crowd)
        answer = await self._context.wire.acked(packed.node, timeout=deadline - self._context.clock.monotonic())
        if answer.error is None and packed.given:
            await self._holds(outgoing.chat, crowd, packed)
        return crowd, answer

    async def _crowd(self, outgoing: Outgoing) -> _Crowd:
        me = self._context.account.me
        if outgoing.chat.is_status:
            addressing = Addressing.LID if me.lid is not None else Addressing.PN
            people = await self._audience.people(outgoing.audience)
        else:
            group = await self._groups.metadata(outgoing.chat)
            addressing, people = group.addressing, tuple(one.jid for one in group.participants)
        own = me.lid if addressing is Addressing.LID and me.lid is not None else me.pn
        users = (*people, own.user_jid) if outgoing.chat.is_status else people
        lists = await self._devices.of(users)
        everything = {own, *(jid for listed in lists for jid in listed.jids)}
        return _Crowd(
            users=users,
            plan=plan.group(me, lists),
            addressing=addressing,
            own=own,
            phash=phash(everything),
        )

    async def _pack(self, outgoing: Outgoing, crowd: _Crowd) -> _Packed:
        """The stanza; the key's next state and the message itself are stored when this returns."""
        context, chat = self._context, outgoing.chat
        key = await self._key(chat, crowd)
        sealed = await self._hand_out(chat, key, plan.without_key(crowd.plan, key.holders))
        given = tuple(one.device for one in sealed)
        # A message for nobody would be acked like any other.
        if crowd.plan.others and not any(device in crowd.plan.others for device in (*key.holders, *given)):
            raise NoSession(f"no device in {chat} gave keys to encrypt for")
        record, ciphertext = group_cipher.encrypt(
            key.record, compose.encode(outgoing.message, context.rng), context.rng
        )
        await self._keep(outgoing, crowd, key, record)
        envelope = Envelope(
            id=outgoing.id,
            chat=chat,
            labels=labels(outgoing.message),
            device_identity=context.account.link.identity,
        )
        report = reporting(outgoing.message, outgoing.id, sender=crowd.own, chat=chat)
        node = envelope.group(
            ciphertext,
            sealed,
            phash=crowd.phash,
            addressing=crowd.addressing,
            # Of a group the server knows who is in it.
            audience=crowd.plan.devices if chat.is_status else (),
            extra=[report],
        )
        return _Packed(node, key.id, given)

    async def _key(self, chat: Jid, crowd: _Crowd) -> _Key:
        keys = self._context.store.sender_keys
        record, holders = await keys.get(chat, Address.of(crowd.own)), await keys.holders(chat)
        gone = holders.difference(crowd.plan.devices)
        if record is not None and not gone:
            return _Key(record, holders, is_new=False)
        if gone:
            log.info("%d devices have left %s with our key; it gets a new one", len(gone), chat)
        return _Key(group_cipher.create(self._context.rng), frozenset(), is_new=True)

    async def _hand_out(self, chat: Jid, key: _Key, devices: Sequence[Jid]) -> list[Sealed]:
        """The key, encrypted for each of these devices that there is a session with."""
        context = self._context
        plaintext = compose.encode(compose.distribution(chat, group_cipher.distribution(key.record)), context.rng)
        sealed: list[Sealed] = []
        for portion in _portions(devices):
            addresses = await self._sessions.ensure(portion)
            async with context.locks.hold(addresses.values()):
                step = Step(context.store, context.bus)
                sealed += await seal(context, dict.fromkeys(addresses, plaintext), addresses, step)
                await step.commit()
            await asyncio.sleep(0)  # so that a large group holds nothing else up
        return sealed

    async def _keep(self, outgoing: Outgoing, crowd: _Crowd, key: _Key, record: SenderKeyRecord) -> None:
        store, step = self._context.store, Step(self._context.store, self._context.bus)
        store.sender_keys.put(step.batch, outgoing.chat, Address.of(crowd.own), record)
        if key.is_new:
            store.sender_keys.put_holders(step.batch, outgoing.chat, ())
        sent = SentMessage(
            id=outgoing.id,
            chat=outgoing.chat,
            message=outgoing.message.SerializeToString(),
            participants=crowd.users,  # people and not devices: a large group has thousands of those
            sent_at=self._context.clock.now(),
        )
        await store.sent.put(step.batch, sent)
        await self._addons.keep_sent(outgoing.key(crowd.own.user_jid), outgoing.message, step.batch)
        await step.commit()

    async def _holds(self, chat: Jid, crowd: _Crowd, packed: _Packed) -> None:
        """The server passes the key on: these devices have it, if it is still the one that we use."""
        keys = self._context.store.sender_keys
        async with self._turns.hold([chat]):
            record = await keys.get(chat, Address.of(crowd.own))
            if record is None or record.states[0].id != packed.key_id:
                return
            batch = self._context.store.batch()
            keys.put_holders(batch, chat, (await keys.holders(chat)).union(packed.given))
            await self._context.store.commit(batch)

    async def _catch_up(self, outgoing: Outgoing, crowd: _Crowd) -> None:
        """Bring the message to the devices that the server knows and we did not."""
        log.info("the device lists of %s are stale; they are fetched again", outgoing.chat)
        await self._forget(outgoing, crowd)
        now, reached = await self._crowd(outgoing), set(crowd.plan.devices)
        for device in now.plan.devices:
            if device not in reached:
                try:
                    await self._resender.bring(outgoing.id, device)
                except MotteError as error:
                    log.warning("%s could not be sent to %s: %s", outgoing.id, device, error)

    async def _forget(self, outgoing: Outgoing, crowd: _Crowd) -> None:
        self._groups.forget(outgoing.chat)
        await self._devices.forget(crowd.users)


def _portions(devices: Sequence[Jid]) -> Iterator[Sequence[Jid]]:
    return (devices[start : start + PORTION] for start in range(0, len(devices), PORTION))
