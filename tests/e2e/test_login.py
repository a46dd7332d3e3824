"""Logging in: the handshake's patterns, the server's certificate, the edge it routes to, the version it wants."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from motte import Cause, ClientInfo, ClientVersion, NextAction, errors, events
from motte.core.binary.node import Node
from motte.core.crypto.curve import KeyPair
from motte.core.session.connection import HandshakeDone, LoggedIn, StanzaReceived
from motte.testing import LocalServer
from motte.testing.rng import SeededRng
from motte.testing.server.login import ROUTING_INFO
from motte.testing.server.noisekeys import CERTIFICATE_FAULTS
from motte.transport.base import Receiver, Socket
from motte.transport.websocket import WebSocketDialer
from tests.e2e.conftest import PATIENCE, Linked, Unlinked, soon


def handshakes(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """The pattern and the client's version of each handshake that the server saw, in order."""
    lines = [record.getMessage() for record in caplog.records if record.name == "motte.server"]
    found = [re.fullmatch(r"a client connected by (\w+), version (\S+)", line) for line in lines]
    return [(match[1], match[2]) for match in found if match]


async def test_the_second_login_resumes_and_a_new_server_key_falls_back(
    server: LocalServer, linked: Linked, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="motte.server")
    client = await linked("alice")
    for _ in range(2):
        await soon(client.disconnect())
        await client.connect(timeout=PATIENCE)
    server.rotate_noise_key()
    for _ in range(2):
        await soon(client.disconnect())
        await client.connect(timeout=PATIENCE)
    # registration, the login after it; twice resumed; the key changed, and the new one is resumed with
    patterns = [pattern for pattern, _ in handshakes(caplog)]
    assert patterns == ["XX", "XX", "IK", "IK", "XX_FALLBACK", "IK"]


