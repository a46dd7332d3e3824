"""An incoming message, from its stanza to the receipt.

    learn    the addresses that the stanza tells of
    known?   a message that was handled before gets its receipt again, nothing else
    open     decrypt; ratchet, message and bookkeeping go into one batch
    commit   all of it, or nothing
    answer   a receipt for what was kept; for what could not be decrypted a retry receipt, then an ack with an error
    tell     the events

The order matters: the server forgets a message when it is answered, so the answer comes after the commit. A crash in
between makes the server deliver the message again, and it is then known.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from motte.core.binary.node import Node
from motte.core.message import parse as reading
from motte.core.message.parse import Parsed
from motte.core.message.retry_policy import ask, reason_of
from motte.core.signal.address import Address
from motte.core.stanza import receipt
from motte.core.stanza.ack import Nack, ack
from motte.core.stanza.message import MSMSG, IncomingMessage
from motte.errors import DuplicateMessage, RemoteProtocolError
from motte.events.message import MessageForged, MessageUndecryptable
from motte.runtime.context import Context
from motte.runtime.inbound.decrypt import Decryptor
from motte.runtime.inbound.inbox import Delivery
from motte.runtime.inbound.placeholders import Placeholders
from motte.runtime.inbound.protocol import ProtocolMessages
from motte.runtime.inbound.retry import RetryRequests
from motte.runtime.presence import PresenceState
from motte.runtime.step import Step
from motte.store.repo.contacts import ContactNames
from motte.store.repo.received import MessageState, Received, ReceivedId

log = logging.getLogger("motte.inbound")


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A message being handled: its stanza, what we know of it from before, and the step that it makes."""

    incoming: IncomingMessage
    id: ReceivedId
    fate: Received | None
    step: Step


