"""Linking a device, with a phone of the local server."""

from __future__ import annotations

from motte import events
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, Unlinked, scanning, soon


async def test_a_scanned_qr_code_links_and_logs_in(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice")
    scanning(server, client)
    code, paired = client.expect(events.QrCode), client.expect(events.Paired)
    connected = client.expect(events.Connected)
    client.start()
    prefix, _, fields = (await soon(code)).text.partition("#")
    assert prefix == "https://wa.me/settings/linked_devices"
    assert len(fields.split(",")) == 5
    link = await soon(paired)
    assert (link.jid, link.lid) == (
        server.account("alice").pn.with_device(1),
        server.account("alice").lid.with_device(1),
    )
    assert (await soon(connected)).jid == link.jid
    assert client.me is not None
    assert client.me.pn == link.jid


async def test_two_clients_talk(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    assert bob.me is not None
    got = bob.expect(events.MessageReceived)
    sent = await soon(alice.messages.send(bob.me.pn, "hello"))
    assert (await soon(got)).text == "hello"
    await soon(sent.delivered())
