"""Notifications: the server tells what changed; each is acked, known or not.

<notification id="…" from="…" type="…" t="1700000000" [participant] [offline="0"]>…</notification>

type                      read by              gives
encrypt                   prekeys              PreKeysLow, IdentityChanged
devices                   devices              DevicesChanged
link_code_companion_reg   pairing_code         PrimaryHello, CodeRefresh
companion_reg_refresh     pairing              RegistrationRefresh
passkey_prologue_request  passkey              PasskeyAsked
crsc_continuation         passkey              PasskeyContinued
account_sync              notices.account      BlocklistChanged, DefaultTimerChanged, OwnDevicesChanged,
                                               OwnProfileChanged, PrivacyChanged, AccountChanges (several of them)
contacts                  notices.people       ContactChanged, NumberChanged, ContactSyncAsked
disappearing_mode         notices.people       ContactTimerChanged
business                  notices.business     BusinessChanged
mex                       notices.mex          MexUpdated
mediaretry                mediaretry           MediaRetried
privacy_token             tokens               TokensGiven
server_sync               here                 CollectionsChanged
picture                   here                 PictureChanged
status                    here                 StatusTextChanged
w:gp2                     groups.changes       GroupNotification
hosted, psa, server, …    here                 Notice, of a kind that is known though nobody needs to read it
anything else             here                 UnknownNotification

<notification type="server_sync" …><collection name="regular" version="12"/>…</notification>
<notification type="picture" …><set id="1700000000" [author="…"]/></notification>     (or <delete/>, or nothing: gone)
<notification type="status" …><set>new text</set></notification>
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from motte.core.binary.outline import outline
from motte.core.stanza import passkey, prekeys
from motte.core.stanza.blocklist import BlocklistChanged
from motte.core.stanza.devices import DevicesChanged, OwnDevicesChanged
from motte.core.stanza.groups.changes import GroupNotification
from motte.core.stanza.header import Header
from motte.core.stanza.mediaretry import MediaRetried
from motte.core.stanza.notices import account, business, mex, people
from motte.core.stanza.notices.account import AccountChanges, DefaultTimerChanged, OwnProfileChanged, PrivacyChanged
from motte.core.stanza.notices.business import BusinessChanged
from motte.core.stanza.notices.mex import MexUpdated
from motte.core.stanza.notices.people import ContactChanged, ContactSyncAsked, ContactTimerChanged, NumberChanged
from motte.core.stanza.pairing import RegistrationRefresh
from motte.core.stanza.pairing_code import CodeRefresh, PrimaryHello
from motte.core.stanza.pairing_code import read_notification as read_pairing_code
from motte.core.stanza.passkey import PasskeyAsked, PasskeyContinued
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
class Notice:
    """A notification of a kind that is known to exist, of which nothing is to be read; printable `outline`."""

    header: Header
    outline: str


@dataclass(frozen=True, slots=True)
class UnknownNotification:
    """A notification that this version does not read: the tags of its children, and a printable `outline`."""

    header: Header
    parts: tuple[str, ...]
    outline: str


Notification: TypeAlias = (
    AccountChanges
    | BlocklistChanged
    | BusinessChanged
    | CodeRefresh
    | CollectionsChanged
    | ContactChanged
    | ContactSyncAsked
    | ContactTimerChanged
    | DefaultTimerChanged
    | DevicesChanged
    | GroupNotification
    | IdentityChanged
    | MediaRetried
    | MexUpdated
    | Notice
    | NumberChanged
    | OwnDevicesChanged
    | OwnProfileChanged
    | PasskeyAsked
    | PasskeyContinued
    | PictureChanged
    | PreKeysLow
    | PrimaryHello
    | PrivacyChanged
    | RegistrationRefresh
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
    parts = tuple(part.tag for part in notification.children())
    return UnknownNotification(header, parts, outline(notification.node))


def _server_sync(notification: Reader, header: Header) -> Notification:
    collections = notification.children("collection")
    return CollectionsChanged(header, tuple((c.text("name"), c.optional_integer("version")) for c in collections))


def _picture(notification: Reader, header: Header) -> Notification | None:
    new = notification.optional_child("set") or notification.optional_child("add")
    gone = notification.optional_child("delete") or (None if notification.first() else notification)
    body = new or gone
    if body is None:
        return None
    owner = body.optional_jid("jid") or header.source
    picture_id = new.text("id") if new else None
    return PictureChanged(header=header, owner=owner, picture_id=picture_id, author=body.optional_jid("author"))


def _status(notification: Reader, header: Header) -> Notification | None:
    new = notification.optional_child("set")
    return StatusTextChanged(header, header.source, new.string()) if new else None


def _notice(notification: Reader, header: Header) -> Notification:
    return Notice(header, outline(notification.node))


NOTICES: Final = (
    "digital_commerce_subscription",
    "fb:update",
    "hosted",
    "newsletter",
    "pay",
    "psa",
    "registration",
    "server",
    "w:growth",
    "waffle",
)
"""Types that are known and told as they are."""
_Parser: TypeAlias = Callable[[Reader, Header], "Notification | None"]
_BY_TYPE: Final[Table[_Parser]] = Table(
    ("encrypt", prekeys.read_notification),
    ("devices", DevicesChanged.read),
    ("link_code_companion_reg", read_pairing_code),
    ("companion_reg_refresh", RegistrationRefresh.read),
    ("passkey_prologue_request", passkey.PasskeyAsked.read),
    ("crsc_continuation", passkey.PasskeyContinued.read),
    ("account_sync", account.read),
    ("contacts", people.read_contacts),
    ("disappearing_mode", people.read_disappearing_mode),
    ("business", business.read),
    ("mex", mex.read),
    ("mediaretry", MediaRetried.read),
    ("privacy_token", TokensGiven.read),
    ("server_sync", _server_sync),
    ("picture", _picture),
    ("status", _status),
    ("w:gp2", GroupNotification.read),
    *((kind, _notice) for kind in NOTICES),
)
