"""Calls: noticed, not answered."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from motte.events.base import Event
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReceived(Event):
    """One step of a call: `signal` is `offer`, `accept`, `reject`, `terminate` and the like."""

    call_id: str
    caller: Jid
    signal: str
    is_video: bool
    is_group: bool
    reason: str | None
    timestamp: int | None

    @property
    def lane(self) -> Hashable:
        """In the order of the caller's chat."""
        return self.caller.user_jid
