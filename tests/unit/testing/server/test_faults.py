"""Faults: each one does to a client exactly what it says, and only to the client that it names."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
import pytest

from motte.core.binary.node import Node
from motte.errors import PairingError, RemoteProtocolError
from motte.testing import LocalServer
from motte.testing.server.reader import Refused
from tests.unit.testing.server.raw_client import Keys, RawClient, connected, linked, logged_in

PING = Node("ping")
LAST_WORDS: list[tuple[Callable[[LocalServer], int], Node]] = [
    (lambda server: server.faults.stream_error("Ann", code=503), Node("stream:error", {"code": "503"})),
    (
        lambda server: server.faults.stream_error("Ann", conflict="replaced"),
        Node("stream:error", {}, (Node("conflict", {"type": "replaced"}),)),
    ),
    (lambda server: server.faults.stream_error("Ann", child="ack"), Node("stream:error", {}, (Node("ack"),))),
    (lambda server: server.faults.end_stream("Ann"), Node("xmlstreamend")),
]


@pytest.mark.parametrize(("strike", "expected"), LAST_WORDS)
async def test_last_words_then_a_close(
    server: LocalServer, strike: Callable[[LocalServer], int], expected: Node
) -> None:
    async with (
        logged_in(server, await linked(server, "Ann")) as ann,
        logged_in(server, await linked(server, "Bob")) as bob,
    ):
        assert strike(server) == 1
        assert await ann.until(expected.tag) == expected
        assert await ann.closed() == 1000
        assert (await bob.iq("w:p", PING)).attrs["type"] == "result"


async def test_a_close_code(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        assert server.faults.drop("Ann", code=4000) == 1
        assert await ann.closed() == 4000


async def test_a_reset(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        assert server.faults.drop("Ann") == 1
        assert await ann.closed() in (None, 1006)


async def test_removed_devices_are_told_and_may_not_come_back(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys) as ann:
        assert server.faults.unlink("Ann") == 1
        error = await ann.until("stream:error")
        assert error == Node("stream:error", {"code": "401"}, (Node("conflict", {"type": "device_removed"}),))
        await ann.closed()
    async with connected(server, keys) as client:
        assert (await client.next()).attrs["reason"] == "401"


async def test_removing_a_device_is_told_to_those_who_know_it(server: LocalServer) -> None:
    first, second = await linked(server, "Ann"), await linked(server, "Ann")
    async with (
        logged_in(server, first) as ann,
        logged_in(server, second) as other,
        logged_in(server, await linked(server, "Bob")) as bob,
    ):
        await server.phone("Bob").send_text("Ann", "hello")
        child = Node("remove-companion-device", {"jid": str(first.jid), "reason": "user_initiated"})
        assert (await ann.iq("md", child, kind="set")).attrs["type"] == "result"
        await ann.until("stream:error")
        for client in (other, bob):
            notice = await client.until("notification", lambda node: node.children[0].tag == "remove")
            assert notice.attrs["type"] == "devices"
            assert notice.children[0].children[0].attrs["jid"] == str(first.jid)
        foreign = Node("remove-companion-device", {"jid": str(second.jid), "reason": "user_initiated"})
        assert (await bob.iq("md", foreign, kind="set")).child("error")


async def test_silence_lasts_until_it_ends(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        server.faults.silence("Ann")
        await ann.send(Node("iq", {"id": "lost", "type": "get", "xmlns": "w:p"}, (PING,)))
        await ann._websocket.ping()
        async with logged_in(server, await linked(server, "Bob")) as bob:
            await bob.iq("w:p", PING)
        server.faults.silence("Ann", silent=False)
        answer = await ann.iq("w:p", PING)
        assert answer.attrs["id"] != "lost"
        assert "lost" not in {node.attrs.get("id") for node in ann._ready}


async def ids(client: RawClient, count: int) -> list[str]:
    """The ids of the next IQ answers."""
    return [(await client.until("iq")).attrs["id"] for _ in range(count)]


async def ask(client: RawClient, *names: str) -> None:
    for name in names:
        await client.send(Node("iq", {"id": name, "type": "get", "xmlns": "w:p"}, (PING,)))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("duplicate", ["a", "a", "b", "c"]),
        ("reorder", ["b", "a", "c"]),
        ("drop", ["b", "c"]),
        ("delay", ["a", "b", "c"]),
    ],
)
async def test_what_can_happen_to_a_stanza(server: LocalServer, fault: str, expected: list[str]) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        assert server.faults.frames(fault, "Ann", tag="iq", seconds=0.01) == 1
        await ask(ann, "a", "b", "c")
        assert await ids(ann, len(expected)) == expected


async def test_a_corrupt_frame_does_not_decrypt(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        server.faults.frames("corrupt", "Ann")
        await ask(ann, "a")
        with pytest.raises(RemoteProtocolError):
            await ann.next()


async def test_a_rule_waits_for_its_tag(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        server.faults.frames("drop", "Ann", tag="presence", times=2)
        await ask(ann, "a")
        assert await ids(ann, 1) == ["a"]


async def test_an_upgrade_is_refused(server: LocalServer) -> None:
    server.faults.refuse_upgrade(503, times=2)
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with connected(server, Keys("Ann")):
                pass
        assert refused.value.status == 503
    async with connected(server, Keys("Ann")):
        pass


async def test_a_handshake_without_an_answer(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    server.faults.silent_handshake()
    async with aiohttp.ClientSession() as session, session.ws_connect(server.ws_url) as websocket:
        await websocket.send_bytes(b"WA\x06\x03")
        async with connected(server, keys) as client:
            await client.until("success")
        assert websocket._reader is not None
        assert not websocket._reader._buffer


async def test_a_login_fails_with_a_reason(server: LocalServer) -> None:
    ann, bob = await linked(server, "Ann"), await linked(server, "Bob")
    server.faults.fail_login(402, "Ann", attrs={"code": "101", "expire": "3600"})
    async with logged_in(server, bob):
        pass
    async with connected(server, ann) as client:
        assert await client.next() == Node("failure", {"reason": "402", "code": "101", "expire": "3600"})
        await client.closed()
    async with logged_in(server, ann):
        pass


async def test_notices(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        assert server.faults.low_prekeys("Ann", count=2) == 1
        assert (await ann.until("notification")).children == (Node("count", {"value": "2"}),)
        assert server.faults.downgrade() == 1
        assert (await ann.until("ib")).children == (Node("downgrade_webclient"),)


async def test_mistakes_are_refused(server: LocalServer) -> None:
    for mistake in (
        lambda: server.faults.drop("Nobody"),
        lambda: server.faults.frames("melt"),
        lambda: server.faults.bad_certificate("leaf.colour"),
    ):
        with pytest.raises(Refused):
            mistake()
    assert server.faults.drop() == 0


@pytest.mark.parametrize("proof", ["hmac", "account_signature"])
async def test_a_phone_vouches_wrongly_once(server: LocalServer, proof: str) -> None:
    server.faults.forge_pairing(proof)
    with pytest.raises(PairingError, match="HMAC" if proof == "hmac" else "account signature"):
        await linked(server, "Ann")
    await linked(server, "Ann")


async def test_stanzas_can_be_watched_and_added(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    seen: list[tuple[bool, str, str]] = []
    server.watch(lambda incoming, device, node: seen.append((incoming, str(device.pn), node.tag)))
    async with logged_in(server, keys) as ann:
        assert keys.jid is not None
        server.deliver(keys.jid, Node("call", {"id": "c1", "from": "15550100009@s.whatsapp.net"}))
        assert (await ann.until("call")).attrs["id"] == "c1"
        with pytest.raises(Refused):
            server.deliver(keys.jid.with_device(9), Node("call"))
        await ann.send(Node("ack", {"class": "call", "id": "c1", "to": "15550100009@s.whatsapp.net"}))
        await ask(ann, "after")
        await ids(ann, 1)
    directions = {tag: incoming for incoming, jid, tag in seen if jid == str(keys.jid)}
    assert (directions["call"], directions["ack"]) == (True, False)
    assert not server.account("Ann").devices[1].mailbox
