"""The clock of the tests."""

import asyncio

from motte.runtime.clock import Clock
from motte.testing.clock import ManualClock
from motte.testing.rng import SeededRng


async def test_time_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(now=100.0)
    port: Clock = clock
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await port.sleep(seconds)
        woken.append((name, port.now()))

    tasks = [asyncio.create_task(sleeper("late", 5.0)), asyncio.create_task(sleeper("soon", 2.0))]
    await clock.advance(1.9)
    assert woken == []
    await clock.advance(10.0)
    assert woken == [("soon", 102.0), ("late", 105.0)]
    assert (clock.now(), clock.monotonic()) == (111.9, 11.9)
    await asyncio.gather(*tasks)


async def test_what_a_call_sets_up_runs_in_the_same_advance() -> None:
    clock = ManualClock()
    seen: list[float] = []
    clock.call_at(1.0, lambda: clock.call_at(2.0, lambda: seen.append(clock.monotonic())))
    await clock.advance(3.0)
    assert seen == [2.0]


async def test_a_cancelled_call_does_not_come() -> None:
    clock = ManualClock()
    seen: list[float] = []
    clock.call_at(1.0, lambda: seen.append(1.0)).cancel()
    sleeper = asyncio.create_task(clock.sleep(1.0))
    await asyncio.sleep(0)
    sleeper.cancel()
    await clock.advance(2.0)
    assert seen == []
    assert sleeper.cancelled()


def test_a_seed_gives_the_same_bytes_however_they_are_drawn() -> None:
    whole, parts = SeededRng(7), SeededRng(7)
    assert whole(100) == b"".join(parts(size) for size in (1, 31, 33, 35))
    assert SeededRng(8)(100) != SeededRng(7)(100)
