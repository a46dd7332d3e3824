"""Prekeys: count, upload, fetch, digest, rotate, and the notice that they run low.

<iq type="get" xmlns="encrypt"><count/></iq>                       → <count value="812"/>
<iq type="set" xmlns="encrypt"><registration/><type/><identity/><list><key>…</key></list><skey>…</skey></iq>
<iq type="get" xmlns="encrypt"><key><user jid="…" reason="identity"/></key></iq>
    → <list><user jid="…"><registration/><type/><identity/><key/><skey/><device-identity/></user>
            <user jid="…"><error code="404" text="item-not-found"/></user></list>
<iq type="get" xmlns="encrypt"><digest/></iq>                      → <digest>…<hash/></digest>
<iq type="set" xmlns="encrypt"><rotate><skey>…</skey></rotate></iq>
<notification type="encrypt" from="@s.whatsapp.net"><count value="4"/></notification>
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.core.crypto.curve import KEY_SIZE, SIGNATURE_SIZE
from motte.testing.server.accounts import Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import ERROR_TEXTS, SERVER, Refused, attr, child, data, jid, uint
from motte.testing.server.shelf import SignedKey


def _count(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    return (Node("count", {"value": str(len(device.shelf.one_time))}),)


def _upload(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    shelf = device.shelf
    if data(iq, "identity", KEY_SIZE) != shelf.identity:
        raise Refused(406, "the identity is not the one that this device was linked with")
    keys = {uint(data(key, "id", 3)): data(key, "value", KEY_SIZE) for key in child(iq, "list").all("key")}
    shelf.replace_signed(signed_key(child(iq, "skey")))
    shelf.registration_id = uint(data(iq, "registration", 4))
    shelf.one_time.update(keys)
    return ()


def signed_key(skey: Node) -> SignedKey:
    """The key in a `<skey>`."""
    number = uint(data(skey, "id", 3))
    return SignedKey(
        number=number, value=data(skey, "value", KEY_SIZE), signature=data(skey, "signature", SIGNATURE_SIZE)
    )


def _fetch(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    return (Node("list", {}, tuple(_bundle(hub, user) for user in child(iq, "key").all("user"))),)


def _bundle(hub: Hub, user: Node) -> Node:
    target = hub.directory.device(jid(user, "jid"))
    attrs = {"jid": attr(user, "jid")}
    if target is None:
        return Node("user", attrs, (Node("error", {"code": "404", "text": ERROR_TEXTS[404]}),))
    identity = (Node("device-identity", {}, target.signed_identity),) if target.number else ()
    keys = target.shelf.bundle(hand_out(hub, target))
    return Node("user", {**attrs, "t": str(hub.now)}, (*keys, *identity))


def hand_out(hub: Hub, device: Device) -> tuple[int, bytes] | None:
    """Take a one-time prekey of a device for somebody; the device is told when few are left."""
    key = device.shelf.take()
    if key is not None and len(device.shelf.one_time) == hub.settings.low_prekeys - 1:
        tell_low(hub, device)
    return key


def tell_low(hub: Hub, device: Device, count: int | None = None) -> None:
    """Tell a device how few one-time prekeys it has left (`count` says otherwise)."""
    left = len(device.shelf.one_time) if count is None else count
    hub.notify(device, "encrypt", Node("count", {"value": str(left)}), sender=SERVER)


def _digest(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    if not device.shelf.one_time:
        raise Refused(404, "this device never uploaded prekeys")
    return (device.shelf.digest(),)


def _rotate(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    device.shelf.replace_signed(signed_key(child(child(iq, "rotate"), "skey")))
    return ()


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {
    ("encrypt", "count"): _count,
    ("encrypt", "registration"): _upload,
    ("encrypt", "key"): _fetch,
    ("encrypt", "digest"): _digest,
    ("encrypt", "rotate"): _rotate,
}
