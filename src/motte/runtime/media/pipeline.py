"""Bytes worked on in threads while the next ones are on their way.

Two halves of the work share nothing, so each gets a thread: hashing in one, the cipher and writing in the other. There
is work on one batch at a time, and a batch that waits; more is not in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Self, TypeAlias

Half: TypeAlias = Callable[[bytes], object]
SMALL: Final = 32 * 1024
"""Bytes that are sooner worked on than handed to a thread."""


class Pipeline:
    """Passes batches through both halves, in order. What they raise comes out of the next call."""

    def __init__(self, *halves: Half) -> None:
        self._halves = halves
        self._work: asyncio.Future[list[None]] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._work is not None:
            await asyncio.wait({self._work})  # the threads use files that are closed next
            if not self._work.cancelled():
                self._work.exception()  # seen; what went wrong before it is what is told

    async def put(self, batch: Sequence[bytes]) -> None:
        """Begin with a batch, once the one before it is done."""
        await self.drain()
        if sum(map(len, batch)) <= SMALL:
            for half in self._halves:
                _through(half, batch)
        else:
            self._work = asyncio.gather(*(asyncio.to_thread(_through, half, batch) for half in self._halves))

    async def drain(self) -> None:
        """Wait for what is under way."""
        if self._work is not None:
            await asyncio.wait({self._work})  # not the future itself: to cancel us would not stop the threads
            work, self._work = self._work, None
            work.result()


def _through(half: Half, batch: Sequence[bytes]) -> None:
    for piece in batch:
        half(piece)
