"""Media: a file encrypted as before an upload, and one downloaded, checked and decrypted from HTTP on this machine.

Both sides download the same file from the same host, which is a process of its own. Baileys checks neither the MAC nor
the hashes of what it downloads; motte does, and it counts against motte.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Task, sample
from benchmarks.mediahost import HOST, MB, MEDIA_KEY, plain, running
from motte.core.media.cipher import Decryptor, Digests, Encryptor, Piece
from motte.core.media.keys import MediaKeys
from motte.core.media.kinds import MediaKind
from motte.runtime.media.download import Transfer
from motte.runtime.media.sources import pieces
from motte.runtime.media.staging import staged
from motte.transport.http import HttpClient

SIZE = MB * 1024 * 1024
KEYS = MediaKeys.derive(MEDIA_KEY, MediaKind.DOCUMENT)
STRANGERS = HttpClient(public_only=True)


async def encrypt(path: Path) -> None:
    async with staged(pieces(path, STRANGERS), Encryptor(KEYS)) as ready:
        assert ready.digests.size == SIZE


async def encrypt_small(data: bytes) -> None:
    async with staged(pieces(data, STRANGERS), Encryptor(KEYS)) as ready:
        assert ready.digests.size == len(data)


@dataclass
class Remote:
    """The file on the host, and what a message would say of it. `host` ends the host, if it is ours."""

    http: HttpClient
    url: str
    digests: Digests
    host: ExitStack


def remote() -> Remote:
    stack = ExitStack()
    text = os.environ.get(HOST) or stack.enter_context(running())[HOST]
    facts = json.loads(text)
    digests = Digests(
        size=facts["size"],
        file_sha256=bytes.fromhex(facts["file_sha256"]),
        enc_sha256=bytes.fromhex(facts["enc_sha256"]),
    )
    return Remote(HttpClient(), facts["url"], digests, stack)


class Nowhere:
    """Counts what it is given."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: Piece) -> None:
        self.size += len(data)


async def download(file: Remote) -> None:
    sink = Nowhere()
    async with Transfer(Decryptor(KEYS, file.digests), sink, SIZE, None) as transfer:
        async with file.http.open("GET", file.url) as response:
            async for chunk in response.chunks():
                await transfer.take(chunk)
        await transfer.finish()
    assert sink.size == SIZE


async def stop(file: Remote) -> None:
    await file.http.close()
    file.host.close()


TASKS = {
    f"media.encrypt.{MB}MB": Task(encrypt, setup=plain, bytes=SIZE, note="file to encrypted temporary file"),
    "media.encrypt.buffer64KB": Task(encrypt_small, setup=lambda: sample(65536, 8), bytes=65536),
    f"media.download.{MB}MB": Task(download, setup=remote, teardown=stop, bytes=SIZE, note="MAC and hashes checked"),
}
