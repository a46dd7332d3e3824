"""Places. Latitudes and longitudes are in degrees, north and east positive."""

from __future__ import annotations

from dataclasses import dataclass, field

from motte.model.content.context import InContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(InContext):
    """A place. `thumbnail` is a small JPEG of the map, `accuracy` in metres."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None
    url: str | None = None
    comment: str | None = None
    accuracy: int | None = None
    is_live: bool = False
    thumbnail: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLocation(InContext):
    """A place that moves.

    `accuracy` is in metres, `speed` in metres a second, `bearing` in degrees clockwise from magnetic north;
    `sequence` grows with every update, `time_offset` is the seconds since the sharing began.
    """

    latitude: float
    longitude: float
    accuracy: int | None = None
    speed: float | None = None
    bearing: int | None = None
    caption: str = ""
    sequence: int | None = None
    time_offset: int | None = None
    thumbnail: bytes | None = field(default=None, repr=False)
