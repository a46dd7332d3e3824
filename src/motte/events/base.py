"""What all events have in common."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every event. Subscribe to it to see all of them."""

    @property
    def lane(self) -> Hashable:
        """Events with equal lanes reach a handler in order: the chat for what happens in chats, else one for all."""
        return None
