"""What waits to be written, and the task that writes it.

put       waits for room, then until its entry is in the database: so who hands in too much is held up
write     all that waits, in one transaction; alone it is written at once
failed    the database may work later: the same again, after a pause that grows; nothing is given up meanwhile
refused   a value that the database never takes: its entry is told of and left out, the others are kept
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from motte.archive.database import Database, Refused
from motte.errors import ArchiveError

log = logging.getLogger("motte.archive")

E = TypeVar("E")

ROOM: Final = 1_000
"""Entries that may wait; who brings another one waits too."""
GROUP: Final = 256
"""Entries in one transaction."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
"""Seconds between two tries when the database fails."""


class Writer(Generic[E]):
    """Writes entries in the order in which they were put. `apply` puts some into the database, in a transaction."""

    def __init__(
        self,
        database: Database,
        apply: Callable[[Connection, Sequence[E]], object],
        *,
        on_error: Callable[[ArchiveError], object] | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._database, self._apply, self._on_error, self._first_pause = database, apply, on_error, first_pause
        self._waiting: deque[tuple[E, asyncio.Future[None]]] = deque()
        self._room = asyncio.Semaphore(ROOM)
        self._work, self._closing = asyncio.Event(), asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="motte-archive")

    async def put(self, entry: E) -> None:
        """Write `entry`; returns when it is in the database, or was refused and told of.

        Raises:
            ArchiveError: the archive was closed before it could be written.
        """
        if self._closing.is_set():
            raise ArchiveError(f"{self._database.place} is closed")
        async with self._room:
            written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((entry, written))
            self._work.set()
            await written

    async def close(self) -> None:
        """Write what waits, with one more try if the database fails."""
        self._closing.set()
        self._work.set()
        await self._task

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            if not self._waiting:
                if self._closing.is_set():
                    return
                self._work.clear()
                continue
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP))]
            await self._write(taken)

    async def _write(self, group: Sequence[tuple[E, asyncio.Future[None]]]) -> None:
        pause = self._first_pause
        while (error := await self._try([entry for entry, _ in group])) is not None:
            if isinstance(error, Refused):
                if len(group) > 1:
                    for one in group:
                        await self._write([one])
                    return
                self._tell(error)
                break
            self._tell(error)
            if self._closing.is_set():
                for _, written in group:
                    if not written.done():
                        written.set_exception(error)
                        written.exception()  # nobody may be waiting any more
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        for _, written in group:
            if not written.done():
                written.set_result(None)

    async def _try(self, entries: Sequence[E]) -> ArchiveError | None:
        try:
            await self._database.write(lambda connection: self._apply(connection, entries))
        except ArchiveError as error:
            return error
        except Exception as error:
            # A value that no column holds, or a mistake of ours. Its traceback shows where, not what.
            log.exception("an entry of the archive cannot be written")
            return Refused(f"{self._database.place}: {type(error).__name__}")
        return None

    def _tell(self, error: ArchiveError) -> None:
        log.error("%s", error)
        if self._on_error is not None:
            try:
                self._on_error(error)
            except Exception:
                log.exception("the archive's error handler failed too")
