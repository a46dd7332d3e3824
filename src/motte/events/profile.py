"""What people, and the account itself, show and prefer."""

from __future__ import annotations

from dataclasses import dataclass

from motte.events.base import Event
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutChanged(Event):
    """A person, or the account itself on another device, shows another about text. `timestamp` is unix seconds."""

    user: Jid
    text: str
    timestamp: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultTimerChanged(Event):
    """The messages of the account's new chats disappear after so many seconds (0: never), says another device."""

    seconds: int
    set_at: int | None = None
