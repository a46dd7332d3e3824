"""Handlers: isolated from the receive path and from each other, in order within a chat, free to await the client."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from pathlib import Path

import pytest

from motte import Client, F, NextAction, Router, errors, events
from motte.testing import LocalServer
from tests.e2e.conftest import PATIENCE, Linked, Unlinked, scanning, soon
from tests.e2e.people import store_of


def own(client: Client) -> str:
    """The client's phone number."""
    assert client.me is not None
    return client.me.pn.user


async def test_a_handler_that_raises_harms_nobody(linked: Linked, caplog: pytest.LogCaptureFixture) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    failed: list[tuple[str | None, str]] = []
    heard: list[str | None] = []
    all_failed = asyncio.Event()

    @bob.on(events.MessageReceived)
    def breaks(event: events.MessageReceived) -> None:
        raise ValueError(f"cannot handle {event.text}")

    @bob.on(events.MessageReceived)
    async def hears(event: events.MessageReceived) -> None:
        heard.append(event.text)

    @bob.on_error
    def fails(event: events.Event, error: Exception) -> None:
        assert isinstance(event, events.MessageReceived)
        failed.append((event.text, str(error)))
        if len(failed) == 3:
            all_failed.set()
        raise RuntimeError("this one fails as well")

    for n in range(3):
        await soon((await alice.messages.send(own(bob), f"{n}")).delivered())
    await soon(all_failed.wait())
    assert failed == [(f"{n}", f"cannot handle {n}") for n in range(3)]
    assert heard == ["0", "1", "2"]
    assert bob.is_connected
    assert "breaks failed on a MessageReceived" in caplog.text
    assert "the error handler failed too" in caplog.text


async def test_a_handler_that_hangs_holds_up_its_own_chat_alone(linked: Linked) -> None:
    alice, bob, carol = [await linked(name) for name in ("alice", "bob", "carol")]
    never = asyncio.Event()
    other_chat, other_handler = asyncio.Event(), asyncio.Event()

    @bob.on(events.MessageReceived)
    async def hangs(event: events.MessageReceived) -> None:
        if event.text == "hang":
            await never.wait()
        elif event.text == "other chat":
            other_chat.set()

    @bob.on(events.MessageReceived)
    def does_not(event: events.MessageReceived) -> None:
        if event.text == "behind":
            other_handler.set()

    await soon((await alice.messages.send(own(bob), "hang")).delivered())
    await soon((await alice.messages.send(own(bob), "behind")).delivered())
    await soon((await carol.messages.send(own(bob), "other chat")).delivered())
    await soon(other_chat.wait())
    await soon(other_handler.wait())
    never.set()


async def test_closing_does_not_wait_for_ever_and_the_message_comes_again(linked: Linked, tmp_path: Path) -> None:
    alice, bob = await linked("alice"), await linked("bob", tmp_path / "bob.db", close_grace=0.05)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def hangs(event: events.MessageReceived) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    hanging = bob.add_handler(events.MessageReceived, hangs)
    await soon(alice.messages.send(own(bob), "important"))
    await soon(alice.messages.send(own(bob), "behind it"))
    await soon(begun.wait())
    await soon(bob.close())
    assert ended.is_set()
    hanging.cancel()
    heard: list[str | None] = []
    both = asyncio.Event()

    @bob.on(events.MessageReceived)
    def hears(event: events.MessageReceived) -> None:
        heard.append(event.text)
        if len(heard) == 2:
            both.set()

    await soon(bob.open())
    bob.start()
    await soon(both.wait())  # from the store: the server has been told that they arrived
    assert heard == ["important", "behind it"]


