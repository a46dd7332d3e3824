"""User sync: who has an account, with which devices, LID, about text.

    <iq type="get" xmlns="usync"><usync sid="…" mode="query" context="message" last="true" index="0">
        <query><devices version="2"/><lid/></query>
        <list><user jid="…"/><user><contact>+15550100001</contact></user></list></usync></iq>
    → <usync …><result><devices/><lid/></result><list>
        <user jid="…"><devices><device-list><device id="0"/><device id="1" key-index="1"/></device-list>
            <key-index-list ts="…">…</key-index-list></devices><lid val="…@lid"/></user></list></usync>

A user that does not exist is left out of the list, except when the question is whether it does (`contact`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.model.jid import PN, Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.business import verified_name
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.privacy import shows
from motte.testing.server.reader import as_jid, child


def _devices(account: Account) -> Node:
    listed = [Node("device", {"id": "0"})]
    listed += [Node("device", {"id": str(d.number), "key-index": str(d.key_index)}) for d in account.companions]
    indexes = (key_index_list(account),) if account.key_index_list else ()
    return Node("devices", {}, (Node("device-list", {}, tuple(listed)), *indexes))


def key_index_list(account: Account) -> Node:
    """The phone's signed list of the key indexes that are valid, with its time."""
    return Node("key-index-list", {"ts": str(account.key_index_time)}, account.key_index_list)


def _status(account: Account, viewer: Account) -> Node:
    profile = account.profile
    if not shows(account, "status", viewer):
        return Node("status", {"code": "401"})
    return Node("status", {"t": str(profile.about_set_at)}, profile.about.encode() or None)


def _disappearing(account: Account) -> Node:
    profile = account.profile
    return Node("disappearing_mode", {"duration": str(profile.disappearing), "t": str(profile.disappearing_set_at)})


def _business(account: Account) -> Node:
    card = account.profile.business
    return Node("business", {}, (verified_name(card),) if card else None)


_PROTOCOLS: Final[Mapping[str, Callable[[Account, Account], Node]]] = {
    "devices": lambda account, _: _devices(account),
    "lid": lambda account, _: Node("lid", {"val": str(account.lid)}),
    "status": _status,
    "disappearing_mode": lambda account, _: _disappearing(account),
    "business": lambda account, _: _business(account),
}


def _usync(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    usync = child(iq, "usync")
    protocols = [node.tag for node in child(usync, "query").children]
    users = (_user(hub, device, user, protocols) for user in child(usync, "list").all("user"))
    known = tuple(Node(tag) for tag in protocols if tag in _PROTOCOLS or tag == "contact")
    answer = (Node("result", {}, known or None), Node("list", {}, tuple(user for user in users if user)))
    return (Node("usync", dict(usync.attrs), answer),)


def _user(hub: Hub, device: Device, user: Node, protocols: list[str]) -> Node | None:
    jid = _asked(user)
    account = hub.directory.account(jid) if jid else None
    contact: tuple[Node, ...] = ()
    if "contact" in protocols:
        asked = user.child("contact")
        contact = (Node("contact", {"type": "in" if account else "out"}, asked.data or None if asked else None),)
    if account is None:
        return Node("user", {"jid": str(jid)}, contact) if contact and jid else None
    answers = tuple(_PROTOCOLS[tag](account, device.account) for tag in protocols if tag in _PROTOCOLS)
    return Node("user", {"jid": str(jid)}, (*contact, *answers))


def _asked(user: Node) -> Jid | None:
    """Whom a `<user>` asks about: a JID, or the digits of a phone number."""
    if "jid" in user.attrs:
        return as_jid(user.attrs["jid"]).user_jid
    contact = user.child("contact")
    digits = contact.data.decode("ascii", "ignore").lstrip("+") if contact else ""
    return Jid(digits, PN) if digits.isdigit() else None


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {("usync", "usync"): _usync}
