"""Messages that arrive, and messages that cannot be read."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, overload

from motte.errors import LocalProtocolError
from motte.events.base import Event
from motte.model.content.action import DAY
from motte.model.jid import Jid
from motte.model.message import Content, Message, MessageKey, Origin
from motte.model.progress import Progress
from motte.model.receipt import Receipt

if TYPE_CHECKING:
    from motte.proto.e2e_pb2 import Message as RawMessage


class Sent(Protocol):
    """A message that the server took."""

    @property
    def key(self) -> MessageKey:
        """What names it."""
        ...

    async def delivered(self) -> Receipt:
        """The first receipt that says that a device of the recipient has it."""
        ...

    async def read(self) -> Receipt:
        """The first receipt that says that somebody has read it."""
        ...

    async def played(self) -> Receipt:
        """The first receipt that says that somebody has played it."""
        ...

    async def reply(self, content: Content | str) -> Sent:
        """Add to it, with a quotation of it."""
        ...

    async def react(self, emoji: str) -> Sent:
        """React to it, or with an empty text take that back."""
        ...

    async def edit(self, content: Content | str) -> Sent:
        """Give it new content."""
        ...

    async def delete(self) -> Sent:
        """Delete it for everybody."""
        ...

    async def pin(self, duration: int = ...) -> Sent:
        """Pin it for everybody."""
        ...

    async def forward(self, chat: Jid | str, *, marked: bool = False) -> Sent:
        """Send it to another chat."""
        ...


class MessageActions(Protocol):
    """`client.messages`, as far as a received message needs it."""

    async def react(self, target: MessageKey, emoji: str) -> Sent:
        """React with an emoji, or with an empty text take that back."""
        ...

    async def edit(self, target: MessageKey, content: Content | str) -> Sent:
        """Give an own message new content."""
        ...

    async def revoke(self, target: MessageKey) -> Sent:
        """Delete for everybody."""
        ...

    async def pin(self, target: MessageKey, duration: int = ...) -> Sent:
        """Pin for everybody."""
        ...

    async def forward(self, message: MessageReceived, chat: Jid | str, *, marked: bool = False) -> Sent:
        """Send to another chat."""
        ...


class ChatActions(Protocol):
    """`client.chats`, as far as a received message needs it."""

    async def delete_for_me(self, *keys: MessageKey, timestamp: int | None = None) -> None:
        """Delete from the own devices."""
        ...


class PresenceActions(Protocol):
    """`client.presence`, as far as a received message needs it."""

    def typing(self, chat: Jid | str) -> AbstractAsyncContextManager[None]:
        """Show that one is typing for the length of the block."""
        ...


class Actions(Protocol):
    """What a received message can do; the client puts itself in here."""

    @property
    def messages(self) -> MessageActions:
        """What can be done with messages."""
        ...

    @property
    def chats(self) -> ChatActions:
        """What can be set for chats and messages on the own devices."""
        ...

    @property
    def presence(self) -> PresenceActions:
        """What can be shown in a chat."""
        ...

    async def reply(self, event: MessageReceived, content: Content | str) -> Sent:
        """Answer with a quotation."""
        ...

    async def mark_read(self, key: MessageKey) -> None:
        """Tell the sender that it was read."""
        ...

    async def download(self, event: MessageReceived, to: str | Path | None, progress: Progress | None) -> bytes | Path:
        """Download its file."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    """A message, decrypted and stored: live, or one that waited while this device was away (`message.origin`).

    `raw` is the whole decrypted protobuf. `recovered` says that it could not be decrypted at first: a
    `MessageUndecryptable` with the same key came before.
    """

    message: Message
    raw: RawMessage = field(repr=False, compare=False)
    recovered: bool = False
    actions: Actions | None = field(default=None, repr=False, compare=False)

    @property
    def lane(self) -> Hashable:
        """In the order of the chat."""
        return self.message.key.chat

    @property
    def key(self) -> MessageKey:
        """What names it."""
        return self.message.key

    @property
    def chat(self) -> Jid:
        """The chat that it belongs to."""
        return self.message.key.chat

    @property
    def sender(self) -> Jid:
        """Who sent it."""
        return self.message.key.sender

    @property
    def from_me(self) -> bool:
        """Whether the own account sent it, from another of its devices."""
        return self.message.key.from_me

    @property
    def content(self) -> Content:
        """What it says or does."""
        return self.message.content

    @property
    def text(self) -> str | None:
        """Its text, if that is what it is."""
        return self.message.text

    async def reply(self, content: Content | str) -> Sent:
        """Answer in the same chat, with this message quoted. Raises like `client.messages.send`."""
        return await self._do().reply(self, content)

    async def react(self, emoji: str) -> Sent:
        """React with an emoji; an empty text takes the own reaction back."""
        return await self._do().messages.react(self.key, emoji)

    async def edit(self, content: Content | str) -> Sent:
        """Give the message, which has to be an own one, new content."""
        return await self._do().messages.edit(self.key, content)

    async def delete(self) -> Sent:
        """Delete the message for everybody: an own one, or as an admin of the group anybody's."""
        return await self._do().messages.revoke(self.key)

    async def delete_for_me(self) -> None:
        """Delete the message from the own devices only. Raises like `client.chats.delete_for_me`."""
        await self._do().chats.delete_for_me(self.key, timestamp=self.message.timestamp)

    async def pin(self, duration: int = 7 * DAY) -> Sent:
        """Pin the message in the chat for everybody, for `duration` seconds."""
        return await self._do().messages.pin(self.key, duration)

    async def forward(self, chat: Jid | str, *, marked: bool = False) -> Sent:
        """Send the message to another chat; an own one is shown there as forwarded only if it is to be `marked`."""
        return await self._do().messages.forward(self, chat, marked=marked)

    def typing(self) -> AbstractAsyncContextManager[None]:
        """Show the chat that one is typing for the length of the block: `async with event.typing(): …`."""
        return self._do().presence.typing(self.chat)

    async def mark_read(self) -> None:
        """Tell the sender that it was read."""
        await self._do().mark_read(self.message.key)

    @overload
    async def download(self, *, to: None = None, progress: Progress | None = None) -> bytes: ...

    @overload
    async def download(self, *, to: str | Path, progress: Progress | None = None) -> Path: ...

    async def download(self, *, to: str | Path | None = None, progress: Progress | None = None) -> bytes | Path:
        """Download its file: its bytes, or its path when it goes to a file.

        A file that the servers have lost is asked for again. Raises like `client.media.download`.
        """
        return await self._do().download(self, to, progress)

    def _do(self) -> Actions:
        if self.actions is None:
            raise LocalProtocolError("this message came from no client, so nothing can be done with it")
        return self.actions


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Event):
    """This client sent a message, and the server took it. `raw` is the whole protobuf.

    What other devices of the account send comes as `MessageReceived`.
    """

    message: Message
    raw: RawMessage = field(repr=False, compare=False)

    @property
    def lane(self) -> Hashable:
        """In the order of the chat."""
        return self.message.key.chat


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageUndecryptable(Event):
    """A message came that could not be decrypted; the sender is asked to send it again, then the own phone.

    If that works, a `MessageReceived` with the same key follows. `final` says that nobody is asked any more: after too
    many tries, or because the server has no content for this device (`reason` is then `unavailable: …`).
    """

    key: MessageKey
    timestamp: int
    origin: Origin
    reason: str
    attempt: int
    final: bool

    @property
    def lane(self) -> Hashable:
        """In the order of the chat."""
        return self.key.chat


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageForged(Event):
    """Somebody did what only others may do, and it was dropped.

    `kind` names it: keys, history or app state, which only the own account may send, or an edit or deletion
    (`MESSAGE_EDIT`, `REVOKE`) of somebody else's message.
    """

    sender: Jid
    kind: str

    @property
    def lane(self) -> Hashable:
        """In the order of the sender's chat."""
        return self.sender.user_jid
