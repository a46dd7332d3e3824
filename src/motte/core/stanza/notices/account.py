"""Another device, or the server, changed something of the own account: `account_sync`, one part for each change.

<notification type="account_sync" from="15550100001@s.whatsapp.net" …>
  <blocklist action="modify" dhash="…" prev_dhash="…"><item jid="…@lid" action="block"/></blocklist>
  <devices dhash="2:…"><device jid="15550100001:3@s.whatsapp.net"/></devices>
  <disappearing_mode duration="604800" t="…"/>
  <privacy><category name="last" value="contacts"/></privacy>
  <picture/> <status/>                                (fetch the own picture or about text again)
</notification>
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from motte.core.stanza.blocklist import BlocklistChanged
from motte.core.stanza.devices import OwnDevicesChanged
from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader


@dataclass(frozen=True, slots=True)
class DefaultTimerChanged:
    """The account's default disappearing timer changed, to so many seconds (0: off)."""

    header: Header
    duration: int
    set_at: int | None = None


@dataclass(frozen=True, slots=True)
class PrivacyChanged:
    """Privacy settings changed: category → value, as the server names them. Empty: fetch all of them again."""

    header: Header
    values: Mapping[str, str] = field(default_factory=dict)


class OwnPart(StrEnum):
    """A part of the own profile."""

    PICTURE = "picture"
    ABOUT = "status"


@dataclass(frozen=True, slots=True)
class OwnProfileChanged:
    """The own picture or about text changed on another device; what it is now, one has to ask."""

    header: Header
    part: OwnPart


AccountChange: TypeAlias = (
    BlocklistChanged | DefaultTimerChanged | OwnDevicesChanged | OwnProfileChanged | PrivacyChanged
)


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """Several changes in one notification; `unread` are the tags of the parts that this version cannot read."""

    header: Header
    changes: tuple[AccountChange, ...]
    unread: tuple[str, ...] = ()


def read(notification: Reader, header: Header) -> AccountChange | AccountChanges | None:
    """The value of an `account_sync`; None when no part of it is known."""
    parts = [(part.tag, _change(part, header)) for part in notification.children()]
    changes = tuple(change for _, change in parts if change is not None)
    unread = tuple(tag for tag, change in parts if change is None)
    if len(changes) == 1 and not unread:
        return changes[0]
    return AccountChanges(header, changes, unread) if changes else None


def _change(body: Reader, header: Header) -> AccountChange | None:
    match body.tag:
        case "blocklist":
            return BlocklistChanged.read(body, header)
        case "devices":
            return OwnDevicesChanged.read(body, header)
        case "disappearing_mode":
            return DefaultTimerChanged(header, body.integer("duration"), body.optional_integer("t"))
        case "privacy":
            categories = body.children("category")
            return PrivacyChanged(header, {one.text("name"): one.text("value") for one in categories})
        case tag if tag in _OWN_PARTS:
            return OwnProfileChanged(header, OwnPart(tag))
    return None


_OWN_PARTS: Final = frozenset(OwnPart)
