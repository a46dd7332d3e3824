"""What changes in the account's state: mutes, pins, labels, contacts, settings, whatever its devices keep in common."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from motte.events.base import Event
from motte.model.appstate.action import Action
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class AppStateChanged(Event):
    """An entry of the account's state was set: `action` says which, and how (`motte.model.appstate`).

    `timestamp` is when, by the clock of the device that did it (unix seconds); `initial` if it is part of the first
    sync, where everything comes that was ever set; `own` if this client set it.
    """

    action: Action
    collection: str
    timestamp: int
    initial: bool = False
    own: bool = False

    @property
    def chat(self) -> Jid | None:
        """The chat that it is about, if it is about one."""
        named = getattr(self.action, "chat", None) or getattr(getattr(self.action, "message", None), "chat", None)
        return named if isinstance(named, Jid) else None

    @property
    def lane(self) -> Hashable:
        """In the order of the chat's messages, if it is about a chat."""
        return self.chat


@dataclass(frozen=True, slots=True, kw_only=True)
class AppStateSynced(Event):
    """A part of the account's state is up to date: the `collection`, at this `version`; `initial` the first time."""

    collection: str
    version: int
    initial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppStateFailed(Event):
    """A part of the account's state cannot be read, and everything was tried; `reason` says what is wrong.

    What is known of it stays as it was. Nothing of this `collection` is read or set until a later sync succeeds.
    """

    collection: str
    reason: str
