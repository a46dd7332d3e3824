"""Every end of a connection: what the user is told, and what follows.

The table is PROTOCOL.md's: each row is produced by the event on the wire that causes it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from motte import Cause, Client, DisconnectReason, NextAction, Policy, errors, events
from motte.core.session.timers import Timing
from motte.runtime.reconnect import BackOff
from motte.testing import LocalServer
from motte.testing.server.settings import Settings
from motte.transport.base import Receiver, Socket
from motte.transport.websocket import WebSocketDialer
from tests.e2e.conftest import PATIENCE, Linked, Unlinked, scanning, soon
from tests.unit.transport.servers import message, read_message, self_signed, serving, unused_port, upgrade

NOW, BACK_OFF, STOP, RELINK = (
    NextAction.RECONNECT_NOW,
    NextAction.BACK_OFF,
    NextAction.STOP,
    NextAction.RELINK,
)
NEVER = Policy(overrides=dict.fromkeys(set(Cause) - {Cause.RESTART_AFTER_PAIRING}, STOP))
"""For tests that look at one end only."""


async def end_of(client: Client, strike: Callable[[], object]) -> events.Disconnected:
    """How the connection ends after `strike`."""
    ended = client.expect(events.Disconnected)
    strike()
    return await soon(ended)


def check_follows(end: events.Disconnected, action: NextAction) -> None:
    """The plan fits the action: stop means no delay at all, now means none, back-off means up to the ceiling."""
    assert end.action is action
    if action in (STOP, RELINK):
        assert (end.delay, end.will_reconnect) == (None, False)
    else:
        assert end.delay is not None
        assert (end.delay == 0.0) if action is NOW else (0.0 <= end.delay <= 1.0)


# --- the server's last word ------------------------------------------------------------------------------------------

STREAM_ERRORS: list[tuple[dict[str, Any], int, Cause, NextAction, str]] = [
    ({"code": 401, "conflict": "device_removed"}, 401, Cause.DEVICE_REMOVED, RELINK, "unlinked"),
    ({"conflict": "replaced"}, 440, Cause.REPLACED, STOP, "another client took over"),
    ({"conflict": "something"}, 440, Cause.CONFLICT, STOP, "conflict"),
    ({"code": 401}, 401, Cause.LOGGED_OUT, RELINK, "logged out"),
    ({"code": 403}, 403, Cause.MAIN_DEVICE_GONE, RELINK, "phone is gone"),
    ({"code": 500}, 500, Cause.SERVER_FAILED, BACK_OFF, "the server failed"),
    ({"code": 503}, 503, Cause.UNAVAILABLE, BACK_OFF, "unavailable"),
    ({"code": 515}, 515, Cause.SERVER_RESTART, NOW, "asked for a restart"),
    ({"code": 516}, 516, Cause.STREAM_ERROR, BACK_OFF, "stream error"),
    ({}, 500, Cause.STREAM_ERROR, BACK_OFF, "stream error"),
    ({"child": "xml-not-well-formed"}, 500, Cause.XML_NOT_WELL_FORMED, BACK_OFF, "could not read a stanza"),
    ({"child": "ack"}, 500, Cause.ACK_REFUSED, BACK_OFF, "objected to an acknowledgement"),
]


@pytest.mark.parametrize(("fault", "code", "cause", "action", "said"), STREAM_ERRORS)
async def test_a_stream_error(
    server: LocalServer, linked: Linked, fault: dict[str, Any], code: int, cause: Cause, action: NextAction, said: str
) -> None:
    client = await linked("alice")
    end = await end_of(client, lambda: server.faults.stream_error("alice", **fault))
    assert (end.code, end.cause) == (code, cause)
    assert said in end.text
    assert end.raw.startswith("<stream:error")
    if code in list(DisconnectReason):
        assert end.reason == DisconnectReason(code)
    else:
        assert end.reason is None
    check_follows(end, action)


FAILURES: list[tuple[int | str, Mapping[str, str], int, Cause, NextAction, str]] = [
    (400, {}, 400, Cause.GENERIC_FAILURE, BACK_OFF, "without a reason"),
    (401, {"location": "lla"}, 401, Cause.LOGGED_OUT, RELINK, "logged out"),
    (402, {"code": "101", "expire": "3600"}, 402, Cause.TEMPORARY_BAN, STOP, "too many people"),
    (403, {"location": "frc"}, 403, Cause.MAIN_DEVICE_GONE, RELINK, "phone is gone"),
    (406, {"message": "no"}, 406, Cause.BANNED, STOP, "banned: no"),
    (409, {}, 409, Cause.BAD_USER_AGENT, STOP, "user agent"),
    (413, {}, 413, Cause.CAT_EXPIRED, STOP, "expired"),
    (414, {}, 414, Cause.CAT_INVALID, STOP, "invalid"),
    (415, {}, 415, Cause.ACCOUNT_NOT_FOUND, STOP, "not found"),
    (418, {}, 418, Cause.CLIENT_UNKNOWN, STOP, "unknown"),
    (500, {}, 500, Cause.SERVER_FAILED, BACK_OFF, "failed"),
    (501, {}, 501, Cause.EXPERIMENTAL, BACK_OFF, "experimental"),
    (503, {"location": "rva"}, 503, Cause.UNAVAILABLE, BACK_OFF, "unavailable"),
    (599, {}, 599, Cause.LOGIN_FAILED, BACK_OFF, "refused the login"),
    ("nonsense", {}, 500, Cause.LOGIN_FAILED, BACK_OFF, "refused the login"),
]


@pytest.mark.parametrize(("reason", "attrs", "code", "cause", "action", "said"), FAILURES)
async def test_a_refused_login(
    server: LocalServer,
    linked: Linked,
    reason: int | str,
    attrs: Mapping[str, str],
    code: int,
    cause: Cause,
    action: NextAction,
    said: str,
) -> None:
    client = await linked("alice")
    await soon(client.disconnect())
    server.faults.fail_login(reason, attrs=attrs)
    end = await end_of(client, client.start)
    assert (end.code, end.cause) == (code, cause)
    assert said in end.text
    assert end.info.details == {"reason": str(reason), **attrs}
    assert end.raw.startswith(f'<failure reason="{reason}"')
    assert end.info.retry_after == (3600.0 if "expire" in attrs else None)
    check_follows(end, action)


async def test_the_end_of_the_stream(server: LocalServer, linked: Linked) -> None:
    end = await end_of(await linked("alice"), lambda: server.faults.end_stream("alice"))
    assert (end.reason, end.cause, end.raw) == (
        DisconnectReason.connectionClosed,
        Cause.STREAM_ENDED,
        "<xmlstreamend/>",
    )
    check_follows(end, BACK_OFF)


async def test_an_account_without_multi_device(server: LocalServer, linked: Linked) -> None:
    end = await end_of(await linked("alice"), lambda: server.faults.downgrade("alice"))
    assert (end.reason, end.cause) == (DisconnectReason.multideviceMismatch, Cause.DOWNGRADE_WEBCLIENT)
    assert "downgrade_webclient" in end.raw
    check_follows(end, STOP)


async def test_a_device_removed_on_the_phone(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice")
    end = await end_of(client, lambda: server.faults.unlink("alice"))
    assert (end.reason, end.cause) == (DisconnectReason.loggedOut, Cause.DEVICE_REMOVED)
    check_follows(end, RELINK)
    # nothing is deleted behind the user's back; the next login says it again
    assert client.me is not None
    with pytest.raises(errors.Disconnected, match="logged out"):
        await client.connect(timeout=PATIENCE)
    await soon(client.forget())
    await client.connect(timeout=PATIENCE)
    assert client.me is not None
    assert client.me.pn.device == 2


# --- the WebSocket ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 1012, 4001])
async def test_a_closed_websocket(server: LocalServer, linked: Linked, code: int) -> None:
    sent = code if code != 1006 else None  # 1006 is never sent: it stands for a connection that broke
    end = await end_of(await linked("alice"), lambda: server.faults.drop("alice", code=sent))
    assert (end.reason, end.cause) == (DisconnectReason.connectionClosed, Cause.WEBSOCKET_CLOSED)
    assert end.info.details == ({} if sent is None else {"close_code": str(code)})
    assert end.raw == ""
    check_follows(end, BACK_OFF)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_an_http_answer_instead_of_a_websocket(server: LocalServer, opened: Unlinked, status: int) -> None:
    server.faults.refuse_upgrade(status)
    client = await opened("alice")
    end = await end_of(client, client.start)
    assert (end.reason, end.cause) == (DisconnectReason.unavailableService, Cause.HTTP_STATUS)
    assert end.info.details == {"status": str(status)}
    assert f"HTTP {status}" in end.text
    check_follows(end, BACK_OFF)


async def test_nobody_listens(opened: Unlinked) -> None:
    client = await opened("alice", url=f"ws://127.0.0.1:{unused_port()}/ws/chat")
    end = await end_of(client, client.start)
    assert (end.reason, end.cause) == (DisconnectReason.timedOut, Cause.CONNECTION_REFUSED)
    assert "refused the connection" in end.text
    check_follows(end, BACK_OFF)


async def test_a_name_that_does_not_exist(opened: Unlinked) -> None:
    client = await opened("alice", url="ws://motte.invalid/ws/chat")
    end = await end_of(client, client.start)
    assert (end.code, end.cause) == (408, Cause.NAME_NOT_RESOLVED)
    check_follows(end, BACK_OFF)


async def test_a_tls_certificate_that_nobody_vouches_for(opened: Unlinked) -> None:
    async with LocalServer(port=None) as tls:
        client = await opened("alice", url=tls.wss_url, root_key=tls.root_key)
        end = await end_of(client, client.start)
        await soon(client.close())
    assert (end.code, end.cause) == (500, Cause.TLS_FAILED)
    assert "certificate" in end.text
    check_follows(end, BACK_OFF)


async def test_tls_with_the_ca_file_works(opened: Unlinked) -> None:
    async with LocalServer(port=None, settings=Settings(closing_seconds=0.02)) as tls:
        client = await opened("alice", url=tls.wss_url, root_key=tls.root_key, ca_file=tls.ca_file)
        scanning(tls, client)
        await client.connect(timeout=PATIENCE)
        await soon(client.close())


async def test_tls_with_another_ca_file_is_refused(opened: Unlinked, tmp_path: Path) -> None:
    _, other = self_signed(tmp_path)
    async with LocalServer(port=None) as tls:
        client = await opened("alice", url=tls.wss_url, root_key=tls.root_key, ca_file=other)
        assert (await end_of(client, client.start)).cause is Cause.TLS_FAILED
        await soon(client.close())


# --- servers that do not speak the protocol --------------------------------------------------------------------------


async def _speaking(client_of: Callable[[int], Awaitable[Client]], answers: bytes, then_close: bool) -> Any:
    """How a client ends whose server answers the hello with these bytes."""

    async def strange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await upgrade(reader, writer)
        await read_message(reader)
        writer.write(message(answers))
        with contextlib.suppress(asyncio.IncompleteReadError):
            await reader.read() if not then_close else None

    async with serving(strange) as port:
        client = await client_of(port)
        end = await end_of(client, client.start)
        await soon(client.close())
        return end


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (b"\x00\x00\x02hi", Cause.HANDSHAKE_FAILED),
        (b"\x00\x00\x00", Cause.HANDSHAKE_FAILED),
        (b"\x00\x00\x40" + bytes(64), Cause.HANDSHAKE_FAILED),
        (b"\x00\x00\x28\x1a\x26\x0a\x20" + bytes(32) + b"\x12\x02xx", Cause.HANDSHAKE_FAILED),
    ],
)
async def test_garbage_instead_of_a_server_hello(opened: Unlinked, answer: bytes, cause: Cause) -> None:
    async def client_of(port: int) -> Client:
        return await opened("alice", url=f"ws://127.0.0.1:{port}/ws/chat")

    end = await _speaking(client_of, answer, then_close=False)
    assert (end.reason, end.cause) == (DisconnectReason.badSession, cause)
    check_follows(end, BACK_OFF)


async def test_a_server_that_closes_during_the_handshake(opened: Unlinked) -> None:
    async def client_of(port: int) -> Client:
        return await opened("alice", url=f"ws://127.0.0.1:{port}/ws/chat")

    end = await _speaking(client_of, b"", then_close=True)
    assert (end.code, end.cause) == (428, Cause.WEBSOCKET_CLOSED)


async def test_a_handshake_that_is_never_answered(server: LocalServer, opened: Unlinked) -> None:
    server.faults.silent_handshake()
    client = await opened("alice", timing=Timing(handshake=0.05))
    end = await end_of(client, client.start)
    assert (end.reason, end.cause) == (DisconnectReason.timedOut, Cause.HANDSHAKE_TIMEOUT)
    check_follows(end, BACK_OFF)


async def test_a_frame_that_does_not_authenticate(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice")
    server.faults.frames("corrupt", "alice")
    end = await end_of(client, lambda: server.faults.low_prekeys("alice", count=800))
    assert (end.code, end.cause) == (500, Cause.PROTOCOL_ERROR)
    check_follows(end, BACK_OFF)


# --- silence ---------------------------------------------------------------------------------------------------------


async def test_a_silent_server_is_given_up(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice", timing=Timing(keepalive=0.2, keepalive_grace=0.2), policy=NEVER)
    end = await end_of(client, lambda: server.faults.silence("alice"))
    assert (end.reason, end.cause) == (DisconnectReason.connectionLost, Cause.KEEPALIVE_LOST)
    assert end.raw == ""


async def test_keep_alives_keep_it_alive(linked: Linked) -> None:
    client = await linked("alice", timing=Timing(keepalive=0.02, keepalive_grace=0.5))
    ended = client.expect(events.Disconnected)
    for _ in range(3):  # each asks for longer than a beat
        await asyncio.wait([ended], timeout=0.05)
    assert not ended.done()
    assert client.is_connected
    ended.cancel()


class _HalfDead:
    """A dialer whose sockets never finish to close, as when the other side is gone."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()

    async def connect(self, url: str, receiver: Receiver) -> Socket:
        return _Clinging(await WebSocketDialer().connect(url, receiver), self.let_go)


