"""Messages that cannot be decrypted: asked for again, sent again to the one device, within bounds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from motte import Client, Text, events
from motte.core.binary.node import Node
from motte.core.message.retry_policy import MAX_RETRIES
from motte.core.signal.address import Address
from motte.errors import Disconnected
from motte.model.jid import Jid
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, Unlinked, soon
from tests.e2e.people import drop_session, lid, me, saying, settled, store_of, tell, texts_of, undecryptable_of
from tests.e2e.wiretap import Wiretap, received, sent


async def acquainted(linked: Linked) -> tuple[Client, Client]:
    """Two clients whose sessions are past their first messages."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    await tell(bob, alice, "and back")
    return alice, bob


async def test_a_receiver_that_lost_its_session_recovers(server: LocalServer, linked: Linked) -> None:
    alice, bob = await acquainted(linked)
    await drop_session(bob, lid(alice))
    tap = Wiretap(server)
    failed = bob.expect(events.MessageUndecryptable)
    got = bob.expect(events.MessageReceived, saying("precious"))
    message = await soon(alice.messages.send(lid(bob), "precious"))
    undecryptable, event = await soon(failed), await soon(got)
    assert undecryptable.key == event.message.key
    assert event.message.key.id == message.key.id
    assert (undecryptable.attempt, undecryptable.final) == (1, False)
    assert event.recovered
    # The request: with keys at once, for there is no session to speak of; and the failure is acked as such.
    request = await tap.first(sent(me(bob).pn, "receipt", type="retry"))
    retry, keys = request.child("retry"), request.child("keys")
    assert retry is not None
    assert keys is not None
    assert (request.attrs["id"], request.attrs["to"]) == (message.key.id, str(lid(alice)))
    assert (retry.attrs["count"], retry.attrs["id"], retry.attrs["v"]) == ("1", message.key.id, "1")
    assert {child.tag for child in keys.children} == {"type", "identity", "key", "skey", "device-identity"}
    await tap.first(sent(me(bob).pn, "ack", class_="message", error="500"))
    # The answer: to this one device, marked with the count.
    again = tap.all(sent(me(alice).pn, "message", id=message.key.id))[1:]
    (resent,) = again
    assert resent.attrs["to"] == str(lid(bob))
    assert resent.attrs["device_fanout"] == "false"
    (enc,) = resent.all("enc")
    assert (enc.attrs["count"], enc.attrs["type"]) == ("1", "pkmsg")
    assert resent.child("device-identity") is not None
    assert len(tap.all(received(None, "message", id=message.key.id))) == len(list(_fan_out(tap, message.key.id))) + 1
    await soon(message.delivered())
    await tell(bob, alice, "thanks")
    await tell(alice, bob, "you are welcome")


def _fan_out(tap: Wiretap, message_id: str) -> list[Node]:
    """The copies that a message first went out with."""
    first = tap.all(sent(None, "message", id=message_id))[0]
    participants = first.child("participants")
    assert participants is not None
    return list(participants.all("to"))


async def test_a_sender_that_lost_its_session_starts_anew(linked: Linked) -> None:
    alice, bob = await acquainted(linked)
    broken = undecryptable_of(bob)
    await drop_session(alice, lid(bob))
    await tell(alice, bob, "new session")
    await tell(bob, alice, "seen")
    assert broken == []


async def test_both_lost_their_sessions(linked: Linked) -> None:
    alice, bob = await acquainted(linked)
    await drop_session(alice, lid(bob))
    await drop_session(bob, lid(alice))
    await tell(alice, bob, "as strangers")
    await tell(bob, alice, "nice to meet you")


async def test_each_of_several_is_recovered(linked: Linked) -> None:
    alice, bob = await acquainted(linked)
    seen, broken = texts_of(bob), undecryptable_of(bob)
    await drop_session(bob, lid(alice))
    for n in range(4):
        await tell(alice, bob, f"{n}")
    assert sorted(map(str, seen)) == ["0", "1", "2", "3"]
    assert 1 <= len(broken) <= 4
    await tell(bob, alice, "all there")


