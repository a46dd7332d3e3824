"""Pacing, on a clock that stands still: rates, bursts, fairness, cancelled waits, refusals."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from motte.errors import Disconnected
from motte.model.jid import Jid
from motte.runtime.outbound.pacing import MAX_BACK_OFF, Pacer, Pacing
from motte.testing.clock import ManualClock
from motte.testing.rng import SeededRng

ANN, BOB, CAROL = (Jid.phone(f"1555010000{n}") for n in range(3))


class Sends:
    """Sends through a pacer, and notes what went out when."""

    def __init__(self, pacing: Pacing | None, clock: ManualClock) -> None:
        self.clock, self.pacer = clock, Pacer(pacing, clock=clock, rng=SeededRng(1))
        self.went: list[tuple[str, float]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def queue(self, name: str, chat: Jid) -> asyncio.Task[None]:
        async def send() -> None:
            await self.pacer.turn(chat)
            self.went.append((name, round(self.clock.monotonic(), 3)))

        task = asyncio.ensure_future(send())
        self.tasks.append(task)
        return task

    async def after(self, seconds: float) -> list[tuple[str, float]]:
        await self.clock.advance(seconds)
        went, self.went = self.went, []
        return went


async def test_without_pacing_nobody_waits() -> None:
    sends = Sends(None, ManualClock())
    for n in range(100):
        sends.queue(f"{n}", ANN)
    assert len(await sends.after(0)) == 100


async def test_a_burst_and_then_one_each_interval() -> None:
    sends = Sends(Pacing(per_minute=6, burst=2), ManualClock())
    for n in range(4):
        sends.queue(f"{n}", ANN)
    assert await sends.after(30) == [("0", 0), ("1", 0), ("2", 10), ("3", 20)]
    await sends.after(1000)  # a pause fills the burst, and no more than that
    for n in range(3):
        sends.queue(f"{n}", ANN)
    assert await sends.after(9) == [("0", 1030), ("1", 1030)]
    assert await sends.after(1) == [("2", 1040)]


async def test_a_long_queue_of_one_chat_holds_up_no_other() -> None:
    sends = Sends(Pacing(per_minute=60), ManualClock())
    for n in range(4):
        sends.queue(f"ann {n}", ANN)
    sends.queue("bob 0", BOB)
    sends.queue("carol 0", CAROL)
    names = [name for name, _ in await sends.after(10)]
    assert names == ["ann 0", "ann 1", "bob 0", "carol 0", "ann 2", "ann 3"]


async def test_a_chat_has_its_own_limit_and_others_go_on() -> None:
    sends = Sends(Pacing(per_minute=600, burst=10, chat_per_minute=6), ManualClock())
    for n in range(3):
        sends.queue(f"ann {n}", ANN)
        sends.queue(f"bob {n}", BOB)
    assert await sends.after(25) == [(f"{who} {n}", 10 * n) for n in range(3) for who in ("ann", "bob")]


async def test_who_is_cancelled_leaves_the_queue_and_uses_up_nothing() -> None:
    sends = Sends(Pacing(per_minute=6), ManualClock())
    first, second, third = [sends.queue(f"{n}", ANN) for n in range(3)]
    assert await sends.after(1) == [("0", 0)]
    second.cancel()
    assert await sends.after(9) == [("2", 10)]
    assert first.done() and second.cancelled() and third.done()


async def test_after_a_429_everybody_waits_longer_each_time_until_one_is_taken() -> None:
    sends = Sends(Pacing(per_minute=6000, back_off=10), ManualClock())
    sends.pacer.refused(463)  # which is not about the pace
    for pause in (10, 20, 40):
        sends.queue("x", ANN)
        await sends.after(0.02)
        sends.pacer.refused(429)
        sends.queue("y", BOB)
        assert await sends.after(pause - 1) == []
        assert [name for name, _ in await sends.after(1)] == ["y"]
    sends.pacer.taken()
    sends.pacer.refused(429)
    sends.queue("z", ANN)
    assert [name for name, _ in await sends.after(10)] == ["z"]
    for _ in range(100):
        sends.pacer.refused(429)
    sends.queue("late", ANN)
    assert [name for name, _ in await sends.after(MAX_BACK_OFF)] == ["late"]


async def test_jitter_makes_pauses_longer_and_never_shorter() -> None:
    sends = Sends(Pacing(per_minute=60, jitter=1), ManualClock())
    for n in range(20):
        sends.queue(f"{n}", ANN)
    times = [at for _, at in await sends.after(60)]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) == 20 and all(1 <= round(pause, 3) <= 2 for pause in pauses) and len(set(pauses)) > 10


async def test_closing_ends_every_wait() -> None:
    sends = Sends(Pacing(per_minute=1), ManualClock())
    waits = [sends.queue(f"{n}", chat) for n, chat in enumerate((ANN, ANN, BOB))]
    await sends.after(0)
    sends.pacer.close()
    results = await asyncio.gather(*waits, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), Disconnected, Disconnected]
    with pytest.raises(Disconnected):
        await sends.pacer.turn(CAROL)


@pytest.mark.parametrize(
    "values",
    [
        {"per_minute": 0},
        {"per_minute": 1, "burst": 0},
        {"per_minute": 1, "chat_per_minute": -1},
        {"per_minute": 1, "chat_burst": 0},
        {"per_minute": 1, "jitter": -1},
    ],
)
def test_a_pace_that_makes_no_sense(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="pace"):
        Pacing(**values)  # type: ignore[arg-type]
