"""Fetching over HTTP, from servers that do not always behave."""

from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from pathlib import Path

import pytest

from motte.errors import LocalProtocolError, TransportError
from motte.transport.http import HttpClient
from motte.transport.websocket import trusting
from tests.unit.transport.servers import Handler, reset, self_signed, serving, unused_port


def answering(head: str, body: bytes = b"") -> Handler:
    async def handler(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {head}\r\n\r\n".encode() + body)
        await writer.drain()

    return handler


async def failure_of(url: str, client: HttpClient | None = None, limit: int = 100) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await (client or HttpClient()).get(url, limit=limit)
    return caught.value


async def test_a_body_is_fetched() -> None:
    async with serving(answering("200 OK\r\nContent-Length: 5", b"hello")) as port:
        assert await HttpClient().get(f"http://127.0.0.1:{port}/x", headers={"User-Agent": "test"}) == b"hello"


async def test_a_body_beyond_the_limit_is_refused_whatever_its_length_says() -> None:
    async with serving(answering("200 OK\r\nConnection: close", bytes(101))) as port:
        assert "longer than 100 bytes" in str(await failure_of(f"http://127.0.0.1:{port}/"))


@pytest.mark.parametrize("status", [204, 404, 503])
async def test_another_status_is_an_error_that_names_it(status: int) -> None:
    async with serving(answering(f"{status} No\r\nContent-Length: 0")) as port:
        error = await failure_of(f"http://127.0.0.1:{port}/")
    assert (error.kind, error.status) == ("http", status)


async def test_unreachable_in_every_way(tmp_path: Path) -> None:
    assert (await failure_of(f"http://127.0.0.1:{unused_port()}/")).kind == "refused"
    assert (await failure_of("http://motte.invalid/")).kind == "dns"

    async def resetting(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        reset(writer)

    async with serving(resetting) as port:
        assert (await failure_of(f"http://127.0.0.1:{port}/")).kind in ("reset", "other")
    async with serving(lambda reader, writer: reader.read()) as port:  # type: ignore[arg-type, return-value]
        assert (await failure_of(f"http://127.0.0.1:{port}/", HttpClient(timeout=0.05))).kind == "timeout"
    tls, pem = self_signed(tmp_path)
    async with serving(answering("200 OK\r\nContent-Length: 2", b"ok"), tls) as port:
        assert (await failure_of(f"https://127.0.0.1:{port}/")).kind == "tls"
        assert await HttpClient(tls=trusting(str(pem))).get(f"https://127.0.0.1:{port}/") == b"ok"


async def test_a_proxy_that_cannot_be_used_is_not_passed_by() -> None:
    with pytest.raises(LocalProtocolError):
        await HttpClient(proxy="socks5://127.0.0.1:1").get("http://127.0.0.1:1/")
    assert (await failure_of("http://127.0.0.1:1/", HttpClient(proxy=f"http://127.0.0.1:{unused_port()}"))).kind


async def test_only_http_is_fetched() -> None:
    with pytest.raises(LocalProtocolError):
        await HttpClient().get("file:///etc/hostname")
