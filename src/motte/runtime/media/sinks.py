"""Where a downloaded file goes. It is there whole, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from pathlib import Path
from typing import IO, Protocol, Self

from motte.core.media.cipher import Piece
from motte.errors import LocalProtocolError


class Sink(Protocol):
    """Takes the pieces of a file that is not known to be right yet."""

    def write(self, data: Piece) -> None:
        """Take a piece, which lasts no longer than the call; called from a thread."""
        ...


class FileSink:
    """A file beside `path` under another name, which takes its place when `keep` is called; else it is removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
        self._file: IO[bytes] | None = None

    async def __aenter__(self) -> Self:
        if self._path.is_dir():
            raise LocalProtocolError(f"{self._path} is a folder; give the name of a file")
        self._file = await asyncio.to_thread(self._temporary.open, "xb")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            with contextlib.suppress(OSError):
                self._temporary.unlink(missing_ok=True)

    def write(self, data: Piece) -> None:
        """Take a piece."""
        assert self._file is not None
        self._file.write(data)

    async def keep(self) -> Path:
        """The file is right: put it in its place."""
        assert self._file is not None
        await asyncio.to_thread(self._settle, self._file)
        self._file = None
        return self._path

    def _settle(self, file: IO[bytes]) -> None:
        file.flush()
        os.fsync(file.fileno())
        file.close()
        self._temporary.replace(self._path)


class MemorySink:
    """Bytes in memory, `limit` at most."""

    def __init__(self, limit: int) -> None:
        self._limit, self._data = limit, bytearray()

    def write(self, data: Piece) -> None:
        """Take a piece. Raises `LocalProtocolError` when it is too much."""
        if len(self._data) + len(data) > self._limit:
            raise LocalProtocolError(f"the file has more than {self._limit} bytes: download it to a path")
        self._data += data

    def take(self) -> bytes:
        """All of it."""
        return bytes(self._data)