async def test_nothing_is_sent_before_the_login_is_accepted(linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that waits for the connection, or an answer to a stanza of the one before, would come too early."""
    client = await linked("alice")
    engine = client._engine
    assert engine is not None
    heard, early = engine._heard, []

    def note(output: HandshakeDone | LoggedIn | StanzaReceived) -> None:
        if isinstance(output, HandshakeDone):
            with pytest.raises(errors.Disconnected) as refused:
                engine.send(Node("receipt", {"id": "EARLY", "to": "s.whatsapp.net"}))
            early.append(refused)
        heard(output)

    monkeypatch.setattr(engine, "_heard", note)
    await soon(client.disconnect())
    await client.connect(timeout=PATIENCE)
    assert len(early) == 1


@pytest.mark.parametrize("check", sorted(CERTIFICATE_FAULTS))
async def test_a_wrong_certificate_is_refused_by_the_name_of_its_check(
    server: LocalServer, opened: Unlinked, check: str
) -> None:
    client = await opened("alice")
    server.faults.bad_certificate(check)
    ended = client.expect(events.Disconnected)
    with pytest.raises(errors.Disconnected, match=check) as failure:
        await client.connect(timeout=PATIENCE)
    assert failure.value.cause == Cause.CERTIFICATE_REFUSED
    end = await soon(ended)
    assert (end.code, end.action, end.delay) == (400, NextAction.STOP, None)
    assert client.me is None


@pytest.mark.parametrize("check", ["leaf.signature", "leaf.key"])
async def test_a_fallback_checks_the_new_certificate(server: LocalServer, linked: Linked, check: str) -> None:
    client = await linked("alice")
    await soon(client.disconnect())
    server.rotate_noise_key()
    server.faults.bad_certificate(check)
    with pytest.raises(errors.Disconnected, match=check):
        await client.connect(timeout=PATIENCE)
    await client.connect(timeout=PATIENCE)  # the lie has left no trace
    assert client.is_connected


async def test_a_server_with_another_root_key_is_refused(opened: Unlinked) -> None:
    client = await opened("alice", root_key=KeyPair.generate(SeededRng(1)).public)
    with pytest.raises(errors.Disconnected, match=r"intermediate\.signature") as failure:
        await client.connect(timeout=PATIENCE)
    assert (failure.value.code, failure.value.cause) == (400, Cause.CERTIFICATE_REFUSED)


@dataclass
class _Listening:
    """A dialer that keeps the first bytes that leave on each connection."""

    first: list[bytes] = field(default_factory=list)

    async def connect(self, url: str, receiver: Receiver) -> Socket:
        return _Overheard(await WebSocketDialer().connect(url, receiver), self)


class _Overheard:
    def __init__(self, socket: Socket, dialer: _Listening) -> None:
        self._socket, self._dialer, self._silent = socket, dialer, True

    @property
    def closed(self) -> bool:
        return self._socket.closed

    def send(self, data: bytes) -> None:
        if self._silent:
            self._silent = False
            self._dialer.first.append(data)
        self._socket.send(data)

    async def drain(self) -> None:
        await self._socket.drain()

    async def close(self) -> None:
        await self._socket.close()


async def test_the_edge_that_the_server_names_is_asked_for_next_time(linked: Linked) -> None:
    dialer = _Listening()
    client = await linked("alice", dialer=dialer)
    await soon(client.disconnect())
    await client.connect(timeout=PATIENCE)
    assert [first[:2] for first in dialer.first] == [b"WA", b"WA", b"ED"]
    assert ROUTING_INFO in dialer.first[-1][:16]


# --- the version -----------------------------------------------------------------------------------------------------


@dataclass
class VersionPage:
    """A page like the service worker of WhatsApp Web."""

    url: str = ""
    body: str = r'self.__x = {"server_revision":1, \"client_revision\":2000000123, "y":0}'
    fetched: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.fetched += 1
        return web.Response(text=self.body)


@pytest.fixture
async def page() -> AsyncIterator[VersionPage]:
    found = VersionPage()
    application = web.Application()
    application.router.add_get("/sw.js", found.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    found.url = f"http://{host}:{port}/sw.js"
    yield found
    await runner.cleanup()


async def test_an_outdated_version_is_looked_up_once_and_kept(
    server: LocalServer, linked: Linked, page: VersionPage
) -> None:
    client = await linked("alice", version_url=page.url)
    await soon(client.disconnect())
    server.faults.fail_login(405, attrs={"location": "frc"})
    ended = client.expect(events.Disconnected)
    await client.connect(timeout=PATIENCE)
    end = await soon(ended)
    assert (end.cause, end.action, end.delay) == (Cause.CLIENT_OUTDATED, NextAction.REFRESH_VERSION, 0.0)
    assert end.info.details == {"reason": "405", "location": "frc"}
    assert page.fetched == 1
    await soon(client.disconnect())
    # refused again with the fresh version: it ends
    server.faults.fail_login(405, times=2)
    with pytest.raises(errors.Disconnected, match="outdated"):
        await client.connect(timeout=PATIENCE)
    assert page.fetched == 2


async def test_a_found_version_is_used_from_then_on(
    server: LocalServer,
    linked: Linked,
    opened: Unlinked,
    page: VersionPage,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = await linked("alice", tmp_path / "bot.db", version_url=page.url)
    await soon(client.disconnect())
    server.faults.fail_login(405)
    caplog.set_level(logging.INFO)
    await client.connect(timeout=PATIENCE)
    await soon(client.close())
    later = await opened("alice", tmp_path / "bot.db")
    await later.connect(timeout=PATIENCE)
    await soon(later.close())
    newer = ClientVersion(2, 3000, 2_000_000_999)
    newest = await opened("alice", tmp_path / "bot.db", device=ClientInfo(push_name="alice", version=newer))
    await newest.connect(timeout=PATIENCE)
    said = [version for _, version in handshakes(caplog)]
    assert said == [str(ClientVersion()), "2.3000.2000000123", "2.3000.2000000123", str(newer)]
    assert f"the version is 2.3000.2000000123 now (it was {ClientVersion()})" in caplog.text


@pytest.mark.parametrize("body", ["", "<html>", '"client_revision":99999999999999', '"client_revision": 9999999999'])
async def test_a_page_without_a_version_leaves_ours(
    server: LocalServer, linked: Linked, page: VersionPage, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = await linked("alice", version_url=page.url)
    await soon(client.disconnect())
    page.body = body
    server.faults.fail_login(405)
    caplog.set_level(logging.INFO)
    await client.connect(timeout=PATIENCE)
    assert page.fetched == 1
    assert {version for _, version in handshakes(caplog)} == {str(ClientVersion())}


async def test_a_page_that_is_not_there_leaves_ours(server: LocalServer, linked: Linked, page: VersionPage) -> None:
    client = await linked("alice", version_url=page.url + "/gone")
    await soon(client.disconnect())
    server.faults.fail_login(405)
    await client.connect(timeout=PATIENCE)
    assert client.is_connected


async def test_a_disk_that_fails_between_two_connections_ends_no_reconnecting(
    server: LocalServer, linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await linked("alice")
    account = client._engine.parts.account if client._engine else None
    assert account is not None
    tried = []

    async def full(**changes: object) -> None:
        tried.append(changes)
        raise errors.StoreError("no space left")

    server.faults.fail_login(405, "alice")
    connected = client.expect(events.Connected)
    monkeypatch.setattr(account, "change", full)
    server.faults.drop("alice")
    await soon(connected)
    assert any("client_version" in changes for changes in tried)
