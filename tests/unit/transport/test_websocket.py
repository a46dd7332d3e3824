"""The WebSocket against real sockets on 127.0.0.1: what works, and every way it does not."""

import asyncio
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from pathlib import Path

import pytest

from motte.errors import LocalProtocolError, TransportError
from motte.transport.base import Dialer
from motte.transport.websocket import CLOSE_GRACE, ORIGIN, WebSocketDialer, trusting
from tests.unit.transport.servers import (
    Ear,
    close_frame,
    message,
    read_message,
    reset,
    self_signed,
    serving,
    unused_port,
    upgrade,
)


async def echo(reader: Reader, writer: Writer) -> None:
    await upgrade(reader, writer)
    while True:
        opcode, payload = await read_message(reader)
        writer.write(message(payload, opcode))
        if opcode == 8:
            return


async def failure_of(port: int, *, scheme: str = "ws", host: str = "127.0.0.1", timeout: float = 5.0) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await WebSocketDialer(timeout=timeout).connect(f"{scheme}://{host}:{port}/ws/chat", Ear())
    return caught.value


async def test_bytes_go_there_and_back() -> None:
    async with serving(echo) as port:
        ear = Ear()
        dialer: Dialer = WebSocketDialer()
        socket = await dialer.connect(f"ws://127.0.0.1:{port}/ws/chat", ear)
        socket.send(b"hello")
        socket.send(bytes(70_000))
        await socket.drain()
        assert await ear.hear(70_005) == b"hello" + bytes(70_000)
        assert not socket.closed
        await socket.close()
        assert socket.closed
        socket.send(b"late")
        assert not ear.closed.done()


async def test_the_upgrade_names_our_origin_and_takes_more_headers() -> None:
    seen: list[dict[str, str]] = []

    async def handler(reader: Reader, writer: Writer) -> None:
        seen.append(await upgrade(reader, writer))
        await read_message(reader)

    async with serving(handler) as port:
        dialer = WebSocketDialer(headers={"X-More": "yes"})
        socket = await dialer.connect(f"ws://127.0.0.1:{port}/ws/chat", Ear())
        await socket.close()
    assert (seen[0]["origin"], seen[0]["x-more"]) == (ORIGIN, "yes")


async def test_fragments_and_pings_do_not_disturb_the_stream() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await upgrade(reader, writer)
        writer.write(message(b"ab", fin=False) + message(b"?", opcode=9) + message(b"cd", opcode=0))
        opcode, payload = await read_message(reader)
        writer.write(message(bytes((opcode,)) + payload))
        await read_message(reader)

    async with serving(handler) as port:
        ear = Ear()
        socket = await WebSocketDialer().connect(f"ws://127.0.0.1:{port}/", ear)
        assert await ear.hear(6) == b"abcd\x0a?"
        await socket.close()


async def test_a_port_without_a_listener_refuses() -> None:
    error = await failure_of(unused_port())
    assert error.kind == "refused"


async def test_a_name_that_does_not_exist() -> None:
    error = await failure_of(443, host="motte.invalid")
    assert error.kind == "dns"
    assert "motte.invalid" in str(error)


@pytest.mark.parametrize("status", [200, 301, 400, 403, 404, 429, 500, 503, 599])
async def test_an_http_answer_is_an_error_with_its_status(status: int) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status} No\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    async with serving(handler) as port:
        error = await failure_of(port)
    assert (error.kind, error.status) == ("http", status)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9\r\n\r\n", b"HTTP/1.1 101 Fine\r\n\r\n"])
async def test_something_else_than_an_upgrade(answer: bytes) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    async with serving(handler) as port:
        error = await failure_of(port)
    assert error.kind in ("closed", "other")
    assert error.status is None


async def test_a_reset_during_the_upgrade() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        reset(writer)

    async with serving(handler) as port:
        error = await failure_of(port)
    assert error.kind in ("reset", "closed")


async def test_a_server_that_never_answers_the_upgrade_is_given_up() -> None:
    async with serving(lambda reader, writer: reader.read()) as port:  # type: ignore[arg-type, return-value]
        error = await failure_of(port, timeout=0.05)
    assert error.kind == "timeout"


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    tls, _ = self_signed(tmp_path)
    async with serving(echo, tls) as port:
        error = await failure_of(port, scheme="wss")
    assert error.kind == "tls"
    assert "self-signed" in str(error) or "self signed" in str(error)


