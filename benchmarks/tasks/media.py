"""Media: a file encrypted as before an upload, and one downloaded, checked and decrypted from HTTP on this machine.

Baileys checks neither the MAC nor the hashes of what it downloads; motte does, and it counts against motte.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from benchmarks.harness import Task, sample
from motte.core.media.cipher import Decryptor, Digests, Encryptor
from motte.core.media.keys import MediaKeys
from motte.core.media.kinds import MediaKind
from motte.runtime.media.download import _Transfer
from motte.runtime.media.sources import pieces
from motte.runtime.media.staging import staged
from motte.transport.http import HttpClient

MB = int(os.environ.get("BENCH_MB", "64"))
SIZE = MB * 1024 * 1024
KEYS = MediaKeys.derive(sample(32, 9), MediaKind.DOCUMENT)
STRANGERS = HttpClient(public_only=True)


def plain() -> Path:
    """The file, made once."""
    path = Path(tempfile.gettempdir()) / f"bench-media-{MB}.bin"
    if not path.exists():
        block = sample(1 << 20, 5)
        with path.open("wb") as file:
            for number in range(MB):
                file.write(number.to_bytes(4, "little") + block[4:])
    return path


async def encrypt(path: Path) -> None:
    async with staged(pieces(path, STRANGERS), Encryptor(KEYS)) as ready:
        assert ready.digests.size == SIZE


async def encrypt_small(data: bytes) -> None:
    async with staged(pieces(data, STRANGERS), Encryptor(KEYS)) as ready:
        assert ready.digests.size == len(data)


@dataclass
class Host:
    """An HTTP server with one encrypted file."""

    runner: web.AppRunner
    http: HttpClient
    url: str
    digests: Digests
    folder: tempfile.TemporaryDirectory[str]


async def serve() -> Host:
    folder = tempfile.TemporaryDirectory(prefix="bench-media-")
    encrypted = Path(folder.name) / "file.enc"
    async with staged(pieces(plain(), STRANGERS), Encryptor(KEYS)) as ready:
        with encrypted.open("wb") as file:
            async for piece in ready.pieces():
                file.write(piece)
        digests = ready.digests

    async def give(request: web.Request) -> web.FileResponse:
        return web.FileResponse(encrypted)

    app = web.Application()
    app.router.add_get("/x", give)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    return Host(runner, HttpClient(), f"http://127.0.0.1:{port}/x", digests, folder)


class Nowhere:
    """Counts what it is given."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)


async def download(host: Host) -> None:
    sink = Nowhere()
    transfer = _Transfer(Decryptor(KEYS, host.digests), sink, SIZE, None)
    async with host.http.open("GET", host.url) as response:
        async for chunk in response.chunks():
            await transfer.take(chunk)
    await transfer.finish()
    assert sink.size == SIZE


async def stop(host: Host) -> None:
    await host.http.close()
    await host.runner.cleanup()
    host.folder.cleanup()


TASKS = {
    f"media.encrypt.{MB}MB": Task(encrypt, setup=plain, bytes=SIZE, note="file to encrypted temporary file"),
    "media.encrypt.buffer64KB": Task(encrypt_small, setup=lambda: sample(65536, 8), bytes=65536),
    f"media.download.{MB}MB": Task(download, setup=serve, teardown=stop, bytes=SIZE, note="MAC and hashes checked"),
}
