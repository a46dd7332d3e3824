"""A connection that logs in, and what it is told first.

<success t="…" props="27" location="lla" lid="…:1@lid" creation="…"/>
<failure reason="401" location="lla"/>
<ib from="s.whatsapp.net"><edge_routing><routing_info>…</routing_info></edge_routing></ib>
<ib from="s.whatsapp.net"><dirty type="syncd_app_state" timestamp="…"/></ib>
<ib from="s.whatsapp.net"><offline_preview count="3" message="2" receipt="1" notification="0" call="0"/></ib>
<stream:error><conflict type="replaced"/></stream:error>        (to the connection that was there before)
"""

from __future__ import annotations

import logging
from typing import Final

from motte.core.binary.node import Node
from motte.model.jid import PN, Jid
from motte.proto.client_payload_pb2 import ClientPayload
from motte.testing.server import presence
from motte.testing.server.accounts import Device, Outlet
from motte.testing.server.appstate import dirty, is_behind
from motte.testing.server.hub import Hub
from motte.testing.server.mailbox import MAILED

log = logging.getLogger("motte.server")

LOCATION: Final = "lla"
ROUTING_INFO: Final = bytes.fromhex("080208ab")
REPLACED: Final = Node("stream:error", {}, (Node("conflict", {"type": "replaced"}),))


def log_in(hub: Hub, outlet: Outlet, payload: ClientPayload, noise_static: bytes) -> LoggedIn | None:
    """The stage of a client that says who it is; None, and a `<failure/>`, when it may not in."""
    named = Jid(str(payload.username), PN, payload.device)
    device = hub.directory.device(named)
    fault = hub.plan.next_login(hub.directory.account(named))
    refused = device is None or not device.number or device.noise_static != noise_static
    if fault is not None or refused or device is None:
        attrs = fault.attrs if fault is not None else {"reason": "401", "location": LOCATION}
        log.info("login of %s refused: %s", named, attrs.get("reason"))
        outlet.send(Node("failure", attrs))
        outlet.end()
        return None
    return LoggedIn(hub, outlet, device, payload)


class LoggedIn:
    """The stage of a device that is connected."""

    def __init__(self, hub: Hub, outlet: Outlet, device: Device, payload: ClientPayload) -> None:
        self._hub = hub
        self._outlet = outlet
        self._device = device
        if payload.pushName:
            device.account.profile.push_name = payload.pushName
        _replace(device)
        device.outlet = outlet
        self._welcome(passive=payload.passive)

    def receive(self, node: Node) -> None:
        """Take a stanza."""
        if self._device.outlet is self._outlet:
            self._hub.receive(self._device, node)

    def closed(self) -> None:
        """The connection is gone: what was not acknowledged waits for the next one."""
        if self._device.outlet is self._outlet:
            self._device.outlet = None
            self._device.mailbox.disconnect()
            presence.departed(self._hub, self._device)

    def _welcome(self, *, passive: bool) -> None:
        send = self._outlet.send
        attrs = {"t": str(self._hub.now), "props": "27", "location": LOCATION, "lid": str(self._device.lid)}
        send(Node("success", attrs))
        routing = Node("edge_routing", {}, (Node("routing_info", {}, ROUTING_INFO),))
        send(Node("ib", {"from": "s.whatsapp.net"}, (routing,)))
        waiting = self._device.mailbox.connect(send)
        if waiting:
            counts = {tag: str(waiting[tag]) for tag in sorted(MAILED)}
            preview = Node("offline_preview", {"count": str(waiting.total()), **counts})
            send(Node("ib", {"from": "s.whatsapp.net"}, (preview,)))
        if is_behind(self._device):
            send(dirty(self._hub))
        if not passive:
            self._device.mailbox.open()
        presence.arrived(self._hub, self._device)


def _replace(device: Device) -> None:
    """Two connections of one device: the newer one stays."""
    if device.outlet is not None:
        device.outlet.send(REPLACED)
        device.outlet.end()
        device.mailbox.disconnect()