class _Clinging:
    def __init__(self, socket: Socket, let_go: asyncio.Event) -> None:
        self._socket, self._let_go = socket, let_go

    @property
    def closed(self) -> bool:
        return self._socket.closed

    def send(self, data: bytes) -> None:
        self._socket.send(data)

    async def drain(self) -> None:
        await self._socket.drain()

    async def close(self) -> None:
        await self._let_go.wait()
        await self._socket.close()


async def test_a_half_dead_socket_does_not_delay_the_news(server: LocalServer, linked: Linked) -> None:
    dialer = _HalfDead()
    client = await linked("alice", dialer=dialer, policy=NEVER)
    running = asyncio.create_task(client.run())
    end = await end_of(client, lambda: server.faults.stream_error("alice", code=503))
    assert (await soon(running)) == end.info
    assert not client.is_connected
    dialer.let_go.set()


# --- from here -------------------------------------------------------------------------------------------------------


async def test_closing_oneself(linked: Linked) -> None:
    client = await linked("alice")
    ended = client.expect(events.Disconnected)
    running = asyncio.create_task(client.run())
    await soon(client.disconnect())
    end = await soon(ended)
    assert (end.code, end.cause) == (428, Cause.CLOSED_LOCALLY)
    check_follows(end, STOP)
    assert (await soon(running)) == end.info


