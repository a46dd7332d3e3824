"""A message as a user sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from motte.model.content import Content, Quoted, Text, UnsupportedContent
from motte.model.jid import Jid
from motte.model.key import MessageKey

__all__ = ["Addressing", "Content", "Message", "MessageKey", "Origin", "Quoted", "Text", "UnsupportedContent"]


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
