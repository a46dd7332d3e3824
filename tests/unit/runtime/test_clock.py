"""The system's clock; the manual one is tested with the test tools."""

import asyncio
import time

from motte.runtime.clock import Clock, SystemClock


async def test_the_system_clock_shows_both_times_and_calls_back() -> None:
    clock: Clock = SystemClock()
    assert abs(clock.now() - time.time()) < 5.0
    called = asyncio.Event()
    cancelled = clock.call_at(clock.monotonic(), lambda: called.clear())
    cancelled.cancel()
    clock.call_at(clock.monotonic(), called.set)
    async with asyncio.timeout(5.0):
        await called.wait()
    await clock.sleep(0.0)
