"""Texts between people, to oneself, and among the devices of one account."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from motte import Jid, Text, errors, events
from motte.core.signal.address import Address
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import collect, drop_session, lid, me, saying, settled, tell, texts_of, undecryptable_of
from tests.e2e.wiretap import Wiretap, sent


@pytest.mark.parametrize("by_lid", [False, True], ids=["pn", "lid"])
async def test_both_ways(linked: Linked, by_lid: bool) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    to_bob = lid(bob) if by_lid else me(bob).pn
    to_alice = lid(alice) if by_lid else me(alice).pn
    got = await tell(alice, bob, "hello", to=to_bob.user_jid)
    assert (got.message.key.from_me, got.message.push_name) == (False, "alice")
    assert got.chat == to_alice.user_jid
    assert got.message.key.sender == to_alice.user_jid
    answer = await tell(bob, alice, "hi", to=to_alice.user_jid)
    assert answer.chat == to_bob.user_jid


async def test_a_phone_number_is_enough(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = bob.expect(events.MessageReceived, saying("by number"))
    await soon(alice.messages.send(f"+{me(bob).pn.user}", "by number"))
    await soon(got)


async def test_to_oneself(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    await soon(alice.messages.send(me(alice).pn.user_jid, "note to self"))
    got = await soon(server.phone("alice").wait_for_text("note to self"))
    assert got.chat.user_jid == me(alice).pn.user_jid


async def test_from_oneself_elsewhere(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    got = alice.expect(events.MessageReceived, saying("note from the phone"))
    await server.phone("alice").send_text("alice", "note from the phone")
    event = await soon(got)
    assert event.message.key.from_me
    assert event.chat == lid(alice).user_jid


async def test_own_other_devices_see_what_is_sent(server: LocalServer, linked: Linked) -> None:
    alice, tablet, bob = await linked("alice"), await linked("alice"), await linked("bob")
    assert me(alice).pn.user == me(tablet).pn.user
    assert me(alice).pn.device != me(tablet).pn.device
    copy = tablet.expect(events.MessageReceived, saying("seen everywhere"))
    await tell(alice, bob, "seen everywhere")
    event = await soon(copy)
    assert event.message.key.from_me
    assert event.chat == lid(bob).user_jid
    on_phone = await soon(server.phone("alice").wait_for_text("seen everywhere"))
    assert on_phone.chat == lid(bob).user_jid
    assert (await soon(server.phone("bob").wait_for_text("seen everywhere"))).sender == lid(alice)


async def test_every_own_device_gets_what_others_send(server: LocalServer, linked: Linked) -> None:
    alice, tablet, bob = await linked("alice"), await linked("alice"), await linked("bob")
    both = [one.expect(events.MessageReceived, saying("for all of you")) for one in (alice, tablet)]
    await soon(bob.messages.send(lid(alice).user_jid, "for all of you"))
    for got in both:
        assert (await soon(got)).chat == lid(bob).user_jid
    await soon(server.phone("alice").wait_for_text("for all of you"))


async def test_devices_of_one_account_talk(linked: Linked) -> None:
    alice, tablet = await linked("alice"), await linked("alice")
    for sender, receiver, text in ((alice, tablet, "to the tablet"), (tablet, alice, "and back")):
        got = receiver.expect(events.MessageReceived, saying(text))
        await soon(sender.messages.send(me(alice).pn.user_jid, text))
        assert (await soon(got)).message.key.from_me


async def test_five_without_an_answer(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    seen = texts_of(bob)
    ids = [(await tell(alice, bob, f"number {n}")).message.key.id for n in range(5)]
    assert seen == [f"number {n}" for n in range(5)]
    assert len(set(ids)) == 5


async def test_ten_in_turn_and_none_undecryptable(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    failures = [undecryptable_of(alice), undecryptable_of(bob)]
    for turn in range(10):
        sender, receiver = (alice, bob) if turn % 2 == 0 else (bob, alice)
        await tell(sender, receiver, f"turn {turn}")
    assert failures == [[], []]


async def test_both_start_at_once(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    failures = [undecryptable_of(alice), undecryptable_of(bob)]
    from_alice = bob.expect(events.MessageReceived, saying("from alice"))
    from_bob = alice.expect(events.MessageReceived, saying("from bob"))
    first, second = alice.messages.send(lid(bob), "from alice"), bob.messages.send(lid(alice), "from bob")
    await soon(asyncio.gather(first, second))
    await soon(from_alice)
    await soon(from_bob)
    for turn in range(4):
        sender, receiver = (alice, bob) if turn % 2 == 0 else (bob, alice)
        await tell(sender, receiver, f"after {turn}")
    assert failures == [[], []]


async def test_many_at_once(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    failures, texts = undecryptable_of(bob), [f"at once {n}" for n in range(30)]
    sending = asyncio.gather(*(alice.messages.send(lid(bob), text) for text in texts))
    assert sorted(map(str, await collect(bob, 30, sending))) == sorted(texts)
    await settled(bob)
    assert failures == []


@pytest.mark.parametrize(
    "text",
    [
        "ünïcode — 你好, שלום, 👩‍👩‍👧‍👦 e\u0301",
        "one\ntwo\r\n\tthree",
        "\u202eright to left",
        "x" * 60_000,
        "🦦" * 20_000,
    ],
    ids=["scripts", "lines", "bidi", "60 kB", "80 kB of emoji"],
)
async def test_texts_arrive_as_they_are(linked: Linked, text: str) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    assert (await tell(alice, bob, text)).text == text


async def test_a_reply_quotes(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    question = await tell(alice, bob, "how are you?")
    got = alice.expect(events.MessageReceived, saying("fine"))
    await soon(question.reply("fine"))
    content = (await soon(got)).message.content
    assert isinstance(content, Text)
    assert content.quoted is not None
    assert content.quoted.id == question.message.key.id
    assert content.quoted.sender == lid(alice).user_jid
    assert content.quoted.content == Text(text="how are you?")


async def test_mentions_arrive(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = bob.expect(events.MessageReceived)
    await soon(alice.messages.send(lid(bob), Text(text="@you", mentions=(lid(bob).user_jid,))))
    content = (await soon(got)).message.content
    assert isinstance(content, Text)
    assert content.mentions == (lid(bob).user_jid,)


async def test_a_handler_answers_from_within(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")

    @bob.on(events.MessageReceived)
    async def echo(event: events.MessageReceived) -> None:
        sent = await event.reply(f"echo: {event.text}")
        await sent.delivered()

    got = alice.expect(events.MessageReceived, saying("echo: ping"))
    await soon(alice.messages.send(lid(bob), "ping"))
    await soon(got)


async def test_who_is_unknown_to_the_server_still_has_a_phone_that_gives_no_keys(linked: Linked) -> None:
    alice = await linked("alice")
    with pytest.raises(errors.NoSession):
        await soon(alice.messages.send(Jid.phone("15550109999"), "anybody?"))


async def test_a_message_that_nobody_could_read_is_not_sent(linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server would ack it like any other, so a session that ends at the last moment has to be noticed here."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "hello")
    assert alice._engine is not None
    sessions, lost = alice._engine.parts.sessions, asyncio.Event()
    ensure = sessions.ensure

    async def lose(devices: Sequence[Jid], *, refresh: bool = False) -> dict[Jid, Address]:
        found = await ensure(devices, refresh=refresh)
        if not lost.is_set():
            lost.set()
            for device in devices:
                await drop_session(alice, device)
        return found

    monkeypatch.setattr(sessions, "ensure", lose)
    with pytest.raises(errors.NoSession):
        await soon(alice.messages.send(lid(bob), "for nobody"))
    await tell(alice, bob, "for bob")


@pytest.mark.parametrize("chat", ["status@broadcast", "nonsense", "123@nowhere"])
async def test_other_chats_and_nonsense_get_a_sentence(linked: Linked, chat: str) -> None:
    alice = await linked("alice")
    with pytest.raises((errors.LocalProtocolError, errors.InvalidJid)):
        await soon(alice.messages.send(chat, "hello"))


async def test_no_ciphertext_is_for_the_sending_device(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    tap = Wiretap(server)
    await tell(alice, bob, "to all but me")
    (message,) = tap.all(sent(me(alice).pn, "message"))
    participants = message.child("participants")
    assert participants is not None
    addressed = {to.attrs["jid"] for to in participants.all("to")}
    assert addressed == {
        str(lid(bob)),
        str(lid(bob).with_device(0)),
        str(lid(alice).with_device(0)),
    }
