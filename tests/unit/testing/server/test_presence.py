"""Presence, typing, privacy: states that reach those who watch, and what absent devices find."""

from __future__ import annotations

import time

from motte.core.binary.node import Node
from motte.testing import LocalServer
from motte.testing.server.settings import Settings
from tests.unit.testing.server.raw_client import RawClient, linked, logged_in

AVAILABLE = Node("presence", {"type": "available"})
UNAVAILABLE = Node("presence", {"type": "unavailable"})


async def settle(client: RawClient) -> None:
    """All that this client has sent has been handled."""
    await client.iq("w:p", Node("ping"))


async def test_subscribing_gives_the_state_then_changes(server: LocalServer) -> None:
    bob = server.account("Bob")
    async with (
        logged_in(server, await linked(server, "Ann")) as ann,
        logged_in(server, await linked(server, "Bob")) as device,
    ):
        await ann.send(Node("presence", {"type": "subscribe", "to": str(bob.lid)}))
        assert (await ann.until("presence")).attrs == {"from": str(bob.lid), "type": "unavailable", "last": "deny"}
        await device.send(AVAILABLE)
        assert (await ann.until("presence")).attrs == {"from": str(bob.lid)}
        await device.send(UNAVAILABLE)
        last = (await ann.until("presence")).attrs["last"]
        assert last.isdigit()
        await ann.send(Node("presence", {"type": "unsubscribe", "to": str(bob.lid)}))
        await settle(ann)
        await device.send(AVAILABLE)
        await settle(device)
        await ann.send(Node("presence", {"type": "subscribe", "to": str(bob.pn)}))
        assert (await ann.until("presence")).attrs == {"from": str(bob.pn)}


async def test_a_connection_that_ends_is_no_longer_available(server: LocalServer) -> None:
    bob = server.account("Bob")
    async with logged_in(server, await linked(server, "Ann")) as ann:
        async with logged_in(server, await linked(server, "Bob")) as device:
            await device.send(AVAILABLE)
            await ann.send(Node("presence", {"type": "subscribe", "to": str(bob.lid)}))
            await ann.until("presence", lambda node: "type" not in node.attrs)
        assert (await ann.until("presence")).attrs["type"] == "unavailable"


async def test_the_name_in_a_presence_is_the_new_push_name(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        await ann.send(Node("presence", {"name": "Annie"}))
        await settle(ann)
    assert server.account("Ann").profile.push_name == "Annie"


async def test_typing_is_passed_on_in_the_same_addressing(server: LocalServer) -> None:
    ann, bob = server.account("Ann"), server.account("Bob")
    async with (
        logged_in(server, await linked(server, "Ann")) as sender,
        logged_in(server, await linked(server, "Bob")) as receiver,
    ):
        for to, source in ((bob.lid, ann.lid), (bob.pn, ann.pn)):
            composing = (Node("composing", {"media": "audio"}),)
            await sender.send(Node("chatstate", {"to": str(to)}, composing))
            got = await receiver.until("chatstate")
            assert got == Node("chatstate", {"from": str(source)}, composing)


async def test_an_absent_device_finds_the_latest_state_only() -> None:
    now = time.time()
    settings = Settings(chatstate_ttl=3, greet=False)
    async with LocalServer(tls_port=None, settings=settings, clock=lambda: now) as server:
        ann_keys, bob_keys = await linked(server, "Ann"), await linked(server, "Bob")
        bob, ann = server.account("Bob"), server.account("Ann")
        async with logged_in(server, bob_keys) as watcher:
            await watcher.send(Node("presence", {"type": "subscribe", "to": str(ann.lid)}))
            await settle(watcher)
        async with logged_in(server, ann_keys) as sender:
            for node in (AVAILABLE, UNAVAILABLE, AVAILABLE):
                await sender.send(node)
            for state in ("composing", "paused", "composing"):
                await sender.send(Node("chatstate", {"to": str(bob.lid)}, (Node(state),)))
            await settle(sender)
            async with logged_in(server, bob_keys, ready=False) as back:
                assert (await back.until("presence")).attrs == {"from": str(ann.lid)}
                assert (await back.until("chatstate")).children == (Node("composing"),)
            await sender.send(Node("chatstate", {"to": str(bob.lid)}, (Node("composing"),)))
            await settle(sender)
            now += 10
            async with logged_in(server, bob_keys, ready=False) as back:
                await settle(back)
                assert not [node for node in back._ready if node.tag == "chatstate"]
                held = server._hub.whereabouts.held
                assert not held


async def test_privacy_and_disappearing_mode_are_kept(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        chosen = Node("category", {"name": "last", "value": "contacts"})
        await ann.iq("privacy", Node("privacy", {}, (chosen,)), kind="set")
        answer = (await ann.iq("privacy", Node("privacy"))).children[0]
        values = {node.attrs["name"]: node.attrs["value"] for node in answer.children}
        assert values["last"] == "contacts"
        assert values["readreceipts"] == "all"
        unknown = Node("privacy", {}, (Node("category", {"name": "shoe", "value": "all"}),))
        assert (await ann.iq("privacy", unknown, kind="set")).child("error")
        await ann.iq("disappearing_mode", Node("disappearing_mode", {"duration": "86400"}), kind="set")
    assert server.account("Ann").profile.disappearing == 86400
