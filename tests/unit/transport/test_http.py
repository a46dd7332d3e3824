"""Fetching over HTTP, from servers that do not always behave."""

from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from pathlib import Path
from typing import Any

import pytest

from motte.errors import LocalProtocolError, TransportError
from motte.transport.http import HttpClient
from motte.transport.websocket import trusting
from tests.unit.transport.servers import Handler, reset, self_signed, serving, unused_port
from tests.unit.transport.test_proxy import socks_proxy


def answering(head: str, body: bytes = b"") -> Handler:
    async def handler(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {head}\r\n\r\n".encode() + body)
        await writer.drain()

    return handler


async def failure_of(url: str, client: HttpClient | None = None, limit: int = 100) -> TransportError:
    async with client or HttpClient() as http:
        with pytest.raises(TransportError) as caught:
            await http.get(url, limit=limit)
    return caught.value


async def fetched(url: str, **options: Any) -> bytes:
    async with HttpClient(**options) as http:
        return await http.get(url, headers={"User-Agent": "test"})


async def test_a_body_is_fetched() -> None:
    async with serving(answering("200 OK\r\nContent-Length: 5", b"hello")) as port:
        assert await fetched(f"http://127.0.0.1:{port}/x") == b"hello"


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
        assert await fetched(f"https://127.0.0.1:{port}/", tls=trusting(str(pem))) == b"ok"


async def test_a_proxy_that_cannot_be_used_is_not_passed_by() -> None:
    with pytest.raises(LocalProtocolError):
        await fetched("http://127.0.0.1:1/", proxy="gopher://127.0.0.1:1")
    for scheme in ("http", "socks5"):
        proxied = HttpClient(proxy=f"{scheme}://127.0.0.1:{unused_port()}")
        assert (await failure_of("http://127.0.0.1:1/", proxied)).kind


async def test_through_a_socks_proxy() -> None:
    async with serving(answering("200 OK\r\nContent-Length: 5", b"hello")) as port, serving(socks_proxy) as proxy:
        url = f"http://127.0.0.1:{port}/"
        assert await fetched(url, proxy=f"socks5://user:secret@127.0.0.1:{proxy}") == b"hello"
        refused = await failure_of(url, HttpClient(proxy=f"socks5://user:wrong@127.0.0.1:{proxy}"))
    assert "wrong" not in str(refused)


async def test_only_http_is_fetched() -> None:
    with pytest.raises(LocalProtocolError):
        await fetched("file:///etc/hostname")


async def test_a_redirect_on_the_same_host_is_followed_and_an_endless_one_is_not() -> None:
    async def twice(reader: Reader, writer: Writer) -> None:
        while request := await reader.readuntil(b"\r\n\r\n"):
            if request.startswith(b"GET /old "):
                writer.write(b"HTTP/1.1 302 Found\r\nLocation: new\r\nContent-Length: 0\r\n\r\n")
            else:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew")

    async with serving(twice) as port:
        assert await fetched(f"http://127.0.0.1:{port}/old") == b"new"
    async with serving(answering("302 Found\r\nLocation: /again\r\nContent-Length: 0")) as port:
        assert "redirects again and again" in str(await failure_of(f"http://127.0.0.1:{port}/"))


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/", "http://[::1]:1/", "http://10.0.0.1/", "http://localhost:1/"]
)
async def test_a_redirect_into_the_own_network_is_refused(target: str) -> None:
    async with serving(answering(f"302 Found\r\nLocation: {target}\r\nContent-Length: 0")) as port:
        with pytest.raises(LocalProtocolError):
            await fetched(f"http://127.0.0.1:{port}/")


async def test_https_does_not_redirect_to_http(tmp_path: Path) -> None:
    tls, pem = self_signed(tmp_path)
    async with serving(answering("302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0"), tls) as port:
        error = await failure_of(f"https://127.0.0.1:{port}/", HttpClient(tls=trusting(str(pem))))
    assert "away from https" in str(error)


async def test_public_only_does_not_reach_this_machine() -> None:
    async with serving(answering("200 OK\r\nContent-Length: 5", b"hello")) as port:
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]", "0x7f.1"):
            with pytest.raises(LocalProtocolError):
                await fetched(f"http://{host}:{port}/", public_only=True)


async def test_a_body_that_breaks_off_is_no_whole_body() -> None:
    async with serving(answering("200 OK\r\nContent-Length: 50", b"hello")) as port:
        assert (await failure_of(f"http://127.0.0.1:{port}/")).kind == "other"


async def test_what_the_reader_of_a_body_raises_is_not_taken_for_the_network() -> None:
    async with serving(answering("200 OK\r\nContent-Length: 5", b"hello")) as port, HttpClient() as http:
        with pytest.raises(OSError, match="disk full"):
            async with http.open("GET", f"http://127.0.0.1:{port}/"):
                raise OSError("disk full")
