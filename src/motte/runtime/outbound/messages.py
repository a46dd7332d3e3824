"""Sending a message: it survives a lost connection, and it tells the truth about what became of it.

`send` returns when the server has acked the message. If the connection ends first, the message waits for the next one
and goes out again under the same id, freshly encrypted; receivers know an id that comes twice.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

from motte.core.binary.node import Node
from motte.core.message import compose, ids, plan
from motte.core.message.envelope import Envelope
from motte.core.message.kinds import labels
from motte.core.message.reporting import reporting
from motte.core.stanza.ack import hint
from motte.errors import Disconnected, LocalProtocolError, NoSession, RequestTimeout, SendRejected
from motte.events.message import MessageSent
from motte.model.jid import Jid
from motte.model.message import Message as Shown
from motte.model.message import Origin
from motte.proto.e2e_pb2 import Message
from motte.runtime.addons import AddOns
from motte.runtime.context import Context
from motte.runtime.devices import Devices
from motte.runtime.outbound.groups import GroupOutbox
from motte.runtime.outbound.outgoing import Accepted, Outgoing
from motte.runtime.outbound.pacing import Pacer
from motte.runtime.outbound.seal import seal
from motte.runtime.outbound.sessions import Sessions
from motte.runtime.step import Step
from motte.runtime.tokens import REFUSED, TrustedContacts
from motte.store.repo.sent import SentMessage

log = logging.getLogger("motte.outbound")


class Outbox:
    """Sends messages to people, and hands those to groups and to the status list on to `groups`."""

    def __init__(
        self,
        context: Context,
        *,
        addons: AddOns,
        devices: Devices,
        sessions: Sessions,
        groups: GroupOutbox,
        trusted: TrustedContacts,
        pacer: Pacer,
    ) -> None:
        self._context, self._addons, self._devices = context, addons, devices
        self._sessions, self._groups, self._trusted, self._pacer = sessions, groups, trusted, pacer

    def new_id(self) -> str:
        """A fresh message id."""
        context = self._context
        return ids.message_id(context.account.me.pn, context.clock.now(), context.rng)

    async def send(
        self, chat: Jid, message: Message, *, message_id: str, audience: Iterable[Jid] | None = None
    ) -> Accepted:
        """Send `message` to a person, a group or the status list and wait for the server's ack.

        `audience` is for the status list: the people who see it, else those whom the account's privacy names.

        Raises:
            SendRejected: the server refused it.
            NoSession: none of the recipients' devices gave keys.
            Forbidden, ItemNotFound: the account is not in the group.
            RequestTimeout: there was no ack within `Config.send_timeout`.
            Disconnected: the connection ended for good.
            NotLoggedIn: no account is linked.
            LocalProtocolError: `chat` is none of these, or nobody would see the status.
        """
        if not (chat.is_user or chat.is_group or chat.is_status):
            raise LocalProtocolError(f"{chat} is neither a person nor a group; this version sends to no others")
        outgoing = Outgoing(message_id, chat.user_jid, message, None if audience is None else tuple(audience))
        await self._pacer.turn(outgoing.chat)
        try:
            accepted = await self._taken(outgoing)
        except SendRejected as error:
            self._pacer.refused(error.code)
            raise
        self._pacer.taken()
        await self._tell(outgoing, accepted)
        return accepted

    async def _tell(self, outgoing: Outgoing, accepted: Accepted) -> None:
        key = outgoing.key(accepted.sender)
        content = await self._addons.sent(key, outgoing.message)
        message = Shown(key=key, content=content, timestamp=accepted.timestamp, origin=Origin.LIVE)
        self._context.bus.publish(MessageSent(message=message, raw=outgoing.message))

    async def _taken(self, outgoing: Outgoing) -> Accepted:
        """The server's ack, over as many connections as that takes."""
        attempt = self._attempt if outgoing.chat.is_user else self._groups.attempt
        clock = self._context.clock
        deadline = clock.monotonic() + self._context.config.send_timeout
        while True:
            await self._context.wire.opened(timeout=deadline - clock.monotonic())
            try:
                return await attempt(outgoing, deadline)
            except Disconnected:
                log.info("the connection ended before %s was acked; it goes out again", outgoing.id)
                if clock.monotonic() >= deadline:
                    raise RequestTimeout(f"the message {outgoing.id} was not acked in time") from None

    async def _attempt(self, outgoing: Outgoing, deadline: float) -> Accepted:
        me, chat = self._context.account.me, outgoing.chat
        planned = plan.direct(me, chat, await self._devices.of([chat, me.facing(chat)]))
        node = await self._encrypt(outgoing, planned)
        left = deadline - self._context.clock.monotonic()
        answer = await self._context.wire.acked(node, timeout=left)
        if answer.error == REFUSED:
            await self._trusted.refused(chat)
        if answer.error is not None:
            raise SendRejected(answer.error, hint(answer.error), message_id=outgoing.id)
        if answer.phash is not None:
            log.info("the device list of %s is stale; it is asked for again", chat)
            await self._devices.forget({device.user_jid for device in planned.devices})
        await self._trusted.sent(chat, outgoing.message)
        timestamp = answer.t or int(self._context.clock.now())
        return Accepted(id=outgoing.id, chat=chat, timestamp=timestamp, sender=me.facing(chat).user_jid)

    async def _encrypt(self, outgoing: Outgoing, planned: plan.Plan) -> Node:
        """The stanza; the sessions' next states and the message itself are stored when this returns."""
        context = self._context
        addresses = await self._sessions.ensure(planned.devices)
        async with context.locks.hold(addresses.values()):
            step = Step(context.store, context.bus)
            sealed = await seal(context, self._plaintexts(outgoing, planned, addresses), addresses, step)
            # A session may also have ended since: a message for nobody would be acked like any other.
            if planned.others and not any(one.device in planned.others for one in sealed):
                raise NoSession(f"no device of {outgoing.chat} gave keys to encrypt for")
            sent = SentMessage(
                id=outgoing.id,
                chat=outgoing.chat,
                message=outgoing.message.SerializeToString(),
                participants=planned.devices,
                sent_at=context.clock.now(),
            )
            await context.store.sent.put(step.batch, sent)
            sender = context.account.me.facing(outgoing.chat).user_jid
            await self._addons.keep_sent(outgoing.key(sender), outgoing.message, step.batch)
            await step.commit()
        identity = context.account.link.identity
        envelope = Envelope(
            id=outgoing.id, chat=outgoing.chat, labels=labels(outgoing.message), device_identity=identity
        )
        report = reporting(outgoing.message, outgoing.id, sender=sender, chat=outgoing.chat)
        return envelope.direct(sealed, [report, await self._trusted.with_message(outgoing.chat)])

    def _plaintexts(self, outgoing: Outgoing, planned: plan.Plan, known: Collection[Jid]) -> dict[Jid, bytes]:
        rng = self._context.rng
        for_others = compose.encode(outgoing.message, rng)
        plaintexts = {device: for_others for device in planned.others if device in known}
        own = [device for device in planned.own if device in known]
        if own:
            plaintexts |= dict.fromkeys(own, compose.encode(compose.device_sent(outgoing.message, outgoing.chat), rng))
        return plaintexts
