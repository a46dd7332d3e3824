"""`client.messages`: send, answer, mark as read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from motte.client.ports import Clock, Requests, Sending, Tracking
from motte.core.crypto.rng import Rng
from motte.core.message import compose
from motte.core.stanza import receipt
from motte.events.message import MessageReceived
from motte.model.jid import Jid
from motte.model.message import Content, MessageKey, Text
from motte.model.receipt import Receipt, ReceiptKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message that the server has taken: its key and the server's time (unix seconds).

    What happens to it afterwards can be awaited, under a time-out of your own:
    `async with asyncio.timeout(30): await sent.delivered()`.
    """

    key: MessageKey
    timestamp: int
    _tracking: Tracking = field(repr=False, compare=False)

    async def delivered(self) -> Receipt:
        """The first receipt that says that a device of the recipient has it."""
        return await self._tracking.wait(self.key.id, ReceiptKind.DELIVERED)

    async def read(self) -> Receipt:
        """The first receipt that says that somebody has read it."""
        return await self._tracking.wait(self.key.id, ReceiptKind.READ)

    async def played(self) -> Receipt:
        """The first receipt that says that somebody has played it."""
        return await self._tracking.wait(self.key.id, ReceiptKind.PLAYED)


class Messages:
    """Sends messages and tells what became of them."""

    def __init__(self, *, sending: Sending, tracking: Tracking, wire: Requests, clock: Clock, rng: Rng) -> None:
        self._sending, self._tracking, self._wire = sending, tracking, wire
        self._clock, self._rng = clock, rng

    async def send(self, chat: Jid | str, content: Content | str) -> SentMessage:
        """Send something to a person or a group; returns when the server has acked it.

        If the connection is down, or goes down before the ack, the message waits for the next one.

        Args:
            chat: a JID, its text, or a phone number with country code.
            content: any kind of content, or simply a text; files have to be uploaded.

        Raises:
            SendRejected: the server refused it; `code` and `hint` say why.
            RequestTimeout: no ack within `Config.send_timeout`.
            Disconnected: the connection ended for good.
            NotLoggedIn: no account is linked.
            InvalidJid: `chat` is neither a JID nor a phone number.
            LocalProtocolError: a content or a chat that this version cannot send to.
        """
        return await self._send(address(chat), _said(content), None)

    async def reply(self, event: MessageReceived, content: Content | str) -> SentMessage:
        """Answer a received message, quoted. Raises like `send`."""
        quote = compose.Quote(key=event.message.key, message=event.raw)
        return await self._send(event.chat, _said(content), quote)

    async def mark_read(self, *keys: MessageKey) -> None:
        """Tell the senders that their messages were read. Raises `Disconnected`."""
        self._mark(ReceiptKind.READ, keys)

    async def mark_played(self, *keys: MessageKey) -> None:
        """Tell the senders that their voice messages were played. Raises `Disconnected`."""
        self._mark(ReceiptKind.PLAYED, keys)

    def _mark(self, kind: ReceiptKind, keys: Iterable[MessageKey]) -> None:
        for node in receipt.mark(kind, list(keys), self._clock.now()):
            self._wire.send(node)

    async def _send(self, chat: Jid, content: Content, quote: compose.Quote | None) -> SentMessage:
        message_id = self._sending.new_id()
        message = compose.message(content, chat=chat, now=self._clock.now(), rng=self._rng, quote=quote)
        accepted = await self._sending.send(chat, message, message_id=message_id)
        key = MessageKey(chat=accepted.chat, id=accepted.id, sender=accepted.sender, from_me=True)
        return SentMessage(key=key, timestamp=accepted.timestamp, _tracking=self._tracking)


def address(chat: Jid | str) -> Jid:
    """The JID that a user means: a JID, its text, or a phone number."""
    if isinstance(chat, Jid):
        return chat
    return Jid.parse(chat) if "@" in chat else Jid.phone(chat)


def _said(content: Content | str) -> Content:
    return Text(text=content) if isinstance(content, str) else content
