"""The bus's law, without a client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Hashable
from dataclasses import dataclass

import pytest

from motte.errors import Disconnected
from motte.events.base import Event
from motte.runtime import bus as module
from motte.runtime.bus import LANE_WARNING, Bus


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Event):
    text: str
    chat: str = "chat"

    @property
    def lane(self) -> Hashable:
        return self.chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Shouted(Said):
    pass


async def soon(awaitable: asyncio.Future[None] | asyncio.Event) -> None:
    async with asyncio.timeout(5):
        await (awaitable.wait() if isinstance(awaitable, asyncio.Event) else awaitable)


async def drained(bus: Bus) -> None:
    await bus.close(grace=5.0)


async def test_a_class_brings_its_subclasses_and_no_others() -> None:
    bus = Bus()
    said: list[Event] = []
    shouted: list[Event] = []
    everything: list[Event] = []
    bus.subscribe(Said, said.append)
    bus.subscribe(Shouted, shouted.append)
    bus.subscribe(Event, everything.append)
    one, two, three = Said(text="1"), Shouted(text="2"), Event()
    for event in (one, two, three):
        bus.publish(event)
    await drained(bus)
    assert (said, shouted) == ([one, two], [two])
    assert set(everything) == {one, two, three}


async def test_a_lane_is_in_order_and_lanes_are_side_by_side() -> None:
    bus, gate, other = Bus(), asyncio.Event(), asyncio.Event()
    heard: list[str] = []

    async def slow(event: Said) -> None:
        if event.text == "first":
            await gate.wait()
        heard.append(event.text)
        if event.chat == "other":
            other.set()

    bus.subscribe(Said, slow)
    for event in (Said(text="first"), Said(text="second"), Said(text="aside", chat="other")):
        bus.publish(event)
    await soon(other)
    assert heard == ["aside"]
    gate.set()
    await drained(bus)
    assert heard == ["aside", "first", "second"]


async def test_handled_means_by_everybody_also_by_those_who_fail() -> None:
    bus, gate = Bus(), asyncio.Event()
    handled: list[str] = []

    async def slow(event: Said) -> None:
        await gate.wait()

    def breaks(event: Said) -> None:
        raise ValueError

    bus.publish(Said(text="nobody"), lambda: handled.append("nobody"))
    assert handled == ["nobody"]
    bus.subscribe(Said, slow)
    bus.subscribe(Said, breaks)
    bus.publish(Said(text="both"), lambda: handled.append("both"))
    await asyncio.wait([asyncio.ensure_future(asyncio.sleep(0))])
    assert handled == ["nobody"]
    gate.set()
    await drained(bus)
    assert handled == ["nobody", "both"]


async def test_who_is_taken_off_hears_nothing_more_and_holds_nothing_up() -> None:
    bus, gate = Bus(), asyncio.Event()
    heard: list[str] = []
    handled: list[str] = []

    async def slow(event: Said) -> None:
        heard.append(event.text)
        await gate.wait()

    subscription = bus.subscribe(Said, slow)
    bus.publish(Said(text="running"), lambda: handled.append("running"))
    bus.publish(Said(text="waiting"), lambda: handled.append("waiting"))
    await asyncio.wait([asyncio.ensure_future(asyncio.sleep(0))])
    subscription.cancel()
    subscription.cancel()
    bus.publish(Said(text="later"), lambda: handled.append("later"))
    assert handled == ["waiting", "later"]
    gate.set()
    await drained(bus)
    assert heard == ["running"]
    assert handled == ["waiting", "later", "running"]


async def test_errors_go_to_the_handler_of_errors(caplog: pytest.LogCaptureFixture) -> None:
    bus = Bus()
    told: list[tuple[Event, str]] = []

    async def tell(event: Event, error: Exception) -> None:
        told.append((event, str(error)))

    def breaks(event: Said) -> None:
        raise ValueError("no")

    bus.on_error = tell
    bus.subscribe(Said, breaks)
    event = Said(text="secret words")
    bus.publish(event)
    await drained(bus)
    assert told == [(event, "no")]
    assert "breaks failed on a Said" in caplog.text
    assert "secret words" not in caplog.text


async def test_a_handler_that_does_not_keep_up_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    bus, gate = Bus(), asyncio.Event()

    async def lags(event: Said) -> None:
        await gate.wait()

    bus.subscribe(Said, lags)
    for _ in range(LANE_WARNING + 5):
        bus.publish(Said(text=""))
    assert len(caplog.records) == 1
    assert "lags" in caplog.text
    gate.set()
    await drained(bus)


async def test_closing_cancels_who_takes_too_long_and_says_who(caplog: pytest.LogCaptureFixture) -> None:
    bus = Bus()
    ends: list[str] = []
    handled: list[str] = []

    async def hangs(event: Said) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append(event.text)

    bus.subscribe(Said, hangs)
    bus.publish(Said(text="first"), lambda: handled.append("first"))
    bus.publish(Said(text="behind"), lambda: handled.append("behind"))
    await bus.close(grace=0.01)
    assert ends == ["first"]
    assert not handled  # so that the inbox hands them out again
    assert "hangs did not finish in time" in caplog.text


async def test_closing_waits_a_second_at_most_for_who_ignores_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CANCEL_GRACE", 0.01)
    bus, gate = Bus(), asyncio.Event()

    async def stubborn(event: Said) -> None:
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                continue

    bus.subscribe(Said, stubborn)
    bus.publish(Said(text=""))
    async with asyncio.timeout(5):
        await bus.close(grace=0.0)
    gate.set()
    await drained(bus)


@pytest.mark.parametrize("in_a_task", [False, True])
async def test_a_handler_may_close_the_bus(in_a_task: bool) -> None:
    bus, closed = Bus(), asyncio.Event()
    heard: list[str] = []

    async def closes(event: Said) -> None:
        heard.append(event.text)
        await (asyncio.create_task(bus.close(60.0)) if in_a_task else bus.close(60.0))
        closed.set()

    bus.subscribe(Said, closes)
    bus.publish(Said(text="close"))
    bus.publish(Said(text="behind"))
    await soon(closed)
    assert heard == ["close"]


async def test_subscriptions_work_again_after_a_close() -> None:
    bus = Bus()
    heard: list[Event] = []
    bus.subscribe(Said, heard.append)
    await bus.close(1.0)
    bus.publish(Said(text="again"))
    await bus.close(1.0)
    assert heard == [Said(text="again")]


async def test_waiters() -> None:
    bus = Bus()
    first, fits, broken = (
        bus.expect(Said),
        bus.expect(Said, lambda event: event.text == "b"),
        bus.expect(Said, lambda event: bool(1 // 0)),
    )
    given_up = bus.expect(Said)
    given_up.cancel()
    await asyncio.wait([given_up])
    bus.publish(Said(text="a"))
    bus.publish(Said(text="b"))
    assert (await first).text == "a"
    assert (await fits).text == "b"
    with pytest.raises(ZeroDivisionError):
        await broken
    late = bus.expect(Said)
    await bus.close(1.0)
    with pytest.raises(Disconnected, match="closed before"):
        await late


async def test_a_cancelled_wait_inside_a_handler_does_not_end_its_lane(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    bus = Bus()
    heard: list[str] = []

    async def odd(event: Said) -> None:
        heard.append(event.text)
        nothing = asyncio.get_running_loop().create_future()
        nothing.cancel()
        await nothing

    bus.subscribe(Said, odd)
    bus.publish(Said(text="1"))
    bus.publish(Said(text="2"))
    await drained(bus)
    assert heard == ["1", "2"]
    assert len(caplog.records) == 2
