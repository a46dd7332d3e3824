"""Events, and the answers to their invitations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from motte.model.content.context import InContext
from motte.model.content.place import Location
from motte.model.key import MessageKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(InContext):
    """An event with its time (unix seconds) and perhaps a place or a link to join a call.

    `reminder` is how many seconds before the start people are reminded, None for not at all.
    """

    name: str
    starts_at: int
    ends_at: int | None = None
    description: str | None = None
    location: Location | None = None
    join_link: str | None = None
    cancelled: bool = False
    extra_guests_allowed: bool = False
    is_call: bool = False
    reminder: int | None = None


class Attendance(IntEnum):
    """An answer to an event."""

    GOING = 1
    NOT_GOING = 2
    MAYBE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResponse:
    """Somebody's answer to an event; it replaces the earlier one. `timestamp_ms` is the sender's clock."""

    event: MessageKey
    attendance: Attendance
    extra_guests: int = 0
    timestamp_ms: int | None = None
