"""What a business shows of itself, and bots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from motte.model.jid import Jid


class Opening(StrEnum):
    """How a business is open on a day."""

    HOURS = "specific_hours"
    ALWAYS = "open_24h"
    BY_APPOINTMENT = "appointment_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """When a business is open on a day (`sun` … `sat`).

    `opening` is an `Opening`, or the server's text when this version does not know it; `opens` and `closes` are minutes
    since midnight, in the profile's time zone.
    """

    day: str
    opening: Opening | str
    opens: int | None = None
    closes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCategory:
    """A line of business."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessProfile:
    """What a business says of itself; what it does not say is empty. `time_zone` is for `hours` (`Europe/Berlin`)."""

    jid: Jid
    description: str = ""
    address: str = ""
    email: str = ""
    websites: tuple[str, ...] = ()
    categories: tuple[BusinessCategory, ...] = ()
    time_zone: str | None = None
    hours: tuple[OpeningHours, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """A bot that can be written to."""

    jid: Jid
    persona_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTarget:
    """Whom a `wa.me/qr/…` or `wa.me/message/…` link leads to.

    `message` is the text that a business has prepared; `verified_name` and `verified_level` are the business's.
    """

    jid: Jid
    push_name: str = ""
    kind: str = ""
    message: str | None = None
    verified_name: str | None = None
    verified_level: str | None = None
    is_signed: bool = False
