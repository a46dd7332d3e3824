"""What the phone's history says of chats and people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from motte.model.jid import Jid
from motte.model.key import MessageKey


class HistoryKind(StrEnum):
    """What a part of the history is."""

    INITIAL_BOOTSTRAP = "INITIAL_BOOTSTRAP"
    """All chats, each with its newest few messages."""
    INITIAL_STATUS_V3 = "INITIAL_STATUS_V3"
    """Status posts."""
    FULL = "FULL"
    """Older messages, for a client that asked for everything when it was linked."""
    RECENT = "RECENT"
    """Messages of the last months."""
    PUSH_NAME = "PUSH_NAME"
    """How people call themselves."""
    NON_BLOCKING_DATA = "NON_BLOCKING_DATA"
    """Former members of groups, calls, stickers, settings."""
    ON_DEMAND = "ON_DEMAND"
    """What `client.history.fetch` asked for."""
    NO_HISTORY = "NO_HISTORY"
    """The phone has none to give."""
    MESSAGE_ACCESS_STATUS = "MESSAGE_ACCESS_STATUS"
    """Whether this device may see all messages; no messages come with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryChat:
    """A chat as the phone shows it. Times are in unix seconds; None where the phone says nothing.

    `name` is the phone's name for it, `pn` and `lid` the two addresses of the person. `timer` is after how many seconds
    new messages disappear, since `timer_set_at`. `newest`, of `newest_at`, is the newest message among those that came
    along, and `has_more` says whether the phone has older ones than it sent.
    """

    jid: Jid
    name: str | None = None
    description: str | None = None
    pn: Jid | None = None
    lid: Jid | None = None
    username: str | None = None
    unread: int = 0
    marked_unread: bool = False
    archived: bool = False
    pinned_at: int | None = None
    muted_until: int | None = None
    locked: bool = False
    read_only: bool = False
    active_at: int = 0
    timer: int | None = None
    timer_set_at: int = 0
    newest: MessageKey | None = None
    newest_at: int = 0
    has_more: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryContact:
    """What a person is called: `push_name` by themselves, `verified_name` as a business, `name` by the phone."""

    jid: Jid
    name: str | None = None
    push_name: str | None = None
    verified_name: str | None = None
    username: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMember:
    """Somebody who was in a group until `left_at` (unix seconds), and went or was `removed`."""

    group: Jid
    user: Jid
    left_at: int
    removed: bool
