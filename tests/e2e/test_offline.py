"""While one side is away, and when frames come twice, in disorder or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from motte import Origin, errors, events
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, Unlinked, soon
from tests.e2e.people import collect, lid, me, saying, settled, tell, texts_of, undecryptable_of
from tests.e2e.wiretap import Wiretap, received, sent


async def test_what_waited_comes_in_order_and_marked(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    await soon(bob.disconnect())
    for n in range(3):
        await soon(alice.messages.send(lid(bob), f"{n}"))
    origins: list[Origin] = []
    bob.add_handler(events.MessageReceived, lambda event: origins.append(event.message.origin))
    done = bob.expect(events.OfflineDone)
    assert await collect(bob, 3, bob.connect()) == ["0", "1", "2"]
    assert (await soon(done)).count >= 3
    assert origins == [Origin.OFFLINE] * 3
    live = await tell(alice, bob, "live")
    assert live.message.origin is Origin.LIVE


async def test_the_end_of_the_queue_is_told_after_it(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await soon(bob.disconnect())
    for n in range(20):
        await soon(alice.messages.send(lid(bob), f"{n}"))
    order: list[str] = []

    def note(event: events.Event) -> bool:
        order.append(type(event).__name__)
        return False

    # A waiter sees events at once and in the order of the stanzas; handlers work off chat by chat.
    watching, done = bob.expect(events.Event, note), bob.expect(events.OfflineDone)
    await soon(bob.connect())
    await soon(done)
    watching.cancel()
    assert order.index("OfflineDone") > max(n for n, name in enumerate(order) if name == "MessageReceived")
    assert order.count("MessageReceived") == 20


async def test_nothing_waited_is_told_too(linked: Linked) -> None:
    bob = await linked("bob")
    await settled(bob)
    await soon(bob.disconnect())
    done = bob.expect(events.OfflineDone)
    await soon(bob.connect())
    assert (await soon(done)).count == 0


async def test_more_than_a_batch(server: LocalServer, linked: Linked) -> None:
    """The server sends 100 unacknowledged stanzas at most; each receipt makes room for another."""
    bob = await linked("bob")
    await settled(bob)
    await soon(bob.disconnect())
    for n in range(150):
        await server.phone("carol").send_text("bob", f"{n}")
    assert await collect(bob, 150, bob.connect()) == [f"{n}" for n in range(150)]


async def test_several_senders(server: LocalServer, linked: Linked) -> None:
    bob = await linked("bob")
    await soon(bob.disconnect())
    wanted = [f"{name} {n}" for n in range(5) for name in ("ann", "ben", "cem")]
    for text in wanted:
        await server.phone(text.split()[0]).send_text("bob", text)
    assert sorted(map(str, await collect(bob, 15, bob.connect()))) == sorted(wanted)


async def test_sends_to_somebody_away_are_acked(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await soon(bob.disconnect())
    keys = [(await soon(alice.messages.send(lid(bob), f"{n}"))).key for n in range(5)]
    assert len({key.id for key in keys}) == 5


async def test_a_first_message_waits_too(linked: Linked) -> None:
    """There is no session yet: the prekey message waits, and those after it."""
    alice, bob = await linked("alice"), await linked("bob")
    await settled(bob)
    await soon(bob.disconnect())
    broken = undecryptable_of(bob)
    for n in range(3):
        await soon(alice.messages.send(lid(bob), f"{n}"))
    assert await collect(bob, 3, bob.connect()) == ["0", "1", "2"]
    await tell(bob, alice, "back again")
    assert broken == []


async def test_over_a_restart_of_both(linked: Linked, opened: Unlinked, tmp_path: Path) -> None:
    alice, bob = await linked("alice", tmp_path / "a.db"), await linked("bob", tmp_path / "b.db")
    await tell(alice, bob, "first")
    await tell(bob, alice, "second")
    await soon(bob.close())
    await soon(alice.close())
    alice, bob = await opened("alice", tmp_path / "a.db"), await opened("bob", tmp_path / "b.db")
    broken = [undecryptable_of(alice), undecryptable_of(bob)]
    await soon(alice.connect())
    await soon(alice.messages.send(lid(bob), "while you were out"))
    assert await collect(bob, 1, bob.connect()) == ["while you were out"]
    await tell(bob, alice, "third")
    await tell(alice, bob, "fourth")
    assert broken == [[], []]


@pytest.mark.parametrize("fault", ["duplicate", "reorder"])
async def test_frames_twice_or_in_disorder(server: LocalServer, linked: Linked, fault: str) -> None:
    tap = Wiretap(server)
    alice, bob = await linked("alice"), await linked("bob")
    await tap.greeted(me(bob).pn)
    await tell(alice, bob, "before")
    await tell(bob, alice, "and back")
    broken = undecryptable_of(bob)
    server.faults.frames(fault, "bob", tag="message", times=3)
    texts = [f"{n}" for n in range(6)]

    async def send() -> None:
        for text in texts:
            await alice.messages.send(lid(bob), text)

    assert sorted(map(str, await collect(bob, 6, send()))) == texts
    seen = texts_of(bob)
    await tell(alice, bob, "after")
    await tell(bob, alice, "all good")
    assert seen == ["after"]
    assert broken == []
    assert tap.all(sent(me(bob).pn, "receipt", type="retry")) == []


async def test_a_first_message_twice(server: LocalServer, linked: Linked) -> None:
    tap = Wiretap(server)
    alice, bob = await linked("alice"), await linked("bob")
    await tap.greeted(me(bob).pn)
    broken = undecryptable_of(bob)
    server.faults.frames("duplicate", "bob", tag="message")
    assert await collect(bob, 1, alice.messages.send(lid(bob), "first")) == ["first"]
    seen = texts_of(bob)
    await tell(alice, bob, "second")
    assert seen == ["second"]
    assert broken == []
    receipts = [node for node in tap.all(sent(me(bob).pn, "receipt")) if node.attrs["to"] == str(lid(alice))]
    assert [node.attrs.get("type") for node in receipts] == [None] * 3


async def test_a_lost_frame_comes_again_after_the_reconnect(server: LocalServer, linked: Linked) -> None:
    tap = Wiretap(server)
    alice, bob = await linked("alice"), await linked("bob")
    await tap.greeted(me(bob).pn)
    await tell(alice, bob, "before")
    server.faults.frames("drop", "bob", tag="message")
    await soon(alice.messages.send(lid(bob), "lost"))
    await tell(alice, bob, "not lost")
    again = bob.expect(events.MessageReceived, saying("lost"))
    server.faults.drop("bob")
    assert (await soon(again)).message.origin is Origin.OFFLINE


async def test_a_send_while_disconnected_goes_out_later_with_its_id(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    server.faults.refuse_upgrade(503, times=1)
    tap, lost = Wiretap(server), alice.expect(events.Disconnected)
    server.faults.drop("alice")
    await soon(lost)
    got = bob.expect(events.MessageReceived, saying("through the storm"))
    message = await soon(alice.messages.send(lid(bob), "through the storm"))
    assert (await soon(got)).message.key.id == message.key.id
    assert len(tap.all(sent(me(alice).pn, "message"))) == 1


async def test_an_ack_that_is_lost_with_its_connection(server: LocalServer, linked: Linked) -> None:
    """The message goes out again under the same id, encrypted anew, and its receiver sees it once."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    seen, broken, tap = texts_of(bob), undecryptable_of(bob), Wiretap(server)
    server.faults.drop_ack("alice")
    sending = asyncio.ensure_future(alice.messages.send(lid(bob), "once only"))
    await tap.first(received(me(bob).pn, "message"))
    server.faults.drop("alice")
    message = await soon(sending)
    assert [node.attrs["id"] for node in tap.all(sent(me(alice).pn, "message"))] == [message.key.id] * 2
    await tell(alice, bob, "after")
    await tell(bob, alice, "fine")
    assert seen == ["once only", "after"]
    assert broken == []


