"""Previews of links, from a site on 127.0.0.1 that the tests alone allow; everything else is guarded as always."""

from __future__ import annotations

import asyncio
import gzip
import io
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PIL import Image

from motte.core.media.kinds import MediaKind
from motte.errors import TransportError
from motte.model.content.media import RemoteFile
from motte.model.content.text import LinkPreview, Text
from motte.runtime.config import Config, LinkPreviews
from motte.runtime.media import previews
from motte.runtime.media.previews import LARGE, SMALL, Previews
from tests.unit.runtime.media.site import SHOP, Site, drawn, site

ALLOWED = LinkPreviews(allowed=("127.0.0.1",), seconds=3.0)
FILE = RemoteFile(direct_path="/x", file_sha256=bytes(32), size=1, mime_type="image/jpeg")


class Uploads:
    """Takes uploads, or refuses them."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.refuses = False

    async def upload(self, kind: MediaKind, source: bytes, **options: Any) -> RemoteFile:
        if self.refuses:
            raise TransportError("http", "no", status=500)
        assert kind is MediaKind.LINK_THUMBNAIL and options["mime"](b"") == "image/jpeg"
        self.taken.append(source)
        return FILE


@asynccontextmanager
async def making(rules: LinkPreviews | bool = ALLOWED, uploads: Uploads | None = None) -> AsyncIterator[Previews]:
    made = Previews(Config(link_previews=rules), uploads or Uploads())  # type: ignore[arg-type]
    yield made
    await made.close()


async def preview(url: str, rules: LinkPreviews | bool = ALLOWED, uploads: Uploads | None = None) -> LinkPreview | None:
    async with making(rules, uploads) as made:
        filled = await asyncio.wait_for(made.filled(Text(text=f"look: {url}")), 10)
    assert filled.preview is None or isinstance(filled.preview, LinkPreview)
    return filled.preview


@pytest.fixture
async def web() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


async def test_a_page_with_a_picture(web: Site) -> None:
    url, uploads = web.html("/", SHOP), Uploads()
    web.file("/tea.png", drawn(1600, 400), "image/png")
    made = await preview(url, uploads=uploads)
    assert made is not None and made.thumbnail is not None
    assert (made.url, made.title, made.description) == (url, "The shop", "Tea & cups")
    assert (made.file, made.width, made.height) == (FILE, LARGE, LARGE // 4)
    for data, size in ((made.thumbnail, (SMALL, SMALL // 4)), (uploads.taken[0], (LARGE, LARGE // 4))):
        picture = Image.open(io.BytesIO(data))
        assert (picture.format, picture.size) == ("JPEG", size)


@pytest.mark.parametrize(
    ("rules", "asked", "made"),
    [(False, None, False), (False, True, False), (ALLOWED, None, True), (ALLOWED, False, False), (ALLOWED, True, True)],
)
async def test_who_gets_one(web: Site, rules: LinkPreviews | bool, asked: bool | None, made: bool) -> None:
    """`False, True` fetches, but not from a private address without leave."""
    url = web.html("/", SHOP)
    async with making(rules) as maker:
        filled = await maker.filled(Text(text=url, preview=asked))
        assert (filled.preview is not None, bool(web.asked)) == (made, made)
        own = Text(text=url, preview=LinkPreview(url=url, title="own"))
        assert await maker.filled(own) is own
        assert (await maker.filled(Text(text="no link", preview=True))).preview is None


async def test_a_picture_that_is_not_uploaded_stays_small(web: Site) -> None:
    uploads = Uploads()
    uploads.refuses = True
    url = web.html("/", SHOP)
    web.file("/tea.png", drawn(300, 300, mode="RGBA"), "image/png")
    made = await preview(url, uploads=uploads)
    assert made is not None and made.thumbnail is not None and made.file is None


@pytest.mark.parametrize(
    ("kind", "body", "more"),
    [
        ("text/html", b"not a picture", ""),
        ("image/png", b"\x89PNG broken", ""),
        ("image/svg+xml", b"<svg/>", ""),
        ("image/png", drawn(5000, 5000), ""),  # too many pixels
        ("image/png", bytes(300_000), ""),  # too many bytes
        ("image/png", gzip.compress(drawn(10, 10)), "Content-Encoding: gzip\r\n"),
    ],
)
async def test_a_picture_that_cannot_be_shown_is_left_out(web: Site, kind: str, body: bytes, more: str) -> None:
    url = web.html("/", SHOP)
    web.file("/tea.png", body, kind, more)
    made = await preview(url, LinkPreviews(allowed=("127.0.0.1",), picture_bytes=200_000))
    assert made == LinkPreview(url=url, title="The shop", description="Tea & cups")
    assert web.asked == ["/", "/tea.png"]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:1/",
        "http://[::ffff:127.0.0.1]:1/",
        "http://10.0.0.1/",
        "http://localhost:1/",
        "http://example.com/",
        "file:///etc/passwd",
    ],
)
async def test_where_no_redirect_leads(web: Site, target: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    url = web.redirect("/away", target)
    assert await preview(url) is None
    assert "a link has no preview" in caplog.text and url not in caplog.text


async def test_a_redirect_on_the_same_host_is_followed_but_not_for_ever(web: Site) -> None:
    web.html("/end", SHOP.replace("/tea.png", ""))
    made = await preview(web.redirect("/begin", "/end"))
    assert made is not None and made.title == "The shop"
    assert await preview(web.redirect("/loop", "/loop")) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"])
async def test_a_private_address_is_not_even_asked(web: Site, host: str) -> None:
    web.html("/", SHOP)
    assert await preview(web.url("/", host), True) is None
    assert web.asked == []


async def test_a_name_is_judged_by_what_it_resolves_to(web: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    names = {"inside.example": "10.0.0.1", "shop.example": "127.0.0.1"}

    def resolve(host: str, *args: Any, **named: Any) -> Any:
        return real(names.get(host, host), *args, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    web.html("/", SHOP.replace("/tea.png", "http://inside.example/tea.png"))
    made = await preview(web.url("/", "shop.example"))
    assert made is not None and made.title == "The shop" and made.thumbnail is None
    assert await preview(web.url("/", "inside.example")) is None
    asked = len(web.asked)
    assert await preview(web.url("/", "shop.example"), True) is None
    assert len(web.asked) == asked


async def test_of_an_endless_page_the_beginning_is_read(web: Site) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Endless</title>")
        while not writer.is_closing():
            writer.write(bytes(65536))
            await writer.drain()

    web.pages["/"] = endless
    made = await preview(web.url("/"))
    assert made is not None and made.title == "Endless"


async def test_a_page_that_trickles_is_given_up(web: Site) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Slow</title>")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0)

    web.pages["/"] = trickle
    assert await preview(web.url("/"), LinkPreviews(allowed=("127.0.0.1",), seconds=0.3, page_bytes=10**9)) is None


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("404 Not Found\r\nContent-Type: text/html\r\n", SHOP.encode()),
        ("200 OK\r\nContent-Type: application/pdf\r\n", SHOP.encode()),
        ("200 OK\r\n", SHOP.encode()),
        ("200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n", gzip.compress(bytes(10_000_000))),
        ("200 OK\r\nContent-Type: text/html\r\n", b"<p>no title"),
        ("nonsense\r\n", b""),
    ],
)
async def test_what_is_no_page_gives_no_preview(web: Site, head: str, body: bytes) -> None:
    web.pages["/"] = (head, body)
    assert await preview(web.url("/")) is None


async def test_without_the_extra_texts_go_out_plain(
    web: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(*args: object) -> None:
        raise ImportError

    monkeypatch.setattr(previews, "read", missing)
    assert await preview(web.html("/", SHOP)) is None
    assert "motte[previews]" in caplog.text
