"""What can be sent, as pieces of bounded size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Final

from motte.errors import LocalProtocolError
from motte.model.content.media import Source, UrlSource
from motte.transport.http import HttpClient

PIECE: Final = 1024 * 1024
"""Bytes that are read, encrypted or written at a time."""


def pieces(source: Source, strangers: HttpClient) -> AsyncIterator[bytes]:
    """The content of a source. `strangers` fetches URLs, and knows which not to.

    Raises:
        LocalProtocolError: not something that can be sent.
        OSError: the file cannot be read.
        TransportError: the URL cannot be fetched.
    """
    match source:
        case bytes():
            return _sliced(source)
        case str() | Path():
            return _read(Path(source))
        case UrlSource(url):
            return grouped(_fetched(url, strangers))
        case AsyncIterable():
            return grouped(source)
    raise LocalProtocolError(f"{type(source).__name__} is nothing that can be uploaded")


def name_of(source: Source) -> str | None:
    """The file's own name, when it has one."""
    match source:
        case str() | Path():
            return Path(source).name
        case UrlSource(url):
            return url.partition("?")[0].rpartition("/")[2] or None
    return None


async def grouped(parts: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces of `PIECE`, the last one shorter: fewer ways into a thread and back."""
    held = bytearray()
    async for part in parts:
        # A part may be of any size; one copy of it is the most that is made.
        for start in range(0, len(part), PIECE):
            held += part[start : start + PIECE]
            while len(held) >= PIECE:
                yield bytes(held[:PIECE])
                del held[:PIECE]
    if held:
        yield bytes(held)


async def _sliced(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


async def _read(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
    finally:
        file.close()


async def _fetched(url: str, strangers: HttpClient) -> AsyncIterator[bytes]:
    async with strangers.open("GET", url) as response:
        if response.status != 200:
            raise response.error()
        async for chunk in response.chunks():
            yield chunk
