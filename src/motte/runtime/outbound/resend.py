"""Answering retry receipts: a device could not decrypt a message of ours, so it gets it again, alone.

What was sent is kept by the store, so the user has nothing to supply. Who asks must be somebody that the message went
to; how often and with which session is decided by `core.message.retry_policy`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Final

from motte.core.message import compose
from motte.core.message.envelope import Envelope
from motte.core.message.kinds import labels
from motte.core.message.retry_policy import Answer, SessionChoice, SessionFacts, answer
from motte.core.signal import group_cipher
from motte.core.signal.address import Address
from motte.core.signal.sender_key import SenderKeyRecord
from motte.core.stanza.retry import IncomingRetry
from motte.errors import Disconnected, MotteError, StoreError
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.runtime.context import Context
from motte.runtime.outbound.seal import seal
from motte.runtime.outbound.sessions import Sessions
from motte.runtime.step import Step
from motte.store.cache import Lru
from motte.store.repo.sent import SentMessage

log = logging.getLogger("motte.retry")

REMEMBERED: Final = 4096
"""(message, device) pairs whose answers are counted."""


@dataclass(slots=True)
class _Asked:
    resent: int = 0
    base_key: bytes | None = None


class Resender:
    """Encrypts sent messages again for the device that asks."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context, self._sessions = context, sessions
        self._asked: Lru[_Asked] = Lru(REMEMBERED)
        self._recreated: Lru[float | None] = Lru(REMEMBERED)

    async def answer(self, retry: IncomingRetry) -> None:
        """Send the messages that a retry receipt names again, those that can be.

        Raises:
            Disconnected, StoreError: not all were sent; ask again.
        """
        for message_id in retry.ids:
            try:
                await self._answer(retry, message_id)
                # Its keys have opened a session now, which serves the other messages as well.
                retry = replace(retry, bundle=None)
            except (Disconnected, StoreError):
                raise
            except MotteError as error:
                log.warning("%s could not be sent again to %s: %s", message_id, retry.requester, error)

    async def _answer(self, retry: IncomingRetry, message_id: str) -> None:
        sent = await self._context.store.sent.get(message_id)
        if sent is None:
            log.info("%s asks for %s, which is not kept any more", retry.requester, message_id)
        elif not await self._was_for(sent, retry.requester):
            log.warning("%s asks for %s, which was not sent to it", retry.requester, message_id)
        else:
            await self._resend(retry, sent)

    async def _was_for(self, sent: SentMessage, requester: Jid) -> bool:
        address = await self._context.addresses.of(requester)
        recipients = await self._context.addresses.of_many(sent.participants)
        return address.user in {recipient.user for recipient in recipients.values()}

    async def _resend(self, retry: IncomingRetry, sent: SentMessage) -> None:
        device = retry.requester
        address = await self._context.addresses.of(device)
        asked = self._entry(sent.id, address)
        decision = await self._decide(retry, address, asked)
        if decision is None:
            log.warning("%s asked too often for %s", device, sent.id)
            return
        log.info("sending %s again to %s: %s", sent.id, device, decision.why)
        asked.resent += 1
        asked.base_key = decision.remember_base_key or asked.base_key
        await self._prepare(retry, device, address, decision)
        await self._send(sent, device, address, count=retry.count)

    async def bring(self, message_id: str, device: Jid) -> None:
        """Send a message to one device that it did not go to, since we did not know it then.

        Raises:
            MotteError: the message is not kept any more, or there is no session with the device.
            Disconnected: there is no connection.
        """
        sent = await self._context.store.sent.get(message_id)
        if sent is None:
            raise MotteError("it is not kept any more")
        await self._sessions.ensure([device])
        await self._send(sent, device, await self._context.addresses.of(device), count=1)

    async def _decide(self, retry: IncomingRetry, address: Address, asked: _Asked) -> Answer | None:
        record = await self._context.store.sessions.get(address)
        current = record.current if record else None
        facts = (
            SessionFacts(registration_id=current.remote_registration_id, base_key=current.base_key) if current else None
        )
        return answer(
            retry.count,
            asked.resent,
            has_keys=retry.bundle is not None,
            registration_id=retry.registration_id,
            session=facts,
            remembered_base_key=asked.base_key,
            recreated_at=self._recreated.get(str(address), None),
            now=self._context.clock.now(),
        )

    async def _prepare(self, retry: IncomingRetry, device: Jid, address: Address, decision: Answer) -> None:
        if decision.session is SessionChoice.FETCH:
            self._recreated.put(str(address), self._context.clock.now())
            await self._sessions.ensure([device], refresh=True)
        elif decision.session is SessionChoice.FROM_KEYS and retry.bundle is not None:
            async with self._context.locks.hold([address]):
                step = Step(self._context.store, self._context.bus)
                await self._sessions.open(address, retry.bundle, step)
                await step.commit()
            step.announce()

    async def _send(self, sent: SentMessage, device: Jid, address: Address, *, count: int) -> None:
        message = Message.FromString(sent.message)
        to_own = self._context.account.me.owns(device)
        body = await self._body(sent, message, device)
        async with self._context.locks.hold([address]):
            step = Step(self._context.store, self._context.bus)
            plaintexts = {device: compose.encode(body, self._context.rng)}
            sealed = await seal(self._context, plaintexts, {device: address}, step)
            await step.commit()
        if not sealed:
            raise MotteError(f"there is no session with {device} to send {sent.id} again")
        envelope = Envelope(
            id=sent.id, chat=sent.chat, labels=labels(message), device_identity=self._context.account.link.identity
        )
        self._context.wire.send(envelope.resend(sealed[0], count, to_own_device=to_own))

    async def _body(self, sent: SentMessage, message: Message, device: Jid) -> Message:
        """The message as this device gets it; with one of a group comes our sender key, for those that follow."""
        me = self._context.account.me
        if sent.chat.is_user:
            return compose.device_sent(message, sent.chat) if me.owns(device) else message
        record = await self._sender_key(sent.chat, device)
        if record is None:
            return message
        body = Message()
        body.CopyFrom(message)
        body.MergeFrom(compose.distribution(sent.chat, group_cipher.distribution(record)))
        return body

    async def _sender_key(self, chat: Jid, device: Jid) -> SenderKeyRecord | None:
        """The own key of a chat: under the address that faces the device, or under the other one.

        A status is sent by LID, whoever is named by number.
        """
        me = self._context.account.me
        for own in dict.fromkeys(jid for jid in (me.facing(device), me.lid, me.pn) if jid is not None):
            record = await self._context.store.sender_keys.get(chat, Address.of(own))
            if record is not None:
                return record
        return None

    def _entry(self, message_id: str, address: Address) -> _Asked:
        key = f"{message_id}|{address}"
        entry = self._asked.get(key, _Asked())
        self._asked.put(key, entry)
        return entry
