"""Logging in: Noise patterns, what a device is told, who is refused, two connections of one device."""

from __future__ import annotations

import dataclasses
import os

import aiohttp
import pytest

from motte.core.binary.node import Node
from motte.core.crypto.curve import KeyPair
from motte.core.noise.client import Pattern
from motte.errors import HandshakeError
from motte.testing import LocalServer
from motte.testing.server.noisekeys import CERTIFICATE_FAULTS
from tests.unit.testing.server.raw_client import Keys, connected, linked, logged_in


async def test_a_linked_device_is_welcome(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with connected(server, keys) as client:
        success = await client.until("success")
        assert success.attrs["lid"] == str(server.account("Ann").lid.with_device(1))
        assert success.attrs["t"].isdigit()
        routing = await client.until("ib", lambda node: node.child("edge_routing") is not None)
        assert routing.child("edge_routing")
        offline = await client.until("ib", lambda node: node.child("offline") is not None)
        assert offline.child("offline") == Node("offline", {"count": "0"})


async def test_resuming_takes_ik_and_a_changed_key_falls_back(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    assert keys.certificate is not None
    async with connected(server, keys) as client:
        assert client.pattern is Pattern.IK
        await client.until("success")
    server.rotate_noise_key()
    async with connected(server, keys) as client:
        assert client.pattern is Pattern.XX_FALLBACK
        await client.until("success")
    async with connected(server, keys) as client:
        assert client.pattern is Pattern.IK


async def test_an_edge_routing_intro_is_read(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with connected(server, keys, routing=b"\x08\x02") as client:
        await client.until("success")


@pytest.mark.parametrize("what", ["unknown number", "unknown device", "phone", "foreign noise key"])
async def test_a_stranger_is_refused(server: LocalServer, what: str) -> None:
    keys = await linked(server, "Ann")
    assert keys.jid is not None
    if what == "unknown number":
        keys.jid = dataclasses.replace(keys.jid, user="15550100099")
    elif what == "unknown device":
        keys.jid = keys.jid.with_device(7)
    elif what == "phone":
        keys.jid = keys.jid.with_device(0)
    else:
        keys.noise = KeyPair.generate(os.urandom)
    async with connected(server, keys) as client:
        assert (await client.next()).attrs["reason"] == "401"
        assert await client.closed() == 1000


async def test_the_newer_connection_stays(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys) as first, logged_in(server, keys) as second:
        error = await first.until("stream:error")
        assert error.content == (Node("conflict", {"type": "replaced"}),)
        await first.closed()
        assert (await second.iq("w:p", Node("ping"))).attrs["type"] == "result"


@pytest.mark.parametrize("check", sorted(CERTIFICATE_FAULTS))
async def test_a_forged_certificate_fails_exactly_its_check(server: LocalServer, check: str) -> None:
    server.faults.bad_certificate(check)
    with pytest.raises(HandshakeError) as failed:
        async with connected(server, Keys("Ann")):
            pass
    assert failed.value.check == check
    async with connected(server, Keys("Ann")):
        pass


async def test_an_unknown_iq_is_not_implemented(server: LocalServer, caplog: pytest.LogCaptureFixture) -> None:
    async with logged_in(server, await linked(server, "Ann")) as client:
        error = (await client.iq("w:tomorrow", Node("thing"))).child("error")
    assert error == Node("error", {"code": "501", "text": "feature-not-implemented"})
    assert len([record for record in caplog.records if "w:tomorrow" in record.message]) == 1


async def test_a_malformed_frame_ends_the_connection(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as client:
        await client._websocket.send_bytes(b"\x00\x00\x20" + bytes(32))
        error = await client.until("stream:error")
        assert error.child("xml-not-well-formed")
        await client.closed()


@pytest.mark.parametrize("first", [b"GET /", b"WA\x06\x02" + bytes(10), b"WA\x06\x03\x00\x00\x04abcd"])
async def test_garbage_instead_of_a_handshake_is_closed(server: LocalServer, first: bytes) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.ws_url) as websocket:
        await websocket.send_bytes(first)
        message = await websocket.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.CLOSE


async def test_text_frames_are_refused(server: LocalServer) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.ws_url) as websocket:
        await websocket.send_str("hello")
        message = await websocket.receive(timeout=5)
        assert message.data == 1003


async def test_tls_with_the_certificate_that_it_made() -> None:
    async with LocalServer(port=None) as server:
        with pytest.raises(RuntimeError):
            _ = server.ws_url
        async with connected(server, Keys("Ann"), url=server.wss_url, tls=server.ssl_context()) as client:
            await client.until("iq")
        async with aiohttp.ClientSession() as session, session.get(server.https_url, ssl=server.ssl_context()) as got:
            assert got.status == 200


async def test_every_get_is_answered(server: LocalServer) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/anything/at/all", "/ws/chat"):
            async with session.get(server.http_url + path) as answer:
                assert answer.status == 200


async def test_leaving_the_server_closes_its_connections() -> None:
    async with LocalServer(tls_port=None) as server:
        session = aiohttp.ClientSession()
        websocket = await session.ws_connect(server.ws_url)
    message = await websocket.receive(timeout=5)
    assert message.type is aiohttp.WSMsgType.CLOSE
    await session.close()
