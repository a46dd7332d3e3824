"""What is done to another message: `target` names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from motte.model.key import MessageKey

if TYPE_CHECKING:
    from motte.model.content import Content

DAY = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """An emoji on a message; an empty one takes it back. `timestamp_ms` is the sender's clock."""

    target: MessageKey
    emoji: str
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A message's new content, of the same kind: a text, or a picture with another caption."""

    target: MessageKey
    content: Content
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """Deletes a message for everybody: an own one, or as an admin of the group somebody else's."""

    target: MessageKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Pins a message in the chat for everybody, for `duration` seconds (1, 7 or 30 days)."""

    target: MessageKey
    duration: int = 7 * DAY
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpin:
    """Takes a pin away."""

    target: MessageKey
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Keeps a message that would disappear, or with `keep=False` lets it go again."""

    target: MessageKey
    keep: bool = True
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on a message of an announcement group."""

    target: MessageKey
    content: Content
