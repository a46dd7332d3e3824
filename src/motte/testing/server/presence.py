"""Presence and typing: states that matter now, and so do not go through mailboxes.

    <presence type="available" name="Ann"/>  <presence type="unavailable"/>
    <presence type="subscribe" to="B@lid"/>           → <presence from="B@lid"/> at once, then on each change
    <presence from="B@lid" type="unavailable" last="1700000000"/>
    <presence type="subscribe" to="1203…01@g.us"/>    → <presence from="1203…01@g.us" count="2"/>, likewise
    <chatstate to="B@lid"><composing media="audio"/></chatstate>  → <chatstate from="A@lid"><composing/></chatstate>
    <chatstate to="1203…01@g.us"><composing/></chatstate>         → <chatstate from="1203…01@g.us" participant="A@lid">…

An absent device finds, when it comes back, only the latest state of each kind from each person; typing only when it is
younger than `Settings.chatstate_ttl`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.groups import Group
from motte.testing.server.hub import Hub, StanzaHandler
from motte.testing.server.privacy import shows
from motte.testing.server.reader import jid
from motte.testing.server.trust import admits
from motte.testing.server.whereabouts import Held


def _presence(hub: Hub, sender: Device, node: Node) -> None:
    if "name" in node.attrs:
        sender.account.profile.push_name = node.attrs["name"]
    kind = node.attrs.get("type", "available")
    if kind == "subscribe":
        watched = jid(node, "to").user_jid
        if group := hub.groups.get(watched):
            _subscribe_group(hub, sender, group)
        else:
            _subscribe(hub, sender, watched, node)
    elif kind == "unsubscribe":
        account = hub.directory.account(jid(node, "to"))
        if account:
            hub.whereabouts.watchers.get(account, {}).pop(sender, None)
    elif kind in ("available", "unavailable") and "type" in node.attrs:
        _set(hub, sender, available=kind == "available")


def _subscribe(hub: Hub, sender: Device, watched: Jid, node: Node) -> None:
    account = hub.directory.account(watched)
    if account is None or not admits(hub, account, sender.account, node) or sender.account in account.profile.blocked:
        return
    hub.whereabouts.watchers.setdefault(account, {})[sender] = watched
    hub.deliver(sender, _state(hub, account, sender.account, watched))


def _subscribe_group(hub: Hub, sender: Device, group: Group) -> None:
    if sender.account in group.members:
        hub.whereabouts.group_watchers.setdefault(group, set()).add(sender)
        hub.deliver(sender, _crowd(hub, group))


def _crowd(hub: Hub, group: Group) -> Node:
    """How many members of a group are there."""
    present = sum(hub.whereabouts.is_available(member) for member in group.members)
    return Node("presence", {"from": str(group.jid), "count": str(present)})


def _set(hub: Hub, device: Device, *, available: bool) -> None:
    whereabouts, account = hub.whereabouts, device.account
    before = whereabouts.is_available(account)
    if available:
        whereabouts.available.add(device)
    else:
        whereabouts.available.discard(device)
    if whereabouts.is_available(account) == before:
        return
    if before:
        whereabouts.last_seen[account] = hub.now
    for watcher, watched in whereabouts.watchers.get(account, {}).items():
        if shows(account, "online", watcher.account):
            _give(hub, watcher, _state(hub, account, watcher.account, watched), float("inf"))
    for group in hub.groups.of(account):
        for watcher in whereabouts.group_watchers.get(group, ()):
            if watcher.account in group.members:
                _give(hub, watcher, _crowd(hub, group), float("inf"))


def _state(hub: Hub, account: Account, viewer: Account, watched: Jid) -> Node:
    attrs = {"from": str(watched)}
    if not (hub.whereabouts.is_available(account) and shows(account, "online", viewer)):
        last = hub.whereabouts.last_seen.get(account) if shows(account, "last", viewer) else None
        attrs |= {"type": "unavailable", "last": str(last) if last else "deny"}
    return Node("presence", attrs)


def _chatstate(hub: Hub, sender: Device, node: Node) -> None:
    chat = jid(node, "to")
    if group := hub.groups.get(chat):
        _group_chatstate(hub, sender, node, group)
        return
    account = hub.directory.account(chat)
    if account is None or account is sender.account or sender.account in account.profile.blocked:
        return
    passed_on = Node("chatstate", {"from": str(sender.account.jid(like=chat))}, node.content)
    for device in account.companions:
        _give(hub, device, passed_on, hub.clock() + hub.settings.chatstate_ttl)


def _group_chatstate(hub: Hub, sender: Device, node: Node, group: Group) -> None:
    if sender.account not in group.members:
        return
    attrs = {"from": str(group.jid), "participant": str(group.jid_of(sender.account))}
    for account in group.members:
        for device in account.companions if account is not sender.account else ():
            _give(hub, device, Node("chatstate", attrs, node.content), hub.clock() + hub.settings.chatstate_ttl)


def _give(hub: Hub, device: Device, node: Node, expires: float) -> None:
    """Deliver now, or hold as the latest of its kind from its sender."""
    if device.outlet is not None:
        hub.deliver(device, node)
    else:
        author = node.attrs["from"] + node.attrs.get("participant", "")
        hub.whereabouts.held.setdefault(device, {})[node.tag, author] = Held(node, expires)


def arrived(hub: Hub, device: Device) -> None:
    """A device has logged in: it gets what was held and is still fresh."""
    for held in hub.whereabouts.held.pop(device, {}).values():
        if held.expires > hub.clock():
            hub.deliver(device, held.node)


def departed(hub: Hub, device: Device) -> None:
    """A device has disconnected: it is no longer available."""
    _set(hub, device, available=False)


STANZAS: Final[Mapping[str, StanzaHandler]] = {"presence": _presence, "chatstate": _chatstate}
