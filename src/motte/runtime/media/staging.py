"""A file made ready for upload: encrypted into a temporary file that has no name, and is gone when closed.

The address of an upload holds the hash of what is uploaded, so all of it is encrypted before the first byte is sent;
and an upload can then be repeated, at another host or from the middle, whatever the source was.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import IO, Final, cast

from motte.core.media.cipher import Digests, Writer
from motte.core.media.sniff import HEAD
from motte.runtime.media.pipeline import Pipeline
from motte.runtime.media.sources import PIECE

IN_MEMORY: Final = 1024 * 1024
"""Bytes up to which nothing is written to disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What will be uploaded: `size` bytes, with its digests and the first bytes of the original."""

    file: IO[bytes] = field(repr=False)
    size: int
    digests: Digests
    head: bytes = field(repr=False)

    async def pieces(self, offset: int = 0) -> AsyncIterator[bytes]:
        """What is uploaded, from `offset` on."""
        for start in range(offset, self.size, PIECE):
            yield await asyncio.to_thread(self._at, start)

    def _at(self, start: int) -> bytes:
        self.file.seek(start)
        return self.file.read(PIECE)


@asynccontextmanager
async def staged(pieces: AsyncIterator[bytes], writer: Writer) -> AsyncIterator[Staged]:
    """Pass all pieces through the writer; the result lasts as long as the block."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+b") as spool:
        file, head = cast(IO[bytes], spool), b""
        async with Pipeline(writer.digest, lambda piece: file.write(writer.update(piece))) as pipeline:
            async for piece in pieces:
                head = head or piece[:HEAD]
                await pipeline.put((piece,))
            await pipeline.drain()
        file.write(writer.finish())
        yield Staged(file=file, size=file.tell(), digests=writer.digests(), head=head)
