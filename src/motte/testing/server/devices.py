"""Devices come and go: the key-index list, the notifications about it, and removal.

<notification type="devices" from="15550100001@s.whatsapp.net" lid="…@lid" id="…" t="…">
    <add device_hash="2:…"><device jid="15550100001:1@s.whatsapp.net" key-index="1"/>
        <key-index-list ts="…">…</key-index-list></add></notification>
<iq type="set" xmlns="md"><remove-companion-device jid="15550100001:1@s.whatsapp.net" reason="user_initiated"/></iq>
<stream:error code="401"><conflict type="device_removed"/></stream:error>
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import Refused, child, jid
from motte.testing.server.usync import key_index_list

REMOVED: Final = Node("stream:error", {"code": "401"}, (Node("conflict", {"type": "device_removed"}),))


def participant_hash(jids: Iterable[Jid]) -> str:
    """The hash of a device list: `2:` and six bytes of SHA-256 over the sorted `user.0:device@server`, in base64."""
    spelled = sorted(f"{jid.user}.0:{jid.device}@{jid.server}" for jid in jids)
    return "2:" + base64.b64encode(hashlib.sha256("".join(spelled).encode()).digest()[:6]).decode()


def announce(hub: Hub, device: Device, change: str) -> None:
    """Tell the account's other devices, everybody it talked with and its groups that a device was added or removed."""
    account = device.account
    listed = Node("device", {"jid": str(device.pn), "lid": str(device.lid), "key-index": str(device.key_index)})
    attrs = {"device_hash": participant_hash(other.pn for other in account.devices.values())}
    what = Node(change, attrs, (listed, key_index_list(account)))
    for other in (one for who in (account, *acquainted(hub, account)) for one in who.companions):
        if other is not device:
            hub.notify(other, "devices", what, sender=str(account.pn), lid=str(account.lid))


def acquainted(hub: Hub, account: Account) -> list[Account]:
    """Whom changes of an account concern: who exchanged messages with it, or shares a group."""
    sharing = (member for group in hub.groups.of(account) for member in group.members)
    return [other for other in dict.fromkeys((*account.contacts, *sharing)) if other is not account]


def remove(hub: Hub, device: Device) -> None:
    """Unlink a companion: it is told and disconnected, its phone signs a new key-index list, others are told."""
    account = device.account
    account.devices.pop(device.number, None)
    account.phone.sign_key_indexes()
    if device.outlet is not None:
        device.outlet.send(REMOVED)
        device.outlet.end()
    announce(hub, device, "remove")


def _remove(hub: Hub, sender: Device, iq: Node) -> tuple[Node, ...]:
    target = hub.directory.device(jid(child(iq, "remove-companion-device"), "jid"))
    if target is None or target.account is not sender.account or not target.number:
        raise Refused(404, "this account has no such companion device")
    hub.post(lambda: remove(hub, target))
    return ()


def learn_contact(first: Account, second: Account) -> None:
    """Two accounts have exchanged a message: from now on they hear of each other's devices."""
    if first is not second:
        first.contacts.add(second)
        second.contacts.add(first)


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {("md", "remove-companion-device"): _remove}