async def test_a_local_servers_certificate_can_be_trusted_and_its_name_still_counts(tmp_path: Path) -> None:
    tls, pem = self_signed(tmp_path)
    async with serving(echo, tls) as port:
        ear = Ear()
        socket = await WebSocketDialer(tls=trusting(str(pem))).connect(f"wss://127.0.0.1:{port}/", ear)
        socket.send(b"through TLS")
        assert await ear.hear(11) == b"through TLS"
        await socket.close()
    tls, pem = self_signed(tmp_path, "somebody.example")
    async with serving(echo, tls) as port:
        with pytest.raises(TransportError) as caught:
            await WebSocketDialer(tls=trusting(str(pem))).connect(f"wss://127.0.0.1:{port}/", Ear())
    assert caught.value.kind == "tls"


async def test_more_than_the_buffers_hold_goes_through_tls_both_ways(tmp_path: Path) -> None:
    tls, pem = self_signed(tmp_path)
    data = bytes(range(256)) * 2000
    async with serving(echo, tls) as port:
        ear = Ear()
        socket = await WebSocketDialer(tls=trusting(str(pem))).connect(f"wss://127.0.0.1:{port}/", ear)
        for part in (data[:70_000], data[70_000:70_100], data[70_100:]):
            socket.send(part)
        await socket.drain()
        assert await ear.hear(len(data)) == data
        await socket.close()


def test_clients_share_the_context_of_a_file_until_it_changes(tmp_path: Path) -> None:
    _, pem = self_signed(tmp_path)
    before = trusting(str(pem))
    assert trusting(str(pem)) is before
    self_signed(tmp_path, "somebody.example")
    assert trusting(str(pem)) is not before


async def test_tls_to_a_server_that_speaks_none() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with serving(handler) as port:
        error = await failure_of(port, scheme="wss")
    assert error.kind == "tls"


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4001, 4999])
async def test_a_close_is_heard_with_its_code(code: int) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await upgrade(reader, writer)
        writer.write(message(b"last words") + close_frame(code, "bye"))
        assert (await read_message(reader))[0] == 8

    async with serving(handler) as port:
        ear = Ear()
        socket = await WebSocketDialer().connect(f"ws://127.0.0.1:{port}/", ear)
        assert await ear.hear(10) == b"last words"
        assert await ear.close() == (code, "bye")
        assert socket.closed
        await socket.close()


async def test_a_close_without_a_code() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await upgrade(reader, writer)
        writer.write(message(b"", opcode=8))
        await read_message(reader)

    async with serving(handler) as port:
        ear = Ear()
        await WebSocketDialer().connect(f"ws://127.0.0.1:{port}/", ear)
        assert await ear.close() == (None, "")


@pytest.mark.parametrize("abrupt", [True, False], ids=["reset", "end of file"])
async def test_a_connection_that_just_ends(abrupt: bool) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await upgrade(reader, writer)
        await read_message(reader)
        if abrupt:
            reset(writer)

    async with serving(handler) as port:
        ear = Ear()
        socket = await WebSocketDialer().connect(f"ws://127.0.0.1:{port}/", ear)
        socket.send(b"x")
        assert await ear.close() == (None, "")
        await socket.drain()
        await socket.close()


@pytest.mark.parametrize(
    "garbage",
    [message(b"text", opcode=1), message(b"", opcode=3), b"\x82\xff" + bytes(12), b"\x82\x7f" + b"\x7f" * 8],
    ids=["text", "unknown opcode", "masked", "endless"],
)
async def test_a_server_that_breaks_the_websocket_protocol_is_left(garbage: bytes) -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await upgrade(reader, writer)
        writer.write(garbage)
        await read_message(reader)

    async with serving(handler) as port:
        ear = Ear()
        socket = await WebSocketDialer().connect(f"ws://127.0.0.1:{port}/", ear)
        code, _ = await ear.close()
        assert code is None
        await socket.close()