async def test_a_newer_client_takes_over(server: LocalServer, linked: Linked, opened: Unlinked, tmp_path: Path) -> None:
    first = await linked("alice", tmp_path / "bot.db")
    ended = first.expect(events.Disconnected)
    await soon(first.disconnect())
    (tmp_path / "copy.db").write_bytes((tmp_path / "bot.db").read_bytes())
    if (wal := tmp_path / "bot.db-wal").exists():
        (tmp_path / "copy.db-wal").write_bytes(wal.read_bytes())
    await first.connect(timeout=PATIENCE)
    ended = first.expect(events.Disconnected)
    second = await opened("alice", tmp_path / "copy.db")
    await second.connect(timeout=PATIENCE)
    end = await soon(ended)
    assert (end.reason, end.cause) == (DisconnectReason.connectionReplaced, Cause.REPLACED)
    check_follows(end, STOP)
    assert second.is_connected
    assert not first.is_connected


async def test_a_policy_row_can_be_changed(server: LocalServer, linked: Linked) -> None:
    policy = Policy(overrides={Cause.REPLACED: BACK_OFF, 503: STOP})
    client = await linked("alice", policy=policy, back_off=BackOff(first=0.01))
    connected = client.expect(events.Connected)
    end = await end_of(client, lambda: server.faults.stream_error("alice", conflict="replaced"))
    check_follows(end, BACK_OFF)
    await soon(connected)
    end = await end_of(client, lambda: server.faults.stream_error("alice", code=503))
    check_follows(end, STOP)


async def test_no_policy_brings_back_who_was_sent_home(linked: Linked) -> None:
    client = await linked("alice", policy=Policy(overrides={428: NOW, Cause.CLOSED_LOCALLY: NOW}))
    end = await end_of(client, lambda: asyncio.ensure_future(client.disconnect()))
    assert (end.cause, end.action, end.delay) == (Cause.CLOSED_LOCALLY, STOP, None)
    assert not client.is_connected
