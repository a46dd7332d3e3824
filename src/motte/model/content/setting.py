"""What is set for a whole chat by a message in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DisappearingTimer:
    """New messages disappear after this many seconds (a day, a week, 90 days); 0 switches it off.

    For direct chats; a group's timer is a setting of the group.
    """

    seconds: int


@dataclass(frozen=True, slots=True)
class LimitSharing:
    """Advanced chat privacy on or off: content is not to leave the chat."""

    limited: bool


@dataclass(frozen=True, slots=True)
class MemberLabel:
    """The tag that a member gives itself in a group; an empty one takes it away."""

    label: str
