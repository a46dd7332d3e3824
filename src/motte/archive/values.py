"""What the archive answers. Times are unix seconds; people go by their phone number as soon as it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from motte.model.appstate import FOREVER
from motte.model.content import Content, Poll
from motte.model.group import GroupRole
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.message import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedChat:
    """A chat. `name` is the best that is known: a group's subject, what the account or the person calls them.

    `timer` is after how many seconds new messages disappear; `muted_until` may be `FOREVER`.
    """

    jid: Jid
    lid: Jid | None = None
    name: str | None = None
    unread: int = 0
    marked_unread: bool = False
    archived: bool = False
    pinned_at: int | None = None
    muted_until: int | None = None
    locked: bool = False
    timer: int | None = None
    active_at: int = 0

    def is_muted(self, now: float) -> bool:
        """Whether it makes no noise at `now`."""
        return self.muted_until is not None and (self.muted_until == FOREVER or self.muted_until > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedMessage:
    """A message as it is now: with its newest text if it was edited, without content (None) if it was deleted.

    `raw` is the serialised protobuf as it came first. `number` is the archive's own, which breaks ties of time.
    """

    key: MessageKey
    timestamp: int
    content: Content | None
    origin: Origin
    push_name: str | None = None
    edited_at: int | None = None
    revoked_at: int | None = None
    revoked_by: Jid | None = None
    starred: bool = False
    kept: bool = False
    pinned_until: int | None = None
    raw: bytes | None = field(default=None, repr=False)
    number: int = 0

    @property
    def revoked(self) -> bool:
        """Whether it was deleted for everybody."""
        return self.revoked_at is not None

    @property
    def text(self) -> str | None:
        """Its text, if that is what it is."""
        text = getattr(self.content, "text", None)
        return text if isinstance(text, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedContact:
    """A person, by both addresses, and what they are called: by the account, by themselves, as a business."""

    jid: Jid
    lid: Jid | None = None
    saved_name: str | None = None
    first_name: str | None = None
    push_name: str | None = None
    verified_name: str | None = None
    username: str | None = None

    @property
    def name(self) -> str | None:
        """What to call them."""
        return self.saved_name or self.verified_name or self.push_name or self.username


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedMember:
    """Somebody who is in a group, or was until `left_at`."""

    jid: Jid
    role: GroupRole
    lid: Jid | None = None
    left_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedGroup:
    """A group; `gone` says that the account is not in it any more. `timer` is in seconds, 0 for none."""

    jid: Jid
    subject: str | None = None
    description: str | None = None
    creator: Jid | None = None
    created_at: int | None = None
    announcement: bool = False
    locked: bool = False
    timer: int = 0
    community: Jid | None = None
    gone: bool = False
    members: tuple[ArchivedMember, ...] = ()
    past_members: tuple[ArchivedMember, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedReceipt:
    """When somebody first received, read and played a message; None for what was not reported."""

    person: Jid
    delivered_at: int | None = None
    read_at: int | None = None
    played_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedReaction:
    """Somebody's emoji on a message; `at_ms` is in unix milliseconds."""

    person: Jid
    emoji: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPoll:
    """A poll and its votes: who chose each option."""

    poll: Poll
    results: Mapping[str, tuple[Jid, ...]]
