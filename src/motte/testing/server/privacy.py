"""Who may see and do what: the settings, and the contacts for whom a setting does not hold.

<iq type="get" xmlns="privacy"><privacy/></iq>   → <privacy><category name="last" value="all"/>…</privacy>
<iq type="set" xmlns="privacy"><privacy><category name="last" value="contacts"/></privacy></iq>

<iq type="get" xmlns="privacy"><privacy addressing_mode="lid">
    <list name="last" value="contact_blacklist"/></privacy></iq>
    → <privacy><list name="last" value="contact_blacklist" dhash="…"><user jid="B@lid" pn_jid="…"/></list></privacy>
<iq type="set" xmlns="privacy"><privacy addressing_mode="lid"><category name="last" value="contact_blacklist" dhash="…">
    <user action="add|remove" jid="B@lid"/></category></privacy></iq>    another dhash than the list's is refused: 409

To the account's other devices:
<notification type="account_sync"><privacy><category name="last" value="contacts"/></privacy></notification>

An account's contacts are those with whom it exchanged messages.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import Refused, attr, child, jid

_SEEN: Final = ("all", "contacts", "contact_blacklist", "none")
VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "readreceipts": ("all", "none"),
    "profile": _SEEN,
    "status": _SEEN,
    "online": ("all", "match_last_seen"),
    "last": _SEEN,
    "groupadd": _SEEN,
    "calladd": ("all", "known", "contacts"),
    "messages": ("all", "contacts"),
    "defense": ("off", "on_standard"),
    "stickers": ("contacts", "contact_allowlist", "none"),
}
"""What each category may be; the first one holds until another one is set."""
NO_LIST: Final = "none"


def shows(account: Account, category: str, viewer: Account) -> bool:
    """Whether an account lets somebody see what a category is about."""
    if viewer is account:
        return True
    if viewer in account.profile.blocked:
        return False
    value = account.profile.privacy.get(category, VALUES[category][0])
    if value == "match_last_seen":
        return shows(account, "last", viewer)
    known = viewer in account.contacts
    if value == "contact_blacklist":
        return known and viewer not in account.profile.excepted.get(category, set())
    return value == "all" or (value == "contacts" and known)


def list_hash(accounts: Iterable[Account]) -> str:
    """What names the state of a list of people; `none` for an empty one."""
    spelled = "".join(sorted(str(account.lid) for account in accounts))
    return base64.b64encode(hashlib.sha256(spelled.encode()).digest()[:6]).decode() if spelled else NO_LIST


def tell_others(hub: Hub, author: Device, *children: Node) -> None:
    """Tell the account's other companions that one of its devices changed something of it."""
    for device in author.account.companions:
        if device is not author:
            hub.notify(device, "account_sync", *children, sender=str(author.account.pn))


def _privacy(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    asked = child(iq, "privacy")
    if iq.attrs.get("type") == "set":
        return _set(hub, device, asked)
    if listed := asked.child("list"):
        return _list(device.account, attr(listed, "name"))
    chosen = device.account.profile.privacy
    values = {name: chosen.get(name, allowed[0]) for name, allowed in VALUES.items()}
    return (Node("privacy", {}, tuple(Node("category", {"name": n, "value": v}) for n, v in values.items())),)


def _set(hub: Hub, device: Device, asked: Node) -> tuple[Node, ...]:
    categories = list(asked.all("category"))
    for category in categories:
        allowed = VALUES.get(attr(category, "name"))
        if allowed is None or attr(category, "value") not in allowed:
            raise Refused(400, "there is no such privacy setting")
    answers: list[Node] = []
    for category in categories:
        name, value = category.attrs["name"], category.attrs["value"]
        attrs = {"name": name, "value": value}
        if value == "contact_blacklist":
            attrs["dhash"] = _except(hub, device.account, category)
        device.account.profile.privacy[name] = value
        answers.append(Node("category", attrs))
    tell_others(hub, device, Node("privacy", {}, tuple(answers)))
    return (Node("privacy", {}, tuple(answers)),)


def _except(hub: Hub, account: Account, category: Node) -> str:
    before = account.profile.excepted.get(category.attrs["name"], set())
    if category.attrs.get("dhash", NO_LIST) != list_hash(before):
        raise Refused(409, "the list has changed")
    after = set(before)
    for user in category.all("user"):
        person = hub.directory.account(jid(user, "jid"))
        if person is None or not jid(user, "jid").is_lid:
            raise Refused(400, "people in a list go by LID")
        if attr(user, "action") == "add":
            after.add(person)
        else:
            after.discard(person)
    account.profile.excepted[category.attrs["name"]] = after
    return list_hash(after)


def _list(account: Account, name: str) -> tuple[Node, ...]:
    if "contact_blacklist" not in VALUES.get(name, ()):
        raise Refused(400, "this privacy setting has no list")
    people = sorted(account.profile.excepted.get(name, set()), key=lambda person: person.lid)
    users = tuple(Node("user", {"jid": str(person.lid), "pn_jid": str(person.pn)}) for person in people)
    attrs = {"name": name, "value": "contact_blacklist", "dhash": list_hash(people)}
    return (Node("privacy", {}, (Node("list", attrs, users),)),)


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {("privacy", "privacy"): _privacy}
