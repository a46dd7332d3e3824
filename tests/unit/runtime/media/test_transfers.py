"""Hosts that misbehave: they break off, send another range or too much, redirect, answer nonsense."""

from __future__ import annotations

import asyncio
import errno
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from motte.core.binary.node import Node
from motte.core.media.cipher import Encryptor
from motte.core.media.keys import MediaKeys
from motte.core.media.kinds import MediaKind
from motte.core.stanza.iq import Iq
from motte.errors import LocalProtocolError, MediaError, RemoteProtocolError, TransportError
from motte.model.content.media import RemoteFile
from motte.runtime.media.media import Media
from motte.runtime.media.sinks import FileSink
from motte.runtime.media.sources import PIECE, grouped
from motte.testing.rng import SeededRng
from tests.unit.runtime.host import World, world
from tests.unit.transport.servers import self_signed, unused_port

KEY = SeededRng("key")(32)
PLAIN = (bytes(range(251)) * (3 * PIECE // 251 + 2))[: 3 * PIECE + 123]


def sealed() -> tuple[bytes, RemoteFile]:
    writer = Encryptor(MediaKeys.derive(KEY, MediaKind.VIDEO), sidecar=True)
    writer.digest(PLAIN)
    encrypted = bytes(writer.update(PLAIN)) + writer.finish()
    digests = writer.digests()
    file = RemoteFile(
        direct_path="/v/x",
        file_sha256=digests.file_sha256,
        enc_sha256=digests.enc_sha256,
        size=digests.size,
        mime_type="video/mp4",
        media_key=KEY,
        sidecar=digests.sidecar,
    )
    return encrypted, file


ENCRYPTED, FILE = sealed()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Host:
    """A media host that answers as the test says."""

    def __init__(self, media: Media, around: World, port: int) -> None:
        self.media, self.around, self.port = media, around, port
        self.seen: list[str] = []
        self.answers: list[Any] = []


async def whole(request: web.Request) -> web.StreamResponse:
    return web.Response(body=ENCRYPTED)


async def broken(request: web.Request) -> web.StreamResponse:
    """A million bytes from where it is asked for, then nothing."""
    start = int(request.headers.get("Range", "bytes=0-")[6:-1])
    response = web.StreamResponse(status=206 if start else 200)
    response.content_length = len(ENCRYPTED) - start
    if start:
        response.headers["Content-Range"] = f"bytes {start}-{len(ENCRYPTED) - 1}/{len(ENCRYPTED)}"
    await response.prepare(request)
    await response.write(ENCRYPTED[start : start + 1_000_000])
    if start + 1_000_000 < len(ENCRYPTED) and request.transport is not None:
        request.transport.close()
    return response


def answer(status: int, body: bytes = b"", **headers: str) -> Any:
    async def give(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return give


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    tls, pem = self_signed(tmp_path)
    around = await world(linked=True, ca_file=pem)
    dead = unused_port()

    async def handle(request: web.Request) -> web.StreamResponse:
        here.seen.append(f"{request.method} {request.path_qs} {request.headers.get('Range', '')}".strip())
        await request.read()
        give = here.answers.pop(0) if len(here.answers) > 1 else here.answers[0]
        response: web.StreamResponse = await give(request)
        return response

    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    port = runner.addresses[0][1]
    hosts = tuple(Node("host", {"hostname": f"127.0.0.1:{number}"}) for number in (dead, port))

    def connection(request: Iq[Any]) -> Node:
        body = Node("media_conn", {"auth": "secret", "ttl": "300"}, hosts)
        return Node("iq", {"id": "1", "type": "result", "from": "s.whatsapp.net"}, (body,))

    around.host.answer = connection
    here = Host(around.parts.media, around, port)
    try:
        yield here
    finally:
        await here.media.close()
        await runner.cleanup()


async def test_a_dead_host_is_passed_by_and_the_hosts_are_asked_for_once(host: Host) -> None:
    host.answers = [whole]
    for _ in range(2):
        assert await host.media.download(FILE, MediaKind.VIDEO) == PLAIN
    assert len(host.around.host.requests) == 1


async def test_a_download_that_breaks_off_goes_on_where_it_stopped(host: Host) -> None:
    host.answers = [broken]
    assert await host.media.download(FILE, MediaKind.VIDEO) == PLAIN
    assert len(host.seen) == 4
    assert host.seen[1].endswith("bytes=1000000-")


async def test_a_host_without_ranges_sends_the_beginning_again(host: Host) -> None:
    host.answers = [broken, whole]
    assert await host.media.download(FILE, MediaKind.VIDEO) == PLAIN


@pytest.mark.parametrize(
    ("give", "error"),
    [
        (answer(200, ENCRYPTED[:-1]), MediaError),
        (answer(200, ENCRYPTED + b"x"), MediaError),
        (answer(200, b""), MediaError),
        (answer(206, ENCRYPTED, **{"Content-Range": "bytes 5-9/10"}), RemoteProtocolError),
        (answer(500), TransportError),
        (answer(302, Location="https://127.0.0.2/x"), LocalProtocolError),
        (answer(302, Location="http://example.com/x"), TransportError),
    ],
)
async def test_what_is_not_the_file_leaves_nothing(
    host: Host, tmp_path: Path, give: Any, error: type[Exception]
) -> None:
    host.answers = [give]
    before = names(tmp_path)
    with pytest.raises(error):
        await host.media.download(FILE, MediaKind.VIDEO, to=tmp_path / "film.mp4")
    assert names(tmp_path) == before


async def test_a_download_that_is_given_up_leaves_nothing(host: Host, tmp_path: Path) -> None:
    came, never = asyncio.Event(), asyncio.Event()

    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = len(ENCRYPTED)
        await response.prepare(request)
        await response.write(ENCRYPTED[: 2 * PIECE])
        await never.wait()
        return response

    host.answers = [stall]
    before, target = names(tmp_path), tmp_path / "film.mp4"
    target.write_bytes(b"an older film")

    def progress(done: int, size: int | None) -> None:
        came.set()

    task = asyncio.create_task(host.media.download(FILE, MediaKind.VIDEO, to=target, progress=progress))
    await asyncio.wait_for(came.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    never.set()
    assert names(tmp_path) == sorted([*before, "film.mp4"])
    assert target.read_bytes() == b"an older film"


async def test_a_disk_that_is_full_says_so(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(sink: FileSink, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSink, "write", full)
    host.answers = [whole]
    before = names(tmp_path)
    with pytest.raises(OSError, match="No space"):
        await host.media.download(FILE, MediaKind.VIDEO, to=tmp_path / "film.mp4")
    assert names(tmp_path) == before
    assert len(host.seen) == 1  # another host would not help


async def test_a_part_is_asked_for_and_checked(host: Host) -> None:
    async def part(request: web.Request) -> web.StreamResponse:
        start, end = map(int, request.headers["Range"][6:].split("-"))
        headers = {"Content-Range": f"bytes {start}-{end}/{len(ENCRYPTED)}"}
        return web.Response(status=206, body=ENCRYPTED[start : end + 1], headers=headers)

    host.answers = [part]
    assert await host.media.read(FILE, MediaKind.VIDEO, 70_000, 70_010) == PLAIN[70_000:70_010]
    host.answers = [answer(206, ENCRYPTED[:10], **{"Content-Range": "bytes 65520-65529/9"})]
    with pytest.raises(MediaError):
        await host.media.read(FILE, MediaKind.VIDEO, 70_000, 70_010)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"direct_path": 7}', b'{"direct_path": "https://x/"}'])
async def test_an_upload_whose_answer_makes_no_sense(host: Host, body: bytes) -> None:
    host.answers = [answer(200, body)]
    with pytest.raises(RemoteProtocolError):
        await host.media.upload(MediaKind.IMAGE, b"a picture")


async def test_where_an_upload_goes_and_what_is_told_of_it(host: Host) -> None:
    host.answers = [answer(200, b'{"direct_path": "/v/y", "url": "https://h/v/y"}')]
    file = await host.media.upload(MediaKind.STICKER, b"RIFF\0\0\0\0WEBP")
    assert host.seen[0].startswith("POST /mms/image/")
    assert "auth=secret" in host.seen[0]
    assert (file.direct_path, file.mime_type, file.size) == ("/v/y", "image/webp", 12)
    host.answers = [answer(503)]
    with pytest.raises(TransportError) as caught:
        await host.media.upload(MediaKind.STICKER, b"RIFF\0\0\0\0WEBP")
    assert "secret" not in str(caught.value)
    assert caught.value.status == 503


async def test_pieces_keep_their_bytes_and_their_bound() -> None:
    async def parts() -> AsyncIterator[bytes]:
        stream = io.BytesIO(PLAIN)
        for size in (1, 0, PIECE, 3, 2 * PIECE, PIECE):
            yield stream.read(size)

    pieces = [piece async for piece in grouped(parts())]
    assert b"".join(pieces) == PLAIN
    assert {len(piece) for piece in pieces[:-1]} == {PIECE}
