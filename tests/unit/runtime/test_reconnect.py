"""When the next attempt comes."""

import asyncio

import pytest

from motte.model.disconnect import ROWS, Cause, DisconnectInfo, NextAction, Policy
from motte.runtime.reconnect import MAX_AT_ONCE, BackOff, Plan, Reconnector, keep_connected
from motte.testing.clock import ManualClock
from motte.testing.rng import SeededRng


def info(cause: Cause, retry_after: float | None = None) -> DisconnectInfo:
    return DisconnectInfo(cause=cause, code=ROWS[cause].code, text="", retry_after=retry_after)


def highest(size: int) -> bytes:
    return b"\xff" * size


def lowest(size: int) -> bytes:
    return bytes(size)


LOST = info(Cause.KEEPALIVE_LOST)


def test_ceilings_double_up_to_the_cap() -> None:
    reconnector = Reconnector(rng=highest, back_off=BackOff(first=1.0, factor=2.0, most=10.0))
    delays = [reconnector.after(LOST, 0.0).delay for _ in range(6)]
    assert delays == pytest.approx([1.0, 2.0, 4.0, 8.0, 10.0, 10.0])


def test_jitter_is_full() -> None:
    assert Reconnector(rng=lowest).after(LOST, 0.0).delay == 0.0
    reconnector = Reconnector(rng=SeededRng(1))
    delays = [reconnector.after(LOST, 0.0).delay for _ in range(50)]
    assert all(delay is not None and 0.0 <= delay < 120.0 for delay in delays)
    assert len(set(delays)) == 50


def test_a_thousand_failures_do_not_overflow() -> None:
    reconnector = Reconnector(rng=highest)
    plans = [reconnector.after(LOST, 0.0) for _ in range(3000)]
    assert plans[-1].delay == pytest.approx(120.0)
    assert plans[-1].attempt == 3000


def test_a_restart_is_at_once_but_not_for_ever() -> None:
    reconnector = Reconnector(rng=highest)
    plans = [reconnector.after(info(Cause.SERVER_RESTART), 0.0) for _ in range(MAX_AT_ONCE + 1)]
    assert [plan.delay for plan in plans[:-1]] == [0.0] * MAX_AT_ONCE
    assert plans[-1].action is NextAction.BACK_OFF
    assert plans[-1].delay


@pytest.mark.parametrize("cause", [Cause.REPLACED, Cause.LOGGED_OUT, Cause.MAIN_DEVICE_GONE, Cause.DEVICE_REMOVED])
def test_none_after_440_401_403(cause: Cause) -> None:
    assert Reconnector(rng=highest).after(info(cause), 0.0).delay is None


def test_an_outdated_version_is_refreshed_once() -> None:
    reconnector = Reconnector(rng=highest)
    first, second = (reconnector.after(info(Cause.CLIENT_OUTDATED), 0.0) for _ in range(2))
    assert (first.refresh_version, first.delay) == (True, 0.0)
    assert (second.action, second.delay) == (NextAction.STOP, None)


def test_a_connection_that_held_forgets_and_a_short_one_does_not() -> None:
    reconnector = Reconnector(rng=highest, stable_after=60.0)
    reconnector.after(LOST, 0.0)
    reconnector.opened(10.0)
    assert reconnector.after(LOST, 69.9).attempt == 2
    reconnector.opened(100.0)
    assert reconnector.after(LOST, 160.0).attempt == 1
    # the old login is not counted again
    assert reconnector.after(LOST, 900.0).attempt == 2


def test_after_a_stable_connection_a_version_may_be_refreshed_again() -> None:
    reconnector = Reconnector(rng=highest)
    reconnector.after(info(Cause.CLIENT_OUTDATED), 0.0)
    reconnector.opened(0.0)
    assert reconnector.after(info(Cause.CLIENT_OUTDATED), 1000.0).refresh_version


def test_the_server_is_left_alone_as_long_as_it_asks() -> None:
    policy = Policy(overrides={Cause.TEMPORARY_BAN: NextAction.BACK_OFF})
    plan = Reconnector(rng=highest, policy=policy).after(info(Cause.TEMPORARY_BAN, 3600.0), 0.0)
    assert plan.delay == 3600.0


async def test_the_driver_waits_as_planned_and_stops() -> None:
    clock, ends = ManualClock(), [LOST, info(Cause.SERVER_RESTART), info(Cause.REPLACED)]
    began: list[float] = []
    heard: list[tuple[Cause, NextAction]] = []

    async def attempt() -> DisconnectInfo:
        began.append(clock.monotonic())
        return ends.pop(0)

    async def planned(end: DisconnectInfo, plan: Plan) -> None:
        heard.append((end.cause, plan.action))

    task = asyncio.create_task(keep_connected(attempt, planned, Reconnector(rng=highest), clock))
    await clock.advance(0.5)
    assert began == [0.0]
    await clock.advance(1.0)
    assert task.done()
    assert (await task).cause is Cause.REPLACED
    assert began == pytest.approx([0.0, 1.0, 1.0])
    assert heard == [
        (Cause.KEEPALIVE_LOST, NextAction.BACK_OFF),
        (Cause.SERVER_RESTART, NextAction.RECONNECT_NOW),
        (Cause.REPLACED, NextAction.STOP),
    ]


def test_the_restart_after_pairing_is_not_counted_as_a_failure() -> None:
    reconnector = Reconnector(rng=highest)
    reconnector.after(LOST, 0.0)
    plan = reconnector.after(info(Cause.RESTART_AFTER_PAIRING), 1.0)
    assert (plan.action, plan.delay, plan.attempt) == (NextAction.RECONNECT_NOW, 0.0, 0)
    restarts = [reconnector.after(info(Cause.SERVER_RESTART), 2.0) for _ in range(MAX_AT_ONCE)]
    assert [(plan.action, plan.attempt) for plan in restarts] == [
        (NextAction.RECONNECT_NOW, attempt) for attempt in range(1, MAX_AT_ONCE + 1)
    ]


@pytest.mark.parametrize("cause", [Cause.KEEPALIVE_LOST, Cause.SERVER_RESTART, Cause.CLIENT_OUTDATED])
def test_after_a_halt_nothing_follows(cause: Cause) -> None:
    reconnector = Reconnector(rng=highest)
    reconnector.halt()
    plan = reconnector.after(info(cause), 0.0)
    assert (plan.action, plan.delay, plan.refresh_version) == (NextAction.STOP, None, False)
    assert reconnector.after(info(Cause.LOGGED_OUT), 0.0).action is NextAction.RELINK
