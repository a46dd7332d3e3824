"""Who is online, and who is typing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from motte.model.jid import Jid


class Availability(StrEnum):
    """Whether somebody is looking at WhatsApp."""

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"


class Activity(StrEnum):
    """What somebody is doing in a chat."""

    COMPOSING = "composing"
    RECORDING = "recording"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Whether `user` is online.

    `last_seen` is unix seconds; None when unknown or hidden, which of the two `last_seen_hidden` says. For a group,
    `online_count` says how many are there.
    """

    user: Jid
    availability: Availability
    last_seen: int | None = None
    online_count: int | None = None
    last_seen_hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatState:
    """What `user` is doing in `chat`."""

    chat: Jid
    user: Jid
    activity: Activity