async def test_a_handler_may_await_the_client(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")

    @bob.on(events.MessageReceived)
    async def answers(event: events.MessageReceived) -> None:
        [known] = await bob.contacts.check(own(alice))
        assert known.exists
        sent = await event.reply(f"you said {event.text}")
        await sent.delivered()
        await event.mark_read()

    answer = alice.expect(events.MessageReceived)
    sent = await soon(alice.messages.send(own(bob), "hello"))
    assert (await soon(answer)).text == "you said hello"
    await soon(sent.read())


async def test_a_handler_may_wait_for_another_event(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    told = asyncio.get_running_loop().create_future()

    @bob.on(events.MessageReceived)
    async def asks(event: events.MessageReceived) -> None:
        if event.text == "guess":
            answer = bob.expect(events.MessageReceived, lambda e: e.text != "guess")
            await event.reply("a number?")
            told.set_result((await answer).text)

    question = alice.expect(events.MessageReceived)
    await soon(alice.messages.send(own(bob), "guess"))
    await soon((await soon(question)).reply("42"))
    assert await soon(told) == "42"


async def test_events_of_a_chat_come_in_order(linked: Linked) -> None:
    bob = await linked("bob")
    senders = [await linked(name) for name in ("alice", "carol")]
    heard: dict[str, list[str | None]] = defaultdict(list)
    done = asyncio.Event()

    @bob.on(events.MessageReceived)
    async def slow(event: events.MessageReceived) -> None:
        # later messages would overtake if they could
        for _ in range(5 if event.text == "0" else 0):
            await asyncio.wait([asyncio.ensure_future(bob.contacts.check(own(bob)))])
        heard[str(event.message.key.chat)].append(event.text)
        if sum(map(len, heard.values())) == 20:
            done.set()

    for sender in senders:
        for n in range(10):
            await soon(sender.messages.send(own(bob), f"{n}"))
    await soon(done.wait())
    assert list(heard.values()) == [[f"{n}" for n in range(10)]] * 2


async def test_what_a_handler_waits_for_may_be_cancelled(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    heard = asyncio.Event()

    @bob.on(events.MessageReceived)
    async def odd(event: events.MessageReceived) -> None:
        if event.text == "last":
            heard.set()
        cancelled = asyncio.get_running_loop().create_future()
        cancelled.cancel()
        await cancelled

    await soon(alice.messages.send(own(bob), "first"))
    await soon(alice.messages.send(own(bob), "last"))
    await soon(heard.wait())


async def test_a_handler_may_close_the_client(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob", close_grace=60.0)
    closed = asyncio.Event()

    @bob.on(events.MessageReceived)
    async def leaves(event: events.MessageReceived) -> None:
        await asyncio.wait_for(bob.close(), PATIENCE)  # in a task of its own, as wait_for does on 3.11
        closed.set()

    running = asyncio.create_task(bob.run())
    await soon(alice.messages.send(own(bob), "bye"))
    await soon(closed.wait())
    await soon(running)
    assert not bob.is_connected


async def test_the_message_whose_handler_closes_the_client_is_handled(
    linked: Linked, opened: Unlinked, tmp_path: Path
) -> None:
    """Else a bot that is told to stop would stop again at each start."""
    alice, bob = await linked("alice"), await linked("bob", tmp_path / "bob.db")
    closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @bob.on(events.MessageReceived)
    async def leaves(event: events.MessageReceived) -> None:
        await bob.close()
        closed.set_result(None)

    await soon(alice.messages.send(own(bob), "stop"))
    await soon(closed)
    again = await opened("bob", tmp_path / "bob.db")
    assert await store_of(again).inbox.all() == {}


async def test_a_handler_may_link_again_after_an_unlink(server: LocalServer, opened: Unlinked) -> None:
    client = await opened("alice", close_grace=60.0)
    scanning(server, client)
    again = asyncio.Event()

    @client.on(events.Disconnected)
    async def relink(event: events.Disconnected) -> None:
        if event.action is NextAction.RELINK:
            await client.forget()
            await client.connect(timeout=PATIENCE)
            again.set()

    await client.connect(timeout=PATIENCE)
    server.faults.unlink("alice")
    await soon(again.wait())
    assert client.me is not None
    assert client.me.pn.device == 2
    assert client.is_connected


async def test_a_subscription_can_be_cancelled_from_its_own_handler(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    heard: list[str | None] = []

    def once(event: events.MessageReceived) -> None:
        heard.append(event.text)
        subscription.cancel()

    subscription = bob.add_handler(events.MessageReceived, once)
    last = bob.expect(events.MessageReceived, lambda event: event.text == "2")
    for n in range(3):
        await soon(alice.messages.send(own(bob), f"{n}"))
    await soon(last)
    assert heard == ["0"]


async def test_expect_takes_the_first_that_fits(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    second = bob.expect(events.MessageReceived, lambda event: event.text == "two")
    broken = bob.expect(events.MessageReceived, lambda event: bool(1 / 0))
    anything = bob.expect(events.Event)
    for text in ("one", "two", "two"):
        await soon(alice.messages.send(own(bob), text))
    assert (await soon(second)).text == "two"
    assert isinstance(await soon(anything), events.Event)
    with pytest.raises(ZeroDivisionError):
        await soon(broken)
    late = bob.expect(events.MessageReceived)
    late.cancel()
    await soon(alice.messages.send(own(bob), "three"))


async def test_everything_can_be_watched(linked: Linked, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="motte")
    seen: list[events.Event] = []
    alice, bob = await linked("alice"), await linked("bob")
    bob.add_handler(events.Event, seen.append)
    sent = await soon(alice.messages.send(own(bob), "hello"))
    await soon(sent.delivered())
    await soon(bob.disconnect())
    await soon(bob.close())
    assert [type(event) for event in seen if isinstance(event, events.MessageReceived | events.Disconnected)] == [
        events.MessageReceived,
        events.Disconnected,
    ]
    assert not caplog.records


async def test_a_send_from_a_handler_after_the_end_is_typed(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    failure: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    @bob.on(events.Disconnected)
    async def too_late(event: events.Disconnected) -> None:
        try:
            await bob.messages.send(own(alice), "goodbye")
        except errors.MotteError as error:
            failure.set_result(error)

    await soon(bob.disconnect())
    assert isinstance(await soon(failure), errors.Disconnected)


async def test_a_router_sees_a_chat_in_order_and_no_chat_holds_up_another(linked: Linked) -> None:
    alice, bob, carol = [await linked(name) for name in ("alice", "bob", "carol")]
    router, go, heard, done = Router(), asyncio.Event(), list[str | None](), asyncio.Event()

    @router.message(F.text == "wait")
    async def waits(event: events.MessageReceived) -> None:
        await go.wait()
        heard.append("wait")

    @router.message()
    async def hears(event: events.MessageReceived) -> None:
        heard.append(event.text)
        if event.text == "free":
            go.set()
        elif event.text == "behind":
            done.set()

    bob.include(router)
    for sender, text in ((alice, "wait"), (alice, "behind"), (carol, "free")):
        await soon((await sender.messages.send(own(bob), text)).delivered())
    await soon(done.wait())
    assert heard == ["free", "wait", "behind"]


async def test_a_router_that_fails_is_told_to_the_client_and_one_that_is_taken_off_is_done(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    router, failed = Router(name="shop"), asyncio.Queue[Exception]()
    bob.on_error(lambda event, error: failed.put_nowait(error))
    last = bob.expect(events.MessageReceived, F.text == "2")

    @router.message()
    def breaks(event: events.MessageReceived) -> None:
        raise ValueError(event.text)

    taken = bob.include(router)
    await soon((await alice.messages.send(own(bob), "1")).delivered())
    assert str(await soon(failed.get())) == "1"
    taken.cancel()
    await soon((await alice.messages.send(own(bob), "2")).delivered())
    await soon(last)
    assert failed.empty()