async def test_closing_towards_a_dead_peer_takes_no_longer_than_the_grace() -> None:
    silent = asyncio.Event()

    async def handler(reader: Reader, writer: Writer) -> None:
        await upgrade(reader, writer)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await silent.wait()

    async with serving(handler) as port:
        socket = await WebSocketDialer(close_grace=0.05).connect(f"ws://127.0.0.1:{port}/", Ear())
        socket.send(bytes(8_000_000))
        async with asyncio.timeout(1.0):
            await socket.close()
        assert socket.closed
        silent.set()


async def test_a_slow_peer_makes_drain_wait() -> None:
    go_on = asyncio.Event()

    async def handler(reader: Reader, writer: Writer) -> None:
        await upgrade(reader, writer)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await go_on.wait()
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        while await reader.read(1_000_000):
            pass

    async with serving(handler) as port:
        socket = await WebSocketDialer().connect(f"ws://127.0.0.1:{port}/", Ear())
        await socket.drain()
        socket.send(bytes(16_000_000))
        waiting = asyncio.create_task(socket.drain())
        await asyncio.sleep(0)
        assert not waiting.done()
        go_on.set()
        async with asyncio.timeout(10.0):
            await waiting
        await socket.close()


async def test_a_server_that_closes_with_the_upgrade_is_heard_before_the_dial_returns() -> None:
    async def handler(reader: Reader, writer: Writer) -> None:
        await upgrade(reader, writer)
        writer.write(close_frame(1013, "busy"))
        await read_message(reader)

    async with serving(handler) as port:
        ear = Ear()
        await (await WebSocketDialer().connect(f"ws://127.0.0.1:{port}/", ear)).close()
        assert await ear.close() == (1013, "busy")


async def test_cancelling_a_dial_leaves_nothing_behind() -> None:
    gone = asyncio.Event()

    async def handler(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await reader.read()
        gone.set()

    arrived = asyncio.Event()
    async with serving(handler) as port:
        dial = asyncio.create_task(WebSocketDialer().connect(f"ws://127.0.0.1:{port}/", Ear()))
        async with asyncio.timeout(5.0):
            await arrived.wait()
            dial.cancel()
            with pytest.raises(asyncio.CancelledError):
                await dial
            await gone.wait()


async def test_an_address_that_is_no_websocket() -> None:
    with pytest.raises(LocalProtocolError):
        await WebSocketDialer().connect("https://127.0.0.1/", Ear())


def test_a_goodbye_may_take_a_second_at_most() -> None:
    assert CLOSE_GRACE <= 1.0


def test_a_proxys_password_is_not_shown() -> None:
    assert "secret" not in repr(WebSocketDialer(proxy="http://user:secret@127.0.0.1:1"))


@pytest.mark.parametrize("secure", [False, True])
async def test_a_held_socket_reads_nothing_and_holds_the_sender_up(secure: bool, tmp_path: Path) -> None:
    """The server sends without end; what is not read stays in the network, until its writes block."""
    blocked, go_on = asyncio.Event(), asyncio.Event()
    piece, sent = bytes(64 * 1024), 0

    async def flood(reader: Reader, writer: Writer) -> None:
        nonlocal sent
        await upgrade(reader, writer)
        writer.write(message(b"first"))
        await go_on.wait()
        while sent < 64 * 1024 * 1024:
            writer.write(message(piece))
            sent += len(piece)
            try:
                await asyncio.wait_for(writer.drain(), 0.5)
            except TimeoutError:
                break
        blocked.set()
        await writer.drain()
        writer.write(message(b"last"))

    context, ca_file = self_signed(tmp_path) if secure else (None, None)
    async with serving(flood, context) as port:
        ear = Ear()
        tls = trusting(str(ca_file)) if secure else None
        scheme = "wss" if secure else "ws"
        socket = await WebSocketDialer(tls=tls).connect(f"{scheme}://127.0.0.1:{port}/ws/chat", ear)
        await ear.hear(5)
        socket.hold(True)
        go_on.set()
        await asyncio.wait_for(blocked.wait(), 30)
        assert sent < 64 * 1024 * 1024
        unread = ear.data.qsize()
        assert unread < 32
        socket.hold(False)
        assert (await ear.hear(sent + 4)).endswith(b"last")
        await socket.close()