async def test_a_phone_that_lost_its_session_recovers(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    carol = server.phone("carol")
    await soon(alice.messages.send(server.account("carol").lid, "hello"))
    await soon(carol.wait_for_text("hello"))
    got = alice.expect(events.MessageReceived, saying("hi"))
    await carol.send_text("alice", "hi")
    await soon(got)
    carol.mail.forget_session(server.account("alice").devices[me(alice).pn.device])
    tap = Wiretap(server)
    await soon(alice.messages.send(server.account("carol").lid, "do you remember me?"))
    await soon(carol.wait_for_text("do you remember me?"))
    assert len(tap.all(sent(None, "receipt", type="retry"))) == 1


async def test_an_answer_that_is_lost_with_the_connection_is_given_on_the_next(
    server: LocalServer, linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, carol = await linked("alice"), server.phone("carol")
    await soon(alice.messages.send(server.account("carol").lid, "hello"))
    await soon(carol.wait_for_text("hello"))
    got = alice.expect(events.MessageReceived, saying("hi"))
    await carol.send_text("alice", "hi")
    await soon(got)
    carol.mail.forget_session(server.account("alice").devices[me(alice).pn.device])
    engine = alice._engine
    assert engine is not None
    send, tried = engine.send, asyncio.Event()

    def lose(node: Node) -> None:
        if node.tag == "message" and not tried.is_set():
            tried.set()
            raise Disconnected("the connection ended before the answer left")
        send(node)

    monkeypatch.setattr(engine, "send", lose)
    await soon(alice.messages.send(server.account("carol").lid, "precious"))
    await soon(tried.wait())
    await settled(alice)
    server.faults.drop("alice")
    await soon(carol.wait_for_text("precious"))


async def test_a_client_that_lost_its_session_with_a_phone_recovers(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    got = alice.expect(events.MessageReceived)
    await server.phone("carol").send_text("alice", "one")
    await soon(got)
    await drop_session(alice, server.account("carol").lid)
    # A prekey message opens a session by itself; only after an answer do plain ones follow.
    await soon(alice.messages.send(server.account("carol").lid, "answer"))
    await soon(server.phone("carol").wait_for_text("answer"))
    await drop_session(alice, server.account("carol").lid)
    got = alice.expect(events.MessageReceived, saying("two"))
    await server.phone("carol").send_text("alice", "two")
    assert (await soon(got)).recovered


async def test_an_own_device_that_lost_its_session_recovers(server: LocalServer, linked: Linked) -> None:
    alice, tablet, bob = await linked("alice"), await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    own = tablet.expect(events.MessageReceived, saying("between us"))
    await soon(tablet.messages.send(lid(alice).user_jid, "hello me"))
    await soon(alice.messages.send(lid(alice).user_jid, "between us"))
    await soon(own)
    await settled(tablet)
    await drop_session(tablet, lid(alice))
    tap = Wiretap(server)
    copy = tablet.expect(events.MessageReceived, saying("copy me"))
    seen = texts_of(bob)
    await tell(alice, bob, "copy me")
    event = await soon(copy)
    assert event.recovered
    assert event.message.key.from_me
    assert event.chat == lid(bob).user_jid
    again = tap.all(sent(me(alice).pn, "message", id=event.message.key.id))[1]
    assert (again.attrs["to"], again.attrs["recipient"]) == (str(lid(tablet)), str(lid(bob).user_jid))
    assert seen == ["copy me"]


async def test_a_copy_that_comes_again_without_its_recipient_is_put_where_its_content_says(
    server: LocalServer, linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Baileys sends it again: the stanza then reads like a message from the account to itself."""
    alice, tablet, bob = await linked("alice"), await linked("alice"), await linked("bob")
    own = tablet.expect(events.MessageReceived, saying("between us"))
    await soon(alice.messages.send(lid(alice).user_jid, "between us"))
    await soon(own)
    await settled(tablet)
    await drop_session(tablet, lid(alice))
    engine = alice._engine
    assert engine is not None
    send = engine.send

    def forget_recipient(node: Node) -> None:
        send(node._replace(attrs={name: value for name, value in node.attrs.items() if name != "recipient"}))

    monkeypatch.setattr(engine, "send", forget_recipient)
    tap = Wiretap(server)
    copy = tablet.expect(events.MessageReceived, saying("copy me"))
    await tell(alice, bob, "copy me")
    event = await soon(copy)
    again = tap.all(received(me(tablet).pn, "message", id=event.message.key.id))[-1]
    assert again.attrs["recipient"] == str(lid(alice).user_jid)
    assert event.recovered
    assert event.chat == lid(bob).user_jid
    assert event.message.key.from_me


@pytest.mark.parametrize("by_lid", [False, True], ids=["pn", "lid"])
async def test_recovery_keeps_the_addressing(linked: Linked, by_lid: bool) -> None:
    alice, bob = await acquainted(linked)
    await drop_session(bob, lid(alice))
    to = lid(bob).user_jid if by_lid else me(bob).pn.user_jid
    event = await tell(alice, bob, "either way", to=to)
    assert event.recovered
    assert event.chat == (lid(alice) if by_lid else me(alice).pn).user_jid


async def test_the_sender_answers_after_a_restart(linked: Linked, opened: Unlinked, tmp_path: Path) -> None:
    """What was sent is kept in the store: nobody has to supply it."""
    alice, bob = await linked("alice", tmp_path / "alice.db"), await linked("bob")
    await tell(alice, bob, "before")
    await tell(bob, alice, "and back")
    await soon(bob.disconnect())
    await drop_session(bob, lid(alice))
    message = await soon(alice.messages.send(lid(bob), "kept"))
    await soon(alice.close())
    failed = bob.expect(events.MessageUndecryptable)
    await soon(bob.connect())
    assert (await soon(failed)).key.id == message.key.id
    got = bob.expect(events.MessageReceived, saying("kept"))
    alice = await opened("alice", tmp_path / "alice.db")
    await soon(alice.connect())
    assert (await soon(got)).recovered


async def test_a_receiver_goes_on_asking_after_a_restart(linked: Linked, opened: Unlinked, tmp_path: Path) -> None:
    alice, bob = await linked("alice"), await linked("bob", tmp_path / "bob.db")
    await tell(alice, bob, "before")
    await tell(bob, alice, "and back")
    await soon(alice.messages.send(lid(bob), "x"))
    await drop_session(bob, lid(alice))
    failed = bob.expect(events.MessageUndecryptable)
    await settled(bob)
    alice_lid = lid(alice)
    message = await soon(alice.messages.send(lid(bob), "over the restart"))
    await soon(failed)
    await soon(bob.close())
    bob = await opened("bob", tmp_path / "bob.db")
    got = bob.expect(events.MessageReceived, saying("over the restart"))
    await soon(bob.connect())
    event = await soon(got)
    assert (event.message.key.id, event.chat) == (message.key.id, alice_lid.user_jid)


async def test_asking_is_bounded(server: LocalServer, linked: Linked) -> None:
    """Somebody whose messages never decrypt is asked five times, then the message is given up."""
    alice, bob = await acquainted(linked)
    tap, broken = Wiretap(server), undecryptable_of(bob)
    garbage = _garbage(alice)
    for number in range(MAX_RETRIES + 2):
        server.deliver(me(bob).pn, garbage)
        await tap.nth(number + 1, sent(me(bob).pn, "ack", class_="message", error="500"))
    await settled(bob)
    requests = tap.all(sent(me(bob).pn, "receipt", type="retry"))
    assert [_retry(request).attrs["count"] for request in requests] == ["1", "2", "3", "4", "5"]
    assert [request.child("keys") is not None for request in requests] == [False, True, True, True, True]
    assert [failure.attempt for failure in broken] == list(range(1, MAX_RETRIES + 3))
    assert [failure.final for failure in broken] == [False] * MAX_RETRIES + [True] * 2
    prekeys = {_bytes(_child(_child(request, "keys"), "key"), "id") for request in requests[1:]}
    assert len(prekeys) == 1  # rubbish without end costs one prekey: it is given again until it is used
    await tell(alice, bob, "and on")


async def test_answering_is_bounded(server: LocalServer, linked: Linked) -> None:
    alice, bob = await acquainted(linked)
    message = await soon(alice.messages.send(lid(bob), "again and again"))
    await soon(message.delivered())
    tap = Wiretap(server)
    for _ in range(MAX_RETRIES + 3):
        server.deliver(me(alice).pn, _ask(lid(bob), message.key.id, "1"))
    await tap.nth(MAX_RETRIES + 3, sent(me(alice).pn, "ack", class_="receipt", type="retry"))
    await settled(alice)
    assert len(tap.all(sent(me(alice).pn, "message"))) == MAX_RETRIES
    server.deliver(me(alice).pn, _ask(lid(bob), message.key.id, str(MAX_RETRIES + 1)))
    await settled(alice)
    assert len(tap.all(sent(me(alice).pn, "message"))) == MAX_RETRIES
    await tell(alice, bob, "enough")


async def test_a_stranger_gets_nothing(server: LocalServer, linked: Linked) -> None:
    alice, bob, mallory = await linked("alice"), await linked("bob"), await linked("mallory")
    await tell(alice, mallory, "I know you")
    message = await soon(alice.messages.send(lid(bob), "for bob alone"))
    await soon(message.delivered())
    tap = Wiretap(server)
    server.deliver(me(alice).pn, _ask(lid(mallory), message.key.id, "1"))
    server.deliver(me(alice).pn, _ask(lid(bob), "3EB0FFFFFFFFFFFFFFFFFF", "1"))
    await tap.nth(2, sent(me(alice).pn, "ack", class_="receipt", type="retry"))
    await settled(alice)
    assert tap.all(sent(me(alice).pn, "message")) == []


async def test_a_new_device_of_the_recipient_may_ask(server: LocalServer, linked: Linked) -> None:
    alice, bob = await acquainted(linked)
    message = await soon(alice.messages.send(lid(bob), "for all of bob"))
    await soon(message.delivered())
    tablet = await linked("bob")
    got = tablet.expect(events.MessageReceived, saying("for all of bob"))
    server.deliver(me(alice).pn, _ask(lid(tablet), message.key.id, "1"))
    await soon(got)


async def test_a_companion_whose_keys_nobody_vouches_for_opens_no_session(server: LocalServer, linked: Linked) -> None:
    """The keys in a retry receipt are taken from a companion only with its account's signature over them."""
    alice, bob, mallory = await linked("alice"), await linked("bob"), await linked("mallory")
    await tell(alice, bob, "before")
    await tell(mallory, bob, "let me in")
    message = await soon(alice.messages.send(lid(bob), "for bob alone"))
    await soon(message.delivered())
    # Mallory's own keys and device identity, in a receipt that says that it comes from bob's device.
    tap = Wiretap(server)
    await drop_session(mallory, lid(alice))
    await soon(alice.messages.send(lid(mallory), "hi"))
    await drop_session(mallory, lid(alice))
    await soon(alice.messages.send(lid(mallory), "hi again"))
    stolen = await tap.first(sent(me(mallory).pn, "receipt", type="retry"))
    keys, registration = _child(stolen, "keys"), _child(stolen, "registration")
    known = await store_of(alice).identities.get(Address.of(lid(bob)))
    for forged in (keys, _without(keys, "device-identity")):
        asking = _ask(lid(bob), message.key.id, "1")
        server.deliver(me(alice).pn, asking._replace(content=(*asking.children, registration, forged)))
    await settled(alice)
    assert await store_of(alice).identities.get(Address.of(lid(bob))) == known
    assert tap.all(sent(me(alice).pn, "message", id=message.key.id)) == []
    await tell(alice, bob, "still you")


def _garbage(sender: Client) -> Node:
    enc = Node("enc", {"v": "2", "type": "msg"}, b"\x33" + bytes(60))
    attrs = {"id": "GARBAGE", "from": str(lid(sender)), "t": "1700000000", "type": "text"}
    return Node("message", attrs, (enc,))


def _ask(device: Jid, message_id: str, count: str) -> Node:
    """A retry receipt without keys."""
    retry = Node("retry", {"count": count, "id": message_id, "t": "1700000000", "v": "1", "error": "0"})
    attrs = {"id": message_id, "from": str(device), "type": "retry", "t": "1700000000"}
    return Node("receipt", attrs, (retry,))


def _without(node: Node, tag: str) -> Node:
    return node._replace(content=tuple(child for child in node.children if child.tag != tag))


def _child(node: Node, tag: str) -> Node:
    found = node.child(tag)
    assert found is not None
    return found


def _bytes(node: Node, tag: str) -> bytes:
    return _child(node, tag).data


def _retry(request: Node) -> Node:
    return _child(request, "retry")


async def test_what_is_sent_again_disappears_as_the_first_one_would_have(linked: Linked) -> None:
    alice, bob = await acquainted(linked)
    changed = bob.expect(events.EphemeralChanged)
    await soon(alice.messages.set_timer(lid(bob), 86400))
    await soon(changed)
    await settled(bob)
    await drop_session(bob, lid(alice))
    got = bob.expect(events.MessageReceived, saying("for a day"))
    await soon(alice.messages.send(lid(bob), "for a day"))
    event = await soon(got)
    assert event.recovered and isinstance(event.content, Text) and event.content.expiration == 86400
