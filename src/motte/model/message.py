"""A message as a user sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from motte.model.jid import Jid


class Origin(StrEnum):
    """How a message came here."""

    LIVE = "live"
    OFFLINE = "offline"
    """It waited on the server while this device was away."""
    HISTORY = "history"
    """The phone sent it along with older chats."""


class Addressing(StrEnum):
    """Which of their two addresses the people of a chat are known by."""

    PN = "pn"
    LID = "lid"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKey:
    """What names a message: its id is unique for its `sender` in its `chat`; `sender` has no device number."""

    chat: Jid
    id: str
    sender: Jid
    from_me: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """The message that another one answers: its id, who sent it, and its content as far as it came along.

    `chat` is set when it was sent elsewhere (a private answer to a group).
    """

    id: str
    sender: Jid | None = None
    chat: Jid | None = None
    content: Content | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text message."""

    text: str
    mentions: tuple[Jid, ...] = ()
    quoted: Quoted | None = None


@dataclass(frozen=True, slots=True)
class UnsupportedContent:
    """A kind of content that this version does not read; `kind` is its name in the schema, `imageMessage` and so on."""

    kind: str


Content: TypeAlias = Text | UnsupportedContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A received (or, from an own device, sent) message.

    `sender_alt` is the sender's other address, when the server told it, without a device number like the key's;
    `push_name` the name that the sender chose; `timestamp` is the server's, unix seconds.
    """

    key: MessageKey
    content: Content
    timestamp: int
    origin: Origin
    push_name: str | None = None
    sender_alt: Jid | None = None

    @property
    def text(self) -> str | None:
        """The text, if that is what it is."""
        return self.content.text if isinstance(self.content, Text) else None
