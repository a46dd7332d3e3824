"""What the server tells by itself about people, businesses and the account, and notifications that nobody reads."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from motte.events.base import Event
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Event):
    """Something about a person changed, for instance the name they show; fetch what you need again."""

    user: Jid
    timestamp: int | None = None

    @property
    def lane(self) -> Hashable:
        """In the order of the person's messages."""
        return self.user.user_jid


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNumberChanged(Event):
    """A person moved from the number `old` to `new`, both PNs; the LIDs where the server told them.

    Which number belongs to which LID is remembered by the client.
    """

    old: Jid
    new: Jid
    old_lid: Jid | None = None
    new_lid: Jid | None = None
    timestamp: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLidChanged(Event):
    """A person has another LID."""

    old: Jid
    new: Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTimerChanged(Event):
    """A person's default disappearing timer for new chats, in seconds (0: off)."""

    user: Jid
    duration: int
    set_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsernameChanged(Event):
    """A person (by LID) has another username, or with None none any more."""

    user: Jid
    username: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSyncRequested(Event):
    """The server asks to have the contacts fetched again, those that changed after `after` (unix seconds)."""

    after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessChanged(Event):
    """A business changed: `part` is `verified_name`, `remove` (it is none any more), `profile`, `product_catalog` or
    `subscriptions`.

    `user` is None when the server told a `hash` of the number alone. `name` is the verified name; `items` are the ids
    of products, collections or subscriptions.
    """

    part: str
    user: Jid | None
    hash: str | None = None
    name: str | None = None
    items: tuple[str, ...] = ()
    timestamp: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProfileChanged(Event):
    """Another device changed the own `picture` or about text (`status`); fetch it to see what it is now."""

    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachoutLimited(Event):
    """WhatsApp restricts the account: it may (`active`) start no chats with people who never wrote to it.

    `until` is in unix seconds, None when the server did not say; `kind` is its reason. With `active` false the
    restriction is lifted. Whoever sends to many people should stop now.
    """

    active: bool
    until: int | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCapping(Event):
    """How many new chats the account may still start: `used` of `total` in a cycle that ends at `until`.

    `status` is the server's word: `NONE`, `FIRST_WARNING`, `SECOND_WARNING`, `CAPPED`, ….
    """

    used: int | None
    total: int | None
    until: int | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MexUpdated(Event):
    """An update by GraphQL that motte does not read: the operation's name, and its data as parsed JSON."""

    operation: str
    data: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReceived(Event):
    """A notification of a known `type` that asks nothing of a client: `psa`, `hosted`, `server`, `pay`, ….

    `outline` shows its tags and attributes as one line, without its data.
    """

    type: str
    source: Jid
    outline: str
    timestamp: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownNotification(Event):
    """A notification that this version of motte does not know, which it has acked all the same.

    `parts` are the tags of its children; `outline` shows its tags and attributes as one line, without its data. A
    notification that breaks the protocol comes as this event, too, with the `problem` named.
    """

    type: str
    source: Jid
    parts: tuple[str, ...]
    outline: str
    problem: str | None = None
    timestamp: int | None = None
