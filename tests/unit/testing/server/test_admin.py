"""The admin calls, and `motte server` as a process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from motte.testing import LocalServer
from motte.testing.server.admin import FAULTS
from motte.testing.server.faults import Faults
from motte.testing.server.settings import Settings
from tests.unit.testing.server.raw_client import Keys, connected, countersign, linked, logged_in, refs

START = "import typer; from motte.cli.commands.server import server; typer.run(server)"


@pytest.fixture
async def admin(server: LocalServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.http_url + "/admin/") as session:
        yield session


async def test_scanning_by_http(server: LocalServer, admin: aiohttp.ClientSession) -> None:
    keys = Keys("Ann")
    async with connected(server, keys) as client:
        qr = keys.qr((await refs(client))[0])
        async with admin.post("mock-phone/scan-qr", data=qr) as answer:
            assert answer.status == 200
            assert (await answer.json())["jid"] == "15550100001@s.whatsapp.net"
        await countersign(client, keys)
    async with admin.post("mock-phone/scan-qr", data=qr) as answer:
        assert answer.status == 404
        assert "error" in await answer.json()


async def test_texts_by_http(server: LocalServer, admin: aiohttp.ClientSession) -> None:
    server.phone("Ann"), server.phone("Bob")
    async with admin.post("mock-phone/send", json={"from": "Ann", "to": "Bob", "text": "hi"}) as answer:
        message_id = (await answer.json())["id"]
    async with admin.get("mock-phone/received?phone=Bob") as answer:
        (text,) = await answer.json()
    assert text == {
        "id": message_id,
        "chat": str(server.account("Ann").lid),
        "sender": str(server.account("Ann").lid),
        "text": "hi",
    }


async def test_faults_by_http(server: LocalServer, admin: aiohttp.ClientSession) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        async with admin.post("faults/stream_error", json={"who": "Ann", "code": 503}) as answer:
            assert await answer.json() == {"struck": 1}
        assert (await ann.until("stream:error")).attrs["code"] == "503"
        await ann.closed()


async def test_every_fault_can_be_called_by_http() -> None:
    assert set(FAULTS) == {name for name in vars(Faults) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("mock-phone/confirm-code", "{}", 400),
        ("mock-phone/confirm-code", '{"phone": "15550100001", "code": "ABCD1234"}', 404),
        ("mock-phone/confirm-code", "[]", 400),
        ("mock-phone/confirm-code", "no json", 400),
        ("mock-phone/send", '{"from": "Nobody", "to": "x", "text": "y"}', 404),
        ("faults/earthquake", "{}", 404),
        ("faults/__init__", "{}", 404),
        ("faults/drop", '{"colour": 1}', 400),
        ("faults/frames", '{"fault": "melt"}', 400),
    ],
)
async def test_mistakes_by_http(admin: aiohttp.ClientSession, path: str, body: str, status: int) -> None:
    async with admin.post(path, data=body) as answer:
        assert answer.status == status
        assert "error" in await answer.json()


async def test_the_state(server: LocalServer, admin: aiohttp.ClientSession) -> None:
    async with logged_in(server, await linked(server, "Ann")), connected(server, Keys("Bob")) as waiting:
        await refs(waiting)
        async with admin.get("state") as answer:
            state = await answer.json()
    assert state["waiting_to_be_linked"] == 1
    (account,) = state["accounts"]
    assert account["name"] == "Ann"
    assert account["app_state"]["critical_block"] == 1
    phone, companion = account["devices"]
    assert phone["prekeys"] == 100
    assert companion == {
        "device": 1,
        "jid": "15550100001:1@s.whatsapp.net",
        "connected": True,
        "waiting": 0,
        "prekeys": 10,
    }


async def test_the_noise_key_rotates_by_http(server: LocalServer, admin: aiohttp.ClientSession) -> None:
    before = server._keys.static
    async with admin.post("rotate-noise-key") as answer:
        assert answer.status == 200
    assert server._keys.static != before


def test_settings_come_from_the_environment() -> None:
    env = {"CHATSTATE_TTL_SECS": "3", "ADV_SECRET_KEY": "AQI="}
    assert Settings.from_environment(env) == Settings(chatstate_ttl=3.0, adv_secret=b"\x01\x02")
    assert Settings.from_environment({}) == Settings()
    for broken in ({"CHATSTATE_TTL_SECS": "soon"}, {"ADV_SECRET_KEY": "!"}):
        with pytest.raises(ValueError, match=next(iter(broken))):
            Settings.from_environment(broken)


def test_a_server_without_ports_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="port"):
        LocalServer(port=None, tls_port=None)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_the_command_says_where_it_is_and_stops_cleanly(stop: signal.Signals, tmp_path: Path) -> None:
    root = tmp_path / "root"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        START,
        "--root-key",
        str(root),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        ready = json.loads(await process.stdout.readline())
        assert set(ready) == {"ws", "wss", "http", "https", "root_key", "ca"}
        assert root.read_text().strip() == ready["root_key"]
        context = ssl.create_default_context(cafile=ready["ca"])
        async with aiohttp.ClientSession() as session:
            await session.ws_connect(ready["ws"])
            async with session.get(ready["https"], ssl=context) as answer:
                assert answer.status == 200
            process.send_signal(stop)
            out, _ = await process.communicate()
    assert (process.returncode, out) == (0, b"")
    assert _gone(ready["ca"])


def _gone(path: str) -> bool:
    return not Path(path).exists()


async def test_a_taken_port_is_one_sentence(server: LocalServer) -> None:
    port = server.http_url.rpartition(":")[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        START,
        "--port",
        port,
        "--tls-port",
        "-1",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
    )
    out, error = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, out) == (1, b"")
    assert "the server cannot start: " in error.decode().lower()
    assert "Traceback" not in error.decode()
    assert len(error.decode().splitlines()) == 1


async def test_the_server_is_light_to_name() -> None:
    code = "import sys, motte.testing; print([name for name in ('aiohttp', 'typer') if name in sys.modules])"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert out.decode().strip() == "[]"
