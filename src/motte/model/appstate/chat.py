"""What is set for a chat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from motte.model.appstate.action import Action, MessageRange
from motte.model.jid import Jid

FOREVER: Final = -1
"""The end of a mute that does not end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(Action):
    """No notifications from a chat until `until` (unix seconds, or `FOREVER`); None when it is not muted.

    `automatic` if the phone did it by itself.
    """

    chat: Jid
    until: int | None
    automatic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(Action):
    """A chat stands on top of the list, or not any more."""

    chat: Jid
    pinned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive(Action):
    """A chat is out of the list, or back in it."""

    chat: Jid
    archived: bool = True
    range: MessageRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRead(Action):
    """A chat is read up to `range`, or was marked as unread."""

    chat: Jid
    read: bool = True
    range: MessageRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearChat(Action):
    """The messages of a chat are gone, and with them starred ones and the files on the phone if so chosen."""

    chat: Jid
    delete_starred: bool = True
    delete_media: bool = False
    range: MessageRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteChat(Action):
    """A chat is gone with its messages, and its files on the phone if so chosen."""

    chat: Jid
    delete_media: bool = True
    range: MessageRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockChat(Action):
    """A chat is among the locked ones, or not any more."""

    chat: Jid
    locked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Favorites(Action):
    """The favourite chats and people, all of them in order."""

    chats: tuple[Jid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BotWelcome(Action):
    """A bot was asked for its welcome message."""

    chat: Jid
    sent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AiThreadRename(Action):
    """A thread with the assistant has a new title."""

    chat: Jid
    thread: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AiThreadDelete(Action):
    """A thread with the assistant is gone."""

    chat: Jid
    thread: str