class Messages:
    """Handles `<message>` stanzas, one at a time."""

    def __init__(
        self,
        context: Context,
        *,
        decryptor: Decryptor,
        delivery: Delivery,
        placeholders: Placeholders,
        protocol: ProtocolMessages,
        retries: RetryRequests,
        presence: PresenceState,
    ) -> None:
        self._context = context
        self._decryptor, self._delivery, self._protocol = decryptor, delivery, protocol
        self._placeholders, self._retries, self._presence = placeholders, retries, presence

    async def handle(self, incoming: IncomingMessage) -> None:
        """Do all that a message asks for."""
        await self._context.addresses.learn((pn, lid) for lid, pn in incoming.source.mappings)
        if incoming.plaintext is not None:
            await self._newsletter(incoming, incoming.plaintext)
        elif any(enc.kind == MSMSG for enc in incoming.encs):
            self._ack(incoming, Nack.MISSING_MESSAGE_SECRET)
        elif not incoming.encs:
            self._unavailable(incoming)
        else:
            await self._encrypted(incoming)

    async def _encrypted(self, incoming: IncomingMessage) -> None:
        context = self._context
        message = ReceivedId(chat=incoming.source.chat, sender=incoming.source.sender, id=incoming.id)
        fate = await context.store.received.get(message)
        if fate is not None and fate.state is MessageState.DONE:
            context.wire.send(receipt.delivery(incoming, active=self._presence.active))
            return
        sender = await context.addresses.of(incoming.source.sender)
        arrival = _Arrival(incoming, message, fate, Step(context.store, context.bus))
        async with context.locks.hold([sender]):
            answers = await self._open(arrival, sender)
            await arrival.step.commit()
        try:
            for answer in answers:
                context.wire.send(answer)
        finally:
            # Kept is kept: if the connection ended just now, the server sends the message again and it is then known.
            arrival.step.announce()

    async def _open(self, arrival: _Arrival, sender: Address) -> list[Node]:
        """Decrypt and stage what comes of it; gives the answers to send after the commit."""
        try:
            opened = await self._decryptor.open(arrival.incoming, sender, arrival.step)
        except DuplicateMessage:
            return [ack(arrival.incoming.header, self._context.account.me, Nack.PARSING_ERROR)]
        except RemoteProtocolError as error:
            return await self._failed(arrival, error)
        return await self._succeeded(await self._placed(arrival, opened), opened)

    async def _placed(self, arrival: _Arrival, opened: list[Parsed]) -> _Arrival:
        """The arrival in the chat that an own device names inside.

        The stanza says so too, as `recipient`; but Baileys leaves that out of what it sends again, and the message then
        seems to be one to oneself.
        """
        incoming, source, me = arrival.incoming, arrival.incoming.source, self._context.account.me
        named = next((parsed.destination for parsed in opened if parsed.destination is not None), None)
        if named is None or me.owns(named) or not me.owns(source.chat):
            return arrival
        message = ReceivedId(chat=named, sender=source.sender, id=incoming.id)
        return _Arrival(
            replace(incoming, source=replace(source, chat=named, chat_alt=None)),
            message,
            await self._context.store.received.get(message),
            arrival.step,
        )

    async def _succeeded(self, arrival: _Arrival, opened: list[Parsed]) -> list[Node]:
        """Stage what was decrypted; gives the receipts."""
        incoming, fate, step = arrival.incoming, arrival.fate, arrival.step
        first_seen = fate.first_seen if fate else self._context.clock.now()
        done = Received(state=MessageState.DONE, first_seen=first_seen)
        await self._context.store.received.put(step.batch, arrival.id, done)
        await self._keep_name(incoming, step)
        answers = [receipt.delivery(incoming, active=self._presence.active)]
        for parsed in opened:
            if parsed.forged is not None:
                log.warning("%s sent a %s, which only the own account may do", incoming.source.sender, parsed.forged)
                step.tell(MessageForged(sender=incoming.source.sender, kind=parsed.forged))
            elif parsed.protocol is not None and await self._protocol.handle(parsed.protocol, incoming, step):
                if parsed.protocol.HasField("historySyncNotification"):
                    answers.append(receipt.history(incoming))
            elif parsed.says_something:
                await self._delivery.take(step, incoming, parsed, recovered=fate is not None)
        return answers

    async def _failed(self, arrival: _Arrival, error: RemoteProtocolError) -> list[Node]:
        """Stage the failure; gives the retry receipt and the ack."""
        incoming, fate, step = arrival.incoming, arrival.fate, arrival.step
        log.info("%s from %s could not be decrypted: %s", incoming.id, incoming.source.sender, error)
        retries, reason = fate.retries if fate else 0, reason_of(error)
        request = ask(retries, reason)
        known = Received(
            state=MessageState.GIVEN_UP if request is None else MessageState.PENDING,
            first_seen=fate.first_seen if fate else self._context.clock.now(),
            retries=retries + 1,
            failure=int(reason),
        )
        await self._context.store.received.put(step.batch, arrival.id, known)
        step.tell(_undecryptable(incoming, str(error), attempt=retries + 1, final=request is None))
        answers = [ack(incoming.header, self._context.account.me, Nack.UNHANDLED_ERROR)]
        if request is not None:
            answers.insert(0, await self._retries.build(incoming, request, reason))
            if request.ask_phone:
                step.then(lambda: self._placeholders.missing(incoming))
        return answers

    async def _newsletter(self, incoming: IncomingMessage, plaintext: bytes) -> None:
        step = Step(self._context.store, self._context.bus)
        try:
            message = reading.decode(plaintext, padded=False)
            parsed = reading.parse(message, key=incoming.key, me=self._context.account.me)
        except RemoteProtocolError as error:
            log.info("%s of %s cannot be read: %s", incoming.id, incoming.source.chat, error)
            self._ack(incoming, Nack.INVALID_PROTOBUF)
            return
        await self._delivery.take(step, incoming, parsed)
        await step.commit()
        step.announce()
        self._ack(incoming)

    def _unavailable(self, incoming: IncomingMessage) -> None:
        """The server has nothing to decrypt for this device: a view-once message, or one that it lost."""
        self._ack(incoming)
        reason = f"unavailable: {incoming.unavailable or 'no content'}"
        self._context.bus.publish(_undecryptable(incoming, reason, attempt=1, final=True))

    async def _keep_name(self, incoming: IncomingMessage, step: Step) -> None:
        """Remember what the sender is called, when it is news; our own name comes with what our other devices send."""
        name, contacts = incoming.push_name, self._context.store.contacts
        if not name:
            return
        if incoming.source.from_me:
            await self._context.account.name(name)
            return
        user = incoming.source.sender.user_jid
        known = await contacts.get(user, step.batch) or ContactNames()
        if known.push_name != name:
            contacts.put(step.batch, user, replace(known, push_name=name))

    def _ack(self, incoming: IncomingMessage, error: Nack | None = None) -> None:
        self._context.wire.send(ack(incoming.header, self._context.account.me, error))


def _undecryptable(incoming: IncomingMessage, reason: str, *, attempt: int, final: bool) -> MessageUndecryptable:
    return MessageUndecryptable(
        key=incoming.key,
        timestamp=incoming.timestamp,
        origin=incoming.origin,
        reason=reason,
        attempt=attempt,
        final=final,
    )
