"""What keeps a connection going: pings, readiness, properties, and what is taken without a word.

<iq type="get" xmlns="w:p"><ping/></iq>              → a result
<iq type="set" xmlns="passive"><active/></iq>        → a result; the mailbox opens
<ib><offline_batch count="100"/></ib>                → the mailbox opens for that many
<iq type="get" xmlns="abt"><props protocol="1"/></iq>
    → <props protocol="1" hash="…" refresh="86400"><prop config_code="…" config_value="…"/></props>
<iq type="set" xmlns="urn:xmpp:whatsapp:dirty"><clean type="groups"/></iq>
<iq xmlns="w:stats"><add t="…">…</add></iq>
<ib><unified_session id="…"/></ib>, <call …/>        → nothing but the call's ack
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.testing.server.accounts import Device
from motte.testing.server.hub import Hub, IqHandler, StanzaHandler
from motte.testing.server.reader import attr, number
from motte.testing.server.trust import switches


def _nothing(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    return ()


def _active(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    device.mailbox.open()
    if hub.settings.greet and not device.greeted:
        device.greeted = True
        hub.post(lambda: device.account.phone.greet(device))
    return ()


def _props(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    props = {**hub.settings.props, **switches(device.account)}
    digest = hashlib.sha256(repr(sorted(props.items())).encode()).hexdigest()[:16]
    known = tuple(Node("prop", {"config_code": code, "config_value": value}) for code, value in props.items())
    return (Node("props", {"protocol": "1", "hash": digest, "refresh": "86400", "refresh_id": "1"}, known or None),)


def _ib(hub: Hub, device: Device, node: Node) -> None:
    batch = node.child("offline_batch")
    if batch is not None:
        device.mailbox.open(number(batch, "count"))


def _call(hub: Hub, device: Device, node: Node) -> None:
    hub.deliver(device, Node("ack", {"class": "call", "id": attr(node, "id"), "from": node.attrs.get("to", "@call")}))


STANZAS: Final[Mapping[str, StanzaHandler]] = {"ib": _ib, "call": _call}
IQS: Final[Mapping[tuple[str, str], IqHandler]] = {
    ("w:p", "ping"): _nothing,
    ("w:p", ""): _nothing,
    ("urn:xmpp:ping", "ping"): _nothing,
    ("urn:xmpp:ping", ""): _nothing,
    ("passive", "active"): _active,
    ("passive", "passive"): _nothing,
    ("abt", "props"): _props,
    ("w", "props"): _props,
    ("urn:xmpp:whatsapp:dirty", "clean"): _nothing,
    ("w:stats", "add"): _nothing,
}
