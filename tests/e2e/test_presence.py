"""Who is online, who is typing, and how long that matters."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from motte import events
from motte.model.presence import Activity, Availability
from motte.testing import LocalServer
from motte.testing.server.settings import Settings
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, settled
from tests.e2e.wiretap import Wiretap, received, sent


class Now:
    """The server's clock, to be moved by hand."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
async def server(now: Now) -> AsyncIterator[LocalServer]:
    settings = Settings(closing_seconds=0.02, chatstate_ttl=3.0)
    async with LocalServer(tls_port=None, settings=settings, clock=now) as running:
        yield running


async def test_a_subscription_tells_at_once_and_on_each_change(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(bob)
    told = alice.expect(events.PresenceChanged)
    await alice.presence.subscribe(lid(bob).user_jid)
    presence = (await soon(told)).presence
    assert (presence.user, presence.availability) == (lid(bob).user_jid, Availability.AVAILABLE)
    told = alice.expect(events.PresenceChanged)
    await bob.presence.unavailable()
    gone = (await soon(told)).presence
    assert gone.availability is Availability.UNAVAILABLE
    assert gone.last_seen is not None
    told = alice.expect(events.PresenceChanged)
    await bob.presence.available()
    assert (await soon(told)).presence.availability is Availability.AVAILABLE


def leaving(event: events.PresenceChanged) -> bool:
    return event.presence.availability is Availability.UNAVAILABLE


async def test_leaving_is_seen(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(bob)
    told = alice.expect(events.PresenceChanged)
    await alice.presence.subscribe(me(bob).pn.user_jid)
    assert (await soon(told)).presence.user == me(bob).pn.user_jid
    told = alice.expect(events.PresenceChanged, leaving)
    await soon(bob.disconnect())
    await soon(told)


async def test_a_client_is_available_unless_told_otherwise(server: LocalServer, linked: Linked) -> None:
    tap = Wiretap(server)
    alice, bob = await linked("alice"), await linked("bob", mark_online=False)
    await settled(alice)
    await settled(bob)
    (announced,) = tap.all(sent(me(alice).pn, "presence"))
    assert announced.attrs == {"type": "available", "name": "alice"}
    assert tap.all(sent(me(bob).pn, "presence")) == []


@pytest.mark.parametrize("activity", [Activity.COMPOSING, Activity.RECORDING, Activity.PAUSED])
@pytest.mark.parametrize("by_lid", [False, True], ids=["pn", "lid"])
async def test_typing_is_seen(linked: Linked, activity: Activity, by_lid: bool) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    seen = bob.expect(events.ChatStateChanged)
    await alice.presence.set((lid(bob) if by_lid else me(bob).pn).user_jid, activity)
    state = (await soon(seen)).state
    sender = (lid(alice) if by_lid else me(alice).pn).user_jid
    assert (state.chat, state.user, state.activity) == (sender, sender, activity)


async def test_typing_for_the_length_of_a_block(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    states: list[Activity] = []
    bob.add_handler(events.ChatStateChanged, lambda event: states.append(event.state.activity))
    paused = bob.expect(events.ChatStateChanged, lambda event: event.state.activity is Activity.PAUSED)
    with pytest.raises(RuntimeError):
        async with alice.presence.typing(lid(bob).user_jid):
            raise RuntimeError("changed my mind")
    await soon(paused)
    await settled(bob)
    assert states == [Activity.COMPOSING, Activity.PAUSED]


@pytest.mark.parametrize(("after", "arrives"), [(2.0, True), (4.0, False)], ids=["fresh", "expired"])
async def test_typing_waits_for_somebody_away_for_a_while(
    server: LocalServer, linked: Linked, now: Now, after: float, arrives: bool
) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(bob)
    await soon(bob.disconnect())
    tap = Wiretap(server)
    await alice.presence.set(lid(bob).user_jid, Activity.COMPOSING)
    await tap.first(sent(me(alice).pn, "chatstate"))
    now.ahead += after
    states: list[Activity] = []
    bob.add_handler(events.ChatStateChanged, lambda event: states.append(event.state.activity))
    done = bob.expect(events.Settled)
    await soon(bob.connect())
    await soon(done)
    await settled(bob)
    assert bool(tap.all(received(me(bob).pn, "chatstate"))) == arrives
    assert states == ([Activity.COMPOSING] if arrives else [])


async def test_of_several_changes_the_last_one_waits(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(bob)
    told = alice.expect(events.PresenceChanged)
    await alice.presence.subscribe(lid(bob).user_jid)
    await soon(told)
    await soon(alice.disconnect())
    tap = Wiretap(server)
    for _ in range(3):
        await bob.presence.unavailable()
        await bob.presence.available()
    await bob.presence.unavailable()
    await tap.nth(7, sent(me(bob).pn, "presence"))
    seen: list[Availability] = []
    alice.add_handler(events.PresenceChanged, lambda event: seen.append(event.presence.availability))
    done = alice.expect(events.Settled)
    await soon(alice.connect())
    await soon(done)
    await settled(alice)
    assert seen == [Availability.UNAVAILABLE]
