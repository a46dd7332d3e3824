"""Notifications: the server tells what changed; each is acked, known or not.

<notification id="…" from="…" type="…" t="1700000000" [participant] [offline="0"]>…</notification>

type                     read by              gives
encrypt                  prekeys              PreKeysLow, IdentityChanged
devices                  devices              DevicesChanged
link_code_companion_reg  pairing_code         PrimaryHello
companion_reg_refresh    pairing_code         CodeRefresh
account_sync             blocklist, devices   BlocklistChanged, OwnDevicesChanged, DefaultTimerChanged
mediaretry               mediaretry           MediaRetried
privacy_token            tokens               TokensGiven
server_sync              here                 CollectionsChanged
picture                  here                 PictureChanged
status                   here                 StatusTextChanged
w:gp2                    groups.changes       GroupNotification
anything else                                 UnknownNotification

<notification type="server_sync" …><collection name="regular" version="12"/>…</notification>
<notification type="picture" …><set id="1700000000" [author="…"]/></notification>   (or <delete/>)
<notification type="status" …><set>new text</set></notification>
<notification type="account_sync" …><disappearing_mode duration="604800" t="…"/></notification>
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from motte.core.stanza import prekeys
from motte.core.stanza.blocklist import BlocklistChanged
from motte.core.stanza.devices import DevicesChanged, OwnDevicesChanged
from motte.core.stanza.groups.changes import GroupNotification
from motte.core.stanza.header import Header
from motte.core.stanza.mediaretry import MediaRetried
from motte.core.stanza.pairing_code import CodeRefresh, PrimaryHello
from motte.core.stanza.prekeys import IdentityChanged, PreKeysLow
from motte.core.stanza.reader import Reader
from motte.core.stanza.table import Table
from motte.core.stanza.tokens import TokensGiven
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True)
class CollectionsChanged:
    """App state changed: (collection, its new version), for each collection."""

    header: Header
    collections: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureChanged:
    """A person or a group has another picture; `picture_id` is None when it was removed."""

    header: Header
    owner: Jid
    picture_id: str | None
    author: Jid | None = None


@dataclass(frozen=True, slots=True)
class StatusTextChanged:
    """A person has another about text."""

    header: Header
    user: Jid
    text: str


@dataclass(frozen=True, slots=True)
class DefaultTimerChanged:
    """The account's default disappearing timer changed, to so many seconds (0: off)."""

    header: Header
    duration: int
    set_at: int | None = None


@dataclass(frozen=True, slots=True)
class UnknownNotification:
    """A notification that this version does not read; `parts` are the tags of its children."""

    header: Header
    parts: tuple[str, ...]


Notification: TypeAlias = (
    BlocklistChanged
    | CodeRefresh
    | CollectionsChanged
    | DefaultTimerChanged
    | DevicesChanged
    | GroupNotification
    | IdentityChanged
    | MediaRetried
    | OwnDevicesChanged
    | PictureChanged
    | PreKeysLow
    | PrimaryHello
    | StatusTextChanged
    | TokensGiven
    | UnknownNotification
)


def read(notification: Reader) -> Notification:
    """The value of a `<notification>`."""
    header = Header.read(notification)
    parser = _BY_TYPE.get(header.type or "")
    value = parser(notification, header) if parser else None
    if value is not None:
        return value
    return UnknownNotification(header, tuple(part.tag for part in notification.children()))


def _account_sync(notification: Reader, header: Header) -> Notification | None:
    body = notification.first()
    if body is None:
        return None
    match body.tag:
        case "blocklist":
            return BlocklistChanged.read(body, header)
        case "devices":
            return OwnDevicesChanged.read(body, header)
        case "disappearing_mode":
            return DefaultTimerChanged(header, body.integer("duration"), body.optional_integer("t"))
    return None


def _server_sync(notification: Reader, header: Header) -> Notification:
    collections = notification.children("collection")
    return CollectionsChanged(header, tuple((c.text("name"), c.optional_integer("version")) for c in collections))


def _picture(notification: Reader, header: Header) -> Notification | None:
    new, gone = notification.optional_child("set"), notification.optional_child("delete")
    body = new or gone
    if body is None:
        return None
    owner = body.optional_jid("jid") or header.source
    picture_id = new.text("id") if new else None
    return PictureChanged(header=header, owner=owner, picture_id=picture_id, author=body.optional_jid("author"))


def _status(notification: Reader, header: Header) -> Notification | None:
    new = notification.optional_child("set")
    return StatusTextChanged(header, header.source, new.string()) if new else None


_Parser: TypeAlias = Callable[[Reader, Header], "Notification | None"]
_BY_TYPE: Final[Table[_Parser]] = Table(
    ("encrypt", prekeys.read_notification),
    ("devices", DevicesChanged.read),
    ("link_code_companion_reg", PrimaryHello.read),
    ("companion_reg_refresh", lambda notification, header: CodeRefresh(header)),
    ("account_sync", _account_sync),
    ("mediaretry", MediaRetried.read),
    ("privacy_token", TokensGiven.read),
    ("server_sync", _server_sync),
    ("picture", _picture),
    ("status", _status),
    ("w:gp2", GroupNotification.read),
)
