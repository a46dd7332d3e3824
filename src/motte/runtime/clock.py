"""Time as a port: what the clocks say, and waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None:
        """Let it not come."""
        ...


class Clock(Protocol):
    """Two clocks and two ways to wait. `motte.testing.clock.ManualClock` is one that stands still."""

    def now(self) -> float:
        """The time of day, in unix seconds."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back; only differences mean something."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        ...

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        """Call back once, when `monotonic()` has reached `when`."""
        ...


class SystemClock:
    """The machine's clocks and the running event loop."""

    def now(self) -> float:
        """The time of day, in unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """The event loop's own clock."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        await asyncio.sleep(seconds)

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        """Call back once, when `monotonic()` has reached `when`."""
        return asyncio.get_running_loop().call_at(when, callback)
