"""The status list: who sees a post, who gets the key to it, what becomes of answers, retries and deletions."""

from __future__ import annotations

import asyncio

import pytest

from motte import Client, StatusPost, StatusPrivacy, StatusRule, events
from motte.core.binary.node import Node
from motte.errors import LocalProtocolError, RemoteProtocolError
from motte.model.content.text import Font, Text
from motte.model.jid import STATUS_JID, Jid
from motte.model.receipt import ReceiptKind
from motte.store.repo.contacts import ContactNames
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, saying, settled, store_of, tell, texts_of
from tests.e2e.wiretap import Wiretap, sent

Trio = tuple[Client, Client, Client]


@pytest.fixture
async def trio(linked: Linked) -> Trio:
    return await linked("alice"), await linked("bob"), await linked("carol")


async def save(client: Client, *people: Jid) -> None:
    """Save people, as the phone's address book does."""
    store = store_of(client)
    batch = store.batch()
    for person in people:
        store.contacts.put(batch, person, ContactNames(saved_name="somebody"))
    await store.commit(batch)


def named(message: Node) -> dict[str, bool]:
    """The devices that a status is for, and whether it brings them the key."""
    participants = message.child("participants")
    return {to.attrs["jid"]: bool(to.child("enc")) for to in participants.all("to")} if participants else {}


def devices(client: Client) -> set[str]:
    """The phone and the client of an account."""
    return {str(lid(client).with_device(device)) for device in (0, lid(client).device)}


async def test_a_post_reaches_its_audience_alone(server: LocalServer, trio: Trio) -> None:
    alice, bob, carol = trio
    missed, got = texts_of(carol), bob.expect(events.MessageReceived)
    post = Text(text="hello, world", background=0xFF112233, color=0xFFFFFFFF, font=Font.SYSTEM_BOLD)
    message = await soon(alice.status.post(post, audience=[me(bob).pn.user_jid]))
    event = await soon(got)
    assert event.message.content == post
    assert (event.chat, event.message.key.sender) == (STATUS_JID, lid(alice).user_jid)
    assert (message.key.chat, message.key.sender) == (STATUS_JID, lid(alice).user_jid)
    assert (await soon(message.delivered())).sender == lid(bob).user_jid
    await bob.messages.mark_read(event.message.key)
    assert (await soon(message.read(by=lid(bob).user_jid))).kind is ReceiptKind.READ
    await server.phone("alice").wait_for_text("hello, world")
    await settled(carol)
    assert missed == []


async def test_the_key_comes_once_and_everybody_is_named_each_time(server: LocalServer, trio: Trio) -> None:
    alice, bob, carol = trio
    tap, people = Wiretap(server), [lid(bob).user_jid, lid(carol).user_jid]
    for text in ("one", "two"):
        got = [one.expect(events.MessageReceived, saying(text)) for one in (bob, carol)]
        await soon(alice.status.post(text, audience=people))
        await soon(asyncio.gather(*got))
    first, second = tap.all(sent(me(alice).pn, "message", to=str(STATUS_JID)))
    everybody = devices(bob) | devices(carol) | {str(lid(alice).with_device(0))}
    assert named(first) == dict.fromkeys(everybody, True)
    assert named(second) == dict.fromkeys(everybody, False)
    assert first.attrs["addressing_mode"] == "lid"


async def test_who_is_left_out_cannot_read_on(server: LocalServer, trio: Trio) -> None:
    alice, bob, carol = trio
    tap = Wiretap(server)
    await soon(alice.status.post("for both", audience=[lid(bob).user_jid, lid(carol).user_jid]))
    got = bob.expect(events.MessageReceived, saying("for Bob"))
    await soon(alice.status.post("for Bob", audience=[lid(bob).user_jid]))
    await soon(got)
    _, second = tap.all(sent(me(alice).pn, "message", to=str(STATUS_JID)))
    assert named(second) == dict.fromkeys(devices(bob) | {str(lid(alice).with_device(0))}, True)


@pytest.mark.parametrize(
    ("rule", "people", "expected"),
    [
        (None, [], {"bob", "carol"}),
        ("contacts", [], {"bob", "carol"}),
        ("blacklist", ["carol"], {"bob"}),
        ("whitelist", ["carol"], {"carol"}),
    ],
)
async def test_without_an_audience_the_privacy_decides(
    server: LocalServer, trio: Trio, rule: str | None, people: list[str], expected: set[str]
) -> None:
    alice, bob, carol = trio
    profile = server.account("alice").profile
    profile.status_rule, profile.status_people = rule, [server.account(name) for name in people]
    await save(alice, me(bob).pn.user_jid, lid(carol).user_jid)
    tap = Wiretap(server)
    await soon(alice.status.post("hi"))
    [post] = tap.all(sent(me(alice).pn, "message", to=str(STATUS_JID)))
    clients = {"bob": bob, "carol": carol}
    assert set(named(post)) == {str(lid(alice).with_device(0))}.union(*(devices(clients[name]) for name in expected))


