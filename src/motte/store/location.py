"""Where an account lives, as a user writes it: a file name, or nothing for memory."""

from __future__ import annotations

from pathlib import Path

from motte.store.backend import Backend
from motte.store.memory import MemoryBackend
from motte.store.sqlite import SqliteBackend


def open_backend(where: str | Path | None) -> Backend:
    """The backend at `where`: a SQLite file, or memory for `None` and `":memory:"`.

    The file is read, or made, at the first call. Backends of the same file share one connection.
    """
    if where is None or where == ":memory:":
        return MemoryBackend()
    return SqliteBackend(where)
