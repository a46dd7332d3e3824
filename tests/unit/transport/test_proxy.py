"""Through a proxy: HTTP CONNECT and SOCKS5, and proxies that refuse."""

import asyncio
import base64
import struct
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer

import pytest

from motte.errors import TransportError
from motte.transport.websocket import WebSocketDialer
from tests.unit.transport.servers import Ear, Handler, message, read_message, serving, unused_port, upgrade


async def greet(reader: Reader, writer: Writer) -> None:
    await upgrade(reader, writer)
    writer.write(message(b"hello"))
    await read_message(reader)


async def splice(reader: Reader, writer: Writer, host: str, port: int) -> None:
    far_reader, far_writer = await asyncio.open_connection(host, port)

    async def pump(source: Reader, sink: Writer) -> None:
        while data := await source.read(65_536):
            sink.write(data)
        sink.close()

    await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


def http_proxy(seen: list[str], status: int = 200) -> Handler:
    async def handler(reader: Reader, writer: Writer) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        seen.append(request)
        writer.write(f"HTTP/1.1 {status} Whatever\r\n\r\n".encode())
        if status == 200:
            host, port = request.split()[1].rsplit(":", 1)
            await splice(reader, writer, host, int(port))

    return handler


async def socks_proxy(reader: Reader, writer: Writer) -> None:
    _, methods = await reader.readexactly(2)
    assert 2 in await reader.readexactly(methods)
    writer.write(b"\x05\x02")
    _, size = await reader.readexactly(2)
    user = await reader.readexactly(size)
    password = await reader.readexactly((await reader.readexactly(1))[0])
    good = (user, password) == (b"user", b"secret")
    writer.write(b"\x01\x00" if good else b"\x01\x01")
    if not good:
        return
    _, _, _, kind = await reader.readexactly(4)
    if kind == 1:
        host = ".".join(map(str, await reader.readexactly(4)))
    else:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
    (port,) = struct.unpack(">H", await reader.readexactly(2))
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    await splice(reader, writer, host, port)


async def test_http_connect_with_a_password() -> None:
    seen: list[str] = []
    async with serving(greet) as port, serving(http_proxy(seen)) as proxy:
        ear = Ear()
        dialer = WebSocketDialer(proxy=f"http://user:secret@127.0.0.1:{proxy}")
        socket = await dialer.connect(f"ws://127.0.0.1:{port}/ws/chat", ear)
        assert await ear.hear(5) == b"hello"
        await socket.close()
    assert seen[0].startswith(f"CONNECT 127.0.0.1:{port} ")
    assert base64.b64encode(b"user:secret").decode() in seen[0]


async def test_socks5_with_a_password() -> None:
    async with serving(greet) as port, serving(socks_proxy) as proxy:
        ear = Ear()
        dialer = WebSocketDialer(proxy=f"socks5://user:secret@127.0.0.1:{proxy}")
        socket = await dialer.connect(f"ws://127.0.0.1:{port}/ws/chat", ear)
        assert await ear.hear(5) == b"hello"
        await socket.close()


async def test_a_proxy_that_refuses_is_named_and_its_password_is_not() -> None:
    async with serving(http_proxy([], status=407)) as proxy:
        with pytest.raises(TransportError) as caught:
            await WebSocketDialer(proxy=f"http://user:secret@127.0.0.1:{proxy}").connect("ws://127.0.0.1:1/", Ear())
    assert (caught.value.kind, caught.value.status) == ("other", None)
    assert "proxy" in str(caught.value)
    assert "secret" not in str(caught.value)
    async with serving(socks_proxy) as proxy:
        with pytest.raises(TransportError) as caught:
            await WebSocketDialer(proxy=f"socks5://user:wrong@127.0.0.1:{proxy}").connect("ws://127.0.0.1:1/", Ear())
    assert caught.value.kind == "other"


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_not_there(scheme: str) -> None:
    with pytest.raises(TransportError):
        await WebSocketDialer(proxy=f"{scheme}://127.0.0.1:{unused_port()}").connect("ws://127.0.0.1:1/", Ear())
