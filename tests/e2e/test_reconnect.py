"""What follows an end: the client comes back, at once or in its own time, or it stays away."""

from __future__ import annotations

import asyncio

import pytest

from motte import Cause, Client, NextAction, Policy, errors, events
from motte.core.session.timers import Timing
from motte.runtime.reconnect import MAX_AT_ONCE, BackOff
from motte.testing import LocalServer
from motte.testing.clock import ManualClock
from motte.testing.rng import SeededRng
from tests.e2e.conftest import PATIENCE, Linked, Unlinked, soon

QUICK = BackOff(first=0.01, most=0.02)


async def comes_back(client: Client, server: LocalServer, **fault: object) -> events.Disconnected:
    """How the connection ends, once the client is connected again."""
    ended, connected = client.expect(events.Disconnected), client.expect(events.Connected)
    server.faults.stream_error("alice", **fault)  # type: ignore[arg-type]
    await soon(connected)
    assert client.is_connected
    return ended.result()


@pytest.mark.parametrize("code", [500, 503, 515, 516])
async def test_it_comes_back(server: LocalServer, linked: Linked, code: int) -> None:
    client = await linked("alice", back_off=QUICK)
    assert (await comes_back(client, server, code=code)).code == code


async def test_it_comes_back_from_a_broken_network(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice", back_off=QUICK)
    for _ in range(3):
        connected = client.expect(events.Connected)
        server.faults.drop("alice")
        await soon(connected)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"conflict": "replaced"}, Cause.REPLACED),
        ({"code": 401}, Cause.LOGGED_OUT),
        ({"code": 403}, Cause.MAIN_DEVICE_GONE),
        ({"code": 401, "conflict": "device_removed"}, Cause.DEVICE_REMOVED),
    ],
)
async def test_it_stays_away(server: LocalServer, linked: Linked, fault: dict[str, object], cause: Cause) -> None:
    client = await linked("alice", back_off=QUICK)
    attempts: list[events.Connecting] = []
    client.add_handler(events.Connecting, attempts.append)
    running = asyncio.create_task(client.run())
    server.faults.stream_error("alice", **fault)  # type: ignore[arg-type]
    assert (await soon(running)).cause is cause
    assert not attempts
    with pytest.raises(errors.Disconnected) as failure:
        await soon(client.messages.send("15550100001", "anybody there?"))
    assert failure.value.cause == cause
    await client.connect(timeout=PATIENCE)  # only on request; the account as such is in order here
    assert client.is_connected


async def test_attempts_are_counted_and_spread_out(server: LocalServer, opened: Unlinked) -> None:
    clock, dice = ManualClock(), SeededRng(3)
    highest = lambda size: b"\xff" * size if size == 4 else dice(size)  # noqa: E731 - jitter is drawn from 4 bytes
    client = await opened("alice", clock=clock, rng=highest, back_off=BackOff(first=1.0, factor=2.0, most=5.0))
    server.faults.refuse_upgrade(503, times=6)
    ended = client.expect(events.Disconnected)
    client.start()
    for attempt, ceiling in enumerate([1.0, 2.0, 4.0, 5.0, 5.0], start=1):
        end = await soon(ended)
        assert end.attempt == attempt
        assert end.delay == pytest.approx(ceiling)
        ended = client.expect(events.Disconnected)
        await clock.advance(ceiling / 2)
        assert not ended.done()
        await clock.advance(ceiling * 0.51)
    await soon(ended)


async def test_a_server_that_always_restarts_is_not_stormed(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice", back_off=BackOff(first=1000.0), rng=SeededRng(5))
    plans = [(await comes_back(client, server, code=515)).action for _ in range(MAX_AT_ONCE)]
    ended = client.expect(events.Disconnected)
    server.faults.stream_error("alice", code=515)
    plans.append((await soon(ended)).action)
    assert plans == [NextAction.RECONNECT_NOW] * MAX_AT_ONCE + [NextAction.BACK_OFF]
    # and nobody has to wait for it in order to stop
    await soon(client.disconnect())


async def test_starting_twice_makes_one_connection(linked: Linked, opened: Unlinked, server: LocalServer) -> None:
    client = await linked("alice")
    await soon(client.disconnect())
    attempts: list[events.Connecting] = []
    client.add_handler(events.Connecting, attempts.append)
    client.start()
    client.start()
    await asyncio.gather(*(client.connect(timeout=PATIENCE) for _ in range(5)))
    client.start()
    assert len(attempts) == 1


async def test_connecting_has_a_time_out_and_goes_on_trying(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice", timing=Timing(handshake=0.5), back_off=QUICK)
    await soon(client.disconnect())
    server.faults.silent_handshake()
    connected = client.expect(events.Connected)
    with pytest.raises(errors.RequestTimeout, match="no connection came about in time"):
        await client.connect(timeout=0.05)
    await soon(connected)
    assert client.is_connected


async def test_a_connect_that_is_cancelled_leaves_a_client_that_can_be_stopped(linked: Linked) -> None:
    client = await linked("alice")
    await soon(client.disconnect())
    began = client.expect(events.Connecting)
    connecting = asyncio.create_task(client.connect())
    await soon(began)
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    await soon(client.disconnect())
    await client.connect(timeout=PATIENCE)


async def test_stopping_between_two_attempts_ends_whoever_waits(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice", back_off=BackOff(first=10_000.0))
    await soon(client.disconnect())
    server.faults.refuse_upgrade(503, times=9)
    ended = client.expect(events.Disconnected)
    running = asyncio.create_task(client.run())
    await soon(ended)
    connecting = asyncio.create_task(client.connect())
    sending = asyncio.create_task(client.messages.send("15550100001", "later"))
    await asyncio.wait([connecting, sending], timeout=0.01)
    await soon(client.disconnect())
    assert (await soon(running)).cause is Cause.CLOSED_LOCALLY
    for waiting in (connecting, sending):
        with pytest.raises(errors.Disconnected):
            await soon(waiting)


async def test_stopping_right_after_starting(linked: Linked) -> None:
    client = await linked("alice")
    await soon(client.disconnect())
    for _ in range(3):
        running = asyncio.create_task(client.run())
        await asyncio.wait([running], timeout=0)
        await soon(client.disconnect())
        assert (await soon(running)).cause is Cause.CLOSED_LOCALLY
    client.start()
    await soon(client.disconnect())  # before anything of it has run
    await client.connect(timeout=PATIENCE)


async def test_a_policy_that_always_goes_on_can_be_stopped(server: LocalServer, linked: Linked) -> None:
    always = Policy(overrides=dict.fromkeys(Cause, NextAction.RECONNECT_NOW))
    client = await linked("alice", policy=always)
    await soon(client.disconnect())
    assert not client.is_connected


async def test_a_message_waits_for_the_next_connection(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice", back_off=QUICK), await linked("bob")
    assert bob.me is not None
    await soon(alice.messages.send(bob.me.pn, "first"))
    got = bob.expect(events.MessageReceived, lambda event: event.text == "second")
    ended = alice.expect(events.Disconnected)
    server.faults.drop("alice")
    await soon(ended)
    await soon(alice.messages.send(bob.me.pn, "second"))
    await soon(got)
