"""Messages of groups and of the status list: one sender key message in, a copy out to each device.

In, from a device of A (`<participants>` hands its sender key to the devices that lack it):

    <message id="3EB0…" to="1203…01@g.us" type="text" addressing_mode="lid" [phash="2:…"]>
        <participants><to jid="B@lid"><enc v="2" type="pkmsg">…</enc></to></participants>
        <enc v="2" type="skmsg">…</enc><device-identity>…</device-identity></message>
    <message id="3EB0…" to="1203…01@g.us" participant="B:2@lid" type="text"><enc v="2" type="pkmsg" count="1">…

Out, to every device of every member but the sending one (of a resend, to the one that it names):

    <message id="3EB0…" from="1203…01@g.us" participant="A:3@lid" participant_pn="A@s.whatsapp.net" notify="Ann"
             addressing_mode="lid" t="…" type="text"><enc type="pkmsg"/><enc type="skmsg"/><device-identity/></message>

A status goes to the devices that `<participants>` names, with or without an `<enc>`, and to the own ones; when it names
nobody, to everybody that the account knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from motte.core.binary.node import Node
from motte.model.jid import LID, PN, Jid
from motte.testing.server.accounts import Device
from motte.testing.server.devices import participant_hash
from motte.testing.server.groups import Group
from motte.testing.server.hub import Hub
from motte.testing.server.reader import Refused, attr, jid, optional_jid

_NOT_PASSED_ON: Final = frozenset({"id", "to", "from", "t", "phash", "device_fanout", "participant", "recipient"})
_FAN_OUT: Final = frozenset({"participants", "enc"})
_REVOKED_BY_ADMIN: Final = "8"
STALE_ADDRESSING: Final = 421


def to_group(hub: Hub, sender: Device, message: Node, chat: Jid) -> int | None:
    """A message to a group; `Refused` when the sender may not write there."""
    group = hub.groups.require(chat)
    group.require_member(sender.account)
    if message.attrs.get("edit") == _REVOKED_BY_ADMIN or not _open_to_all(group, message):
        group.require_admin(sender.account)
    if message.attrs.get("addressing_mode", group.mode) != group.mode:
        raise Refused(STALE_ADDRESSING, "the group has another addressing mode")
    _fan_out(hub, sender, message, chat, _narrowed(hub, message, group.devices), group.like)
    return None


def _open_to_all(group: Group, message: Node) -> bool:
    """Whether every member may send this: not among announcements, except again, or as a reaction in a community."""
    reacts = group.default_subgroup and message.attrs.get("type") == "reaction"
    return not group.announcement or "participant" in message.attrs or reacts


def expected(sender: Device, group: Group) -> list[Jid]:
    """The devices that a message to a group should reach."""
    return [device.jid(like=group.like) for device in group.devices if device is not sender]


def right_hash(sender: Device, group: Group, given: str) -> str | None:
    """The hash that a sender should have come to; None when it has. The sending device may be counted or not."""
    others = expected(sender, group)
    rights = participant_hash(others), participant_hash([*others, sender.jid(like=group.like)])
    return None if given in rights else rights[0]


def to_status(hub: Hub, sender: Device, message: Node, chat: Jid) -> int | None:
    """A status update for the audience that the sender chose."""
    participants = message.child("participants")
    named = [jid(to, "jid") for to in participants.all("to")] if participants else []
    mode = {"pn": Jid("", PN), "lid": Jid("", LID)}.get(message.attrs.get("addressing_mode", ""))
    like = mode or (named[0] if named else Jid("", LID))
    if named:
        found = [hub.directory.device(one) for one in named]
        audience = [device for device in found if device is not None]
    else:
        audience = [device for account in sender.account.contacts for device in account.devices.values()]
    audience = [device for device in audience if sender.account not in device.account.profile.blocked]
    _fan_out(hub, sender, message, chat, _narrowed(hub, message, [*audience, *sender.account.devices.values()]), like)
    return None


def _narrowed(hub: Hub, message: Node, devices: Iterable[Device]) -> list[Device]:
    """All devices once, or of a resend the one that it is for."""
    wanted = optional_jid(message, "participant")
    if wanted is None:
        return list(dict.fromkeys(devices))
    target = hub.directory.device(wanted)
    return [device for device in dict.fromkeys(devices) if device is target]


def _fan_out(hub: Hub, sender: Device, message: Node, chat: Jid, devices: Iterable[Device], like: Jid) -> None:
    for_all = tuple(message.all("enc"))
    for_one = _for_one(hub, message)
    attrs = _attrs(hub, sender, message, chat, like)
    rest = tuple(node for node in message.children if node.tag not in _FAN_OUT)
    for device in devices:
        encrypted = (*for_one.get(device, ()), *for_all)
        if device is not sender and encrypted:
            hub.deliver(device, Node("message", dict(attrs), (*encrypted, *rest)))


def _for_one(hub: Hub, message: Node) -> dict[Device, tuple[Node, ...]]:
    participants = message.child("participants")
    found = ((hub.directory.device(jid(to, "jid")), to) for to in (participants.all("to") if participants else ()))
    return {device: tuple(to.all("enc")) for device, to in found if device is not None}


def _attrs(hub: Hub, sender: Device, message: Node, chat: Jid, like: Jid) -> dict[str, str]:
    attrs = {name: value for name, value in message.attrs.items() if name not in _NOT_PASSED_ON}
    attrs |= {"id": attr(message, "id"), "from": str(chat), "t": str(hub.now)}
    attrs |= {"notify": sender.account.profile.push_name, "addressing_mode": "lid" if like.is_lid else "pn"}
    return attrs | author(sender, like)


def author(device: Device, like: Jid) -> dict[str, str]:
    """Which device of a group something is from: `participant`, and `participant_pn` or `participant_lid`."""
    other = ("participant_pn", device.account.pn) if like.is_lid else ("participant_lid", device.account.lid)
    return {"participant": str(device.jid(like=like)), other[0]: str(other[1])}