async def test_the_privacy_can_be_read(server: LocalServer, trio: Trio) -> None:
    alice, bob, _ = trio
    assert await soon(alice.status.privacy()) == StatusPrivacy(rule=StatusRule.CONTACTS)
    profile = server.account("alice").profile
    profile.status_rule, profile.status_people = "whitelist", [server.account("bob")]
    assert await soon(alice.status.privacy()) == StatusPrivacy(rule=StatusRule.ONLY, people=(lid(bob).user_jid,))
    profile.status_rule = "close_friends_of_friends"
    with pytest.raises(RemoteProtocolError, match="does not know"):
        await soon(alice.status.privacy())


async def test_a_post_that_nobody_would_see(trio: Trio) -> None:
    alice, _, _ = trio
    with pytest.raises(LocalProtocolError, match="nobody"):
        await soon(alice.status.post("hello?"))
    with pytest.raises(LocalProtocolError, match="nobody"):
        await soon(alice.status.post("hello?", audience=[lid(alice)]))


async def test_a_post_is_no_message(trio: Trio) -> None:
    alice, bob, _ = trio
    with pytest.raises(LocalProtocolError, match="not for one chat"):
        await soon(alice.messages.send(lid(bob), StatusPost(content=Text(text="hi"))))


async def test_a_deletion_reaches_those_who_saw_the_post(trio: Trio) -> None:
    alice, bob, carol = trio
    posted, missed = bob.expect(events.MessageReceived), texts_of(carol)
    message = await soon(alice.status.post("oh no", audience=[lid(bob).user_jid]))
    original = (await soon(posted)).message.key
    revoked = bob.expect(events.MessageRevoked)
    await soon(alice.status.revoke(message))
    event = await soon(revoked)
    assert (event.target, event.key.chat) == (original, STATUS_JID)
    with pytest.raises(LocalProtocolError, match="only an own message"):
        await soon(bob.status.revoke(original))
    await settled(carol)
    assert missed == []


async def test_a_deletion_of_a_post_that_is_not_kept(trio: Trio) -> None:
    alice, bob, _ = trio
    message = await soon(alice.status.post("old", audience=[lid(bob).user_jid]))
    store = store_of(alice)
    batch = store.batch()
    store.sent.delete(batch, message.key.id)
    await store.commit(batch)
    with pytest.raises(LocalProtocolError, match="not known"):
        await soon(alice.status.revoke(message))


async def test_an_answer_goes_to_the_author(trio: Trio) -> None:
    alice, bob, carol = trio
    got, missed = bob.expect(events.MessageReceived), texts_of(carol)
    await soon(alice.status.post("at the sea", audience=[lid(bob).user_jid, lid(carol).user_jid]))
    post = await soon(got)
    answered = alice.expect(events.MessageReceived)
    reply = await soon(bob.messages.reply(post, "lucky you"))
    event = await soon(answered)
    assert reply.key.chat == lid(alice).user_jid
    assert (event.text, event.chat) == ("lucky you", lid(bob).user_jid)
    answer = event.message.content
    assert isinstance(answer, Text)
    assert answer.quoted is not None
    assert answer.quoted.chat == STATUS_JID
    await settled(carol)
    assert missed == ["at the sea"]


async def test_a_reaction_goes_to_the_author(server: LocalServer, trio: Trio) -> None:
    alice, bob, carol = trio
    got, tap = bob.expect(events.MessageReceived), Wiretap(server)
    message = await soon(alice.status.post("at the sea", audience=[lid(bob).user_jid, lid(carol).user_jid]))
    reacted = alice.expect(events.ReactionChanged)
    await soon(bob.messages.react(await soon(got), "🌊"))
    assert ((await soon(reacted)).target, reacted.result().emoji) == (message.key, "🌊")
    [reaction] = tap.all(sent(me(bob).pn, "message", to=str(STATUS_JID)))
    assert set(named(reaction)) == devices(alice) | {str(lid(bob).with_device(0))}


async def test_who_cannot_read_a_post_gets_it_again(trio: Trio) -> None:
    alice, bob, _ = trio
    await tell(alice, bob, "so that they have a session")
    got = bob.expect(events.MessageReceived, saying("one"))
    await soon(alice.status.post("one", audience=[lid(bob).user_jid]))
    await soon(got)
    store = store_of(bob)
    batch = store.batch()
    for name in await store.sender_keys.table.scan(f"{STATUS_JID}|"):
        store.sender_keys.table.delete(batch, name)
    await store.commit(batch)
    for text in ("two", "three"):
        got = bob.expect(events.MessageReceived, saying(text))
        await soon(alice.status.post(text, audience=[lid(bob).user_jid]))
        event = await soon(got)
        assert event.recovered == (text == "two")