async def test_a_send_gives_up_in_time(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice", send_timeout=1.5), await linked("bob")
    await tell(alice, bob, "before")
    server.faults.drop_ack("alice")
    with pytest.raises(errors.RequestTimeout):
        await soon(alice.messages.send(lid(bob), "no answer"))
    assert alice.is_connected
    await tell(alice, bob, "still here")


@pytest.mark.parametrize("code", [463, 479, 400, 599])
async def test_a_refusal_is_raised_with_its_code(server: LocalServer, linked: Linked, code: int) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    seen = texts_of(bob)
    server.faults.nack_message(code, "alice")
    with pytest.raises(errors.SendRejected) as refused:
        await soon(alice.messages.send(lid(bob), "refused"))
    assert refused.value.code == code
    assert refused.value.hint
    await tell(alice, bob, "accepted")
    assert seen == ["accepted"]


async def test_a_stopped_client_sends_nothing_and_says_so(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await soon(alice.disconnect())
    with pytest.raises(errors.Disconnected):
        await soon(alice.messages.send(lid(bob), "hello?"))


async def test_both_away_in_turn(linked: Linked) -> None:
    """Alice writes and leaves, bob comes and answers by a receipt, alice comes back and finds it."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    await soon(bob.disconnect())
    message = await soon(alice.messages.send(lid(bob), "ships in the night"))
    await soon(alice.disconnect())
    got = bob.expect(events.MessageReceived, saying("ships in the night"))
    await soon(bob.connect())
    await soon(got)
    await soon(bob.disconnect())
    receipt = alice.expect(
        events.ReceiptReceived, lambda event: message.key.id in event.receipt.ids and event.receipt.sender == lid(bob)
    )
    await soon(alice.connect())
    await soon(receipt)
