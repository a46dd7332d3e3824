"""Receipts: what a sender learns, and what a receiver says by which kind."""

from __future__ import annotations

import asyncio

import pytest

from motte import Client, events
from motte.core.binary.node import Node
from motte.model.receipt import ReceiptKind
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, saying, settled, tell
from tests.e2e.wiretap import Wiretap, received, sent


def receipts_of(client: Client, *kinds: ReceiptKind) -> asyncio.Future[events.ReceiptReceived]:
    return client.expect(events.ReceiptReceived, lambda event: event.receipt.kind in kinds)


async def test_delivered_then_read_then_played(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = bob.expect(events.MessageReceived)
    message = await soon(alice.messages.send(lid(bob), "listen"))
    event = await soon(got)
    delivered = await soon(message.delivered())
    assert delivered.sender.user_jid == lid(bob).user_jid
    assert delivered.ids == (message.key.id,)
    waiting = asyncio.ensure_future(message.read())
    await soon(event.mark_read())
    read = await soon(waiting)
    assert (read.kind, read.sender, read.chat) == (ReceiptKind.READ, lid(bob), lid(bob).user_jid)
    assert read.timestamp is not None
    await soon(bob.messages.mark_played(event.message.key))
    assert (await soon(message.played())).kind is ReceiptKind.PLAYED


async def test_played_proves_the_rest(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    event = await tell(alice, bob, "listen")
    played = receipts_of(alice, ReceiptKind.PLAYED)
    await soon(bob.messages.mark_played(event.message.key))
    await soon(played)
    assert alice._engine is not None
    tracker = alice._engine.parts.tracker
    for kind in (ReceiptKind.READ, ReceiptKind.PLAYED):
        assert (await soon(tracker.wait(event.message.key.id, kind))).kind is ReceiptKind.PLAYED


async def test_who_is_not_looking_says_inactive(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob", mark_online=False)
    tap = Wiretap(server)
    event = await tell(alice, bob, "are you there?")
    await tap.first(sent(me(bob).pn, "receipt", id=event.message.key.id, type="inactive", to=str(lid(alice))))
    assert await bob.presence.available()
    event = await tell(alice, bob, "now?")
    await tap.first(sent(me(bob).pn, "receipt", id=event.message.key.id, type=None))
    assert await bob.presence.unavailable()
    event = await tell(alice, bob, "and now?")
    await tap.first(sent(me(bob).pn, "receipt", id=event.message.key.id, type="inactive"))


async def test_a_decrypted_message_gets_a_receipt_and_no_ack(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    tap = Wiretap(server)
    event = await tell(alice, bob, "hello")
    await settled(bob)
    assert tap.all(sent(me(bob).pn, "ack", class_="message")) == []
    (receipt,) = tap.all(sent(me(bob).pn, "receipt", id=event.message.key.id))
    assert receipt.attrs["to"] == str(lid(alice))


async def test_own_devices_confirm_as_sender(server: LocalServer, linked: Linked) -> None:
    alice, tablet, bob = await linked("alice"), await linked("alice"), await linked("bob")
    tap, copied = Wiretap(server), tablet.expect(events.MessageReceived, saying("copied"))
    confirmed = receipts_of(alice, ReceiptKind.SENDER)
    await tell(alice, bob, "copied")
    await soon(copied)
    receipt = (await soon(confirmed)).receipt
    assert receipt.by_me
    assert receipt.chat == lid(bob).user_jid
    node = await tap.first(sent(me(tablet).pn, "receipt", type="sender"))
    assert (node.attrs["to"], node.attrs["recipient"]) == (str(lid(alice)), str(lid(bob).user_jid))


async def test_an_own_copy_does_not_count_as_delivered(linked: Linked) -> None:
    """The sender's phone confirms its copy; that says nothing of the recipient."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "hello")
    confirmed = receipts_of(alice, ReceiptKind.SENDER)
    message = await soon(alice.messages.send(lid(bob).user_jid, "for you"))
    assert (await soon(confirmed)).receipt.by_me
    assert not (await soon(message.delivered())).by_me
    assert {person.user for person in message.receipts()} == {lid(bob).user}


async def test_a_message_to_oneself_is_delivered_when_another_own_device_has_it(linked: Linked) -> None:
    alice = await linked("alice")
    message = await soon(alice.messages.send(me(alice).pn.user_jid, "to myself"))
    receipt = await soon(message.delivered())
    assert (receipt.kind, receipt.by_me) == (ReceiptKind.SENDER, True)
    assert list(message.receipts()) == [receipt.sender.user_jid]


async def test_the_phones_messages_to_a_companion_are_confirmed_as_peer(server: LocalServer, linked: Linked) -> None:
    tap = Wiretap(server)
    alice = await linked("alice")
    keys = alice.expect(events.AppStateKeysReceived)
    history = alice.expect(events.HistoryAnnounced, lambda event: event.kind == "FULL")
    assert (await soon(keys)).count == 1
    assert (await soon(history)).progress == 100
    await settled(alice)
    peer = tap.all(received(me(alice).pn, "message", category="peer"))
    confirmed = tap.all(sent(me(alice).pn, "receipt", type="peer_msg"))
    assert [node.attrs["id"] for node in confirmed] == [node.attrs["id"] for node in peer]
    assert len(tap.all(sent(me(alice).pn, "receipt", type="hist_sync"))) == 3


async def test_what_is_read_here_is_read_on_the_other_own_devices(linked: Linked) -> None:
    alice, bob, tablet = await linked("alice"), await linked("bob"), await linked("bob")
    event = await tell(alice, bob, "read me once")
    elsewhere = receipts_of(tablet, ReceiptKind.READ_SELF)
    await soon(event.mark_read())
    receipt = (await soon(elsewhere)).receipt
    assert receipt.by_me
    assert receipt.chat == lid(alice).user_jid
    assert receipt.ids == (event.message.key.id,)


async def test_many_messages_are_read_in_one_receipt(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    keys = [(await tell(alice, bob, f"{n}")).message.key for n in range(4)]
    tap, read = Wiretap(server), receipts_of(alice, ReceiptKind.READ)
    await soon(bob.messages.mark_read(*keys))
    assert (await soon(read)).receipt.ids == tuple(key.id for key in keys)
    assert len(tap.all(sent(me(bob).pn, "receipt", type="read"))) == 1


async def test_receipts_are_acked_with_their_type(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    tap = Wiretap(server)
    event = await tell(alice, bob, "hello")
    await soon(event.mark_read())
    ack = await tap.first(sent(me(alice).pn, "ack", class_="receipt", type="read"))
    assert ack.attrs == {"class": "receipt", "id": event.message.key.id, "to": str(lid(bob)), "type": "read"}
    plain = await tap.first(sent(me(alice).pn, "ack", class_="receipt", type=None))
    assert "from" not in plain.attrs


async def test_a_receipt_can_be_awaited_after_it_came(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got, read = bob.expect(events.MessageReceived), receipts_of(alice, ReceiptKind.READ)
    message = await soon(alice.messages.send(lid(bob), "quick"))
    await soon((await soon(got)).mark_read())
    await soon(read)
    await settled(alice)
    assert (await soon(message.delivered())).ids == (message.key.id,)
    assert (await soon(message.read())).kind is ReceiptKind.READ


async def test_nobody_there_no_receipt_then_back_and_delivered(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    server.phone("bob").mail._confirm = lambda node, sender: None  # type: ignore[method-assign]
    await soon(bob.disconnect())
    message = await soon(alice.messages.send(lid(bob), "for later"))
    delivered = asyncio.ensure_future(message.delivered())
    await settled(alice)
    assert not delivered.done()
    await soon(bob.connect())
    assert (await soon(delivered)).sender == lid(bob)


async def test_a_read_receipt_waits_for_its_sender(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    event = await tell(alice, bob, "read this later")
    await soon(alice.disconnect())
    await soon(event.mark_read())
    read = receipts_of(alice, ReceiptKind.READ)
    await soon(alice.connect())
    assert (await soon(read)).receipt.ids == (event.message.key.id,)


async def test_receipts_leave_before_a_disconnect(linked: Linked, server: LocalServer) -> None:
    """Five messages come, and the client disconnects at once: each was receipted."""
    alice, bob = await linked("alice"), await linked("bob")
    tap, got = Wiretap(server), bob.expect(events.MessageReceived, saying("4"))
    sent_messages = [await soon(alice.messages.send(lid(bob), f"{n}")) for n in range(5)]
    await soon(got)
    await soon(bob.disconnect())
    receipts = {node.attrs["id"] for node in tap.all(sent(me(bob).pn, "receipt"))}
    assert receipts >= {message.key.id for message in sent_messages}


@pytest.mark.parametrize("kind", ["hist_sync", "server-error", "brand-new"])
async def test_other_receipts_are_told_and_acked(server: LocalServer, linked: Linked, kind: str) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    tap, told = Wiretap(server), alice.expect(events.ReceiptReceived)
    attrs = {"id": "ABC", "from": str(lid(bob)), "type": kind, "t": "1700000000"}
    server.deliver(me(alice).pn, Node("receipt", attrs))
    receipt = (await soon(told)).receipt
    assert receipt.kind == (kind if kind != "brand-new" else ReceiptKind.OTHER)
    await tap.first(sent(me(alice).pn, "ack", class_="receipt", id="ABC"))
