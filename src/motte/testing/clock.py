"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

_SETTLE = 20
"""Rounds of the event loop that woken tasks get before time moves on."""


class _Call:
    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self._callback = None

    def run(self) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class ManualClock:
    """A `motte.runtime.clock.Clock` for tests.

    Args:
        now: the time of day it shows first, in unix seconds.
    """

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._epoch = now
        self._elapsed = 0.0
        self._order = count()
        self._calls: list[tuple[float, int, _Call]] = []

    def now(self) -> float:
        """The time of day, in unix seconds."""
        return self._epoch + self._elapsed

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Return once `advance` has moved the clock so far."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        call = self.call_at(self._elapsed + seconds, lambda: None if woken.done() else woken.set_result(None))
        try:
            await woken
        finally:
            call.cancel()

    def call_at(self, when: float, callback: Callable[[], object]) -> _Call:
        """Call back once, when `advance` has moved `monotonic()` to `when`."""
        call = _Call(callback)
        heappush(self._calls, (when, next(self._order), call))
        return call

    async def advance(self, seconds: float) -> None:
        """Move the time and run everything that becomes due, in order, with its consequences."""
        end = self._elapsed + seconds
        await self._settle()
        while self._calls and self._calls[0][0] <= end:
            when, _, call = heappop(self._calls)
            self._elapsed = max(self._elapsed, when)
            call.run()
            await self._settle()
        self._elapsed = end

    async def _settle(self) -> None:
        for _ in range(_SETTLE):
            await asyncio.sleep(0)
