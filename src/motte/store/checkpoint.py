"""Checkpoints: moving what the write-ahead log (WAL) has collected into the database file.

That waits for the disk, easily for 20 ms, and SQLite would do it inside the commit that happens to be the thousandth.
So it is done in a thread, while commits go on. SQLite's own checkpoint stays as a far limit, should the thread not keep
up.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Final

ROWS_PER_CHECKPOINT: Final = 1000
"""Rows written between two checkpoints; a row costs the log a page (4 KB) or a few."""
FAR_LIMIT_PAGES: Final = 16000
"""At 64 MB of log SQLite makes the checkpoint within a commit after all."""


class Checkpoints:
    """The checkpoints of one file, one at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = 0
        self._running: asyncio.Future[None] | None = None

    def wrote(self, rows: int) -> None:
        """So many rows were committed; a checkpoint begins when it is time. Needs a running event loop."""
        self._rows += rows
        if self._rows >= ROWS_PER_CHECKPOINT and (self._running is None or self._running.done()):
            self._rows = 0
            self._running = asyncio.get_running_loop().run_in_executor(None, _checkpoint, self._path)

    async def finish(self) -> None:
        """Wait for the one that runs."""
        if self._running is not None:
            await asyncio.wait([self._running])


def _checkpoint(path: Path) -> None:
    # What keeps it from working (a full disk, another checkpoint) does no harm: the log stays, a later one takes over.
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
