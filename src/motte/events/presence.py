"""Who is online, and who is typing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from motte.events.base import Event
from motte.model.presence import ChatState, Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceChanged(Event):
    """Somebody that this client subscribed to came online or left."""

    presence: Presence

    @property
    def lane(self) -> Hashable:
        """In the order of the person's chat."""
        return self.presence.user


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatStateChanged(Event):
    """Somebody types, records, or stopped doing so."""

    state: ChatState

    @property
    def lane(self) -> Hashable:
        """In the order of the chat."""
        return self.state.chat
