"""Groups among real clients: everybody reads, who goes reads no more, who comes reads from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from motte import Client, Jid, events
from motte.core.binary.node import Node
from motte.core.signal.address import Address
from motte.errors import Forbidden, SendRejected
from motte.model import group_change as changes
from motte.model.group import Group, GroupRole
from motte.model.message import Addressing
from motte.model.receipt import ReceiptKind
from motte.testing import LocalServer
from motte.testing.server.settings import Settings
from tests.e2e.conftest import Linked, configured, scanning, soon
from tests.e2e.people import lid, me, saying, settled, store_of, texts_of, undecryptable_of
from tests.e2e.wiretap import Wiretap, sent


async def grouped(founder: Client, *others: Client) -> Group:
    """A group of these clients that all of them know of."""
    told = [other.expect(events.GroupChanged, of(changes.Created)) for other in others]
    created = await soon(founder.groups.create("Chess", [lid(other) for other in others]))
    assert all(result.ok for result in created.results)
    await soon(asyncio.gather(*told))
    return created.group


def of(kind: type[changes.GroupChange]) -> Callable[[events.GroupChanged], bool]:
    """Accepts group news of this kind."""
    return lambda event: isinstance(event.change, kind)


async def say(sender: Client, group: Jid, text: str, *receivers: Client) -> events.MessageReceived | None:
    """Send a text to a group and wait until these have it."""
    got = [receiver.expect(events.MessageReceived, saying(text)) for receiver in receivers]
    await soon(sender.messages.send(group, text))
    return next(iter(await soon(asyncio.gather(*got))), None)


def handed_to(message: Node) -> list[str]:
    """The devices to which a message brings the sender key."""
    participants = message.child("participants")
    return [to.attrs["jid"] for to in participants.all("to")] if participants else []


async def trio(linked: Linked) -> tuple[Client, Client, Client]:
    return await linked("alice"), await linked("bob"), await linked("carol")


async def test_everybody_reads(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    broken = [undecryptable_of(one) for one in (alice, bob, carol)]
    group = await grouped(alice, bob, carol)
    event = await say(alice, group.jid, "hello, all", bob, carol)
    assert event is not None
    assert (event.chat, event.message.key.sender, event.message.key.from_me) == (group.jid, lid(alice).user_jid, False)
    await say(bob, group.jid, "hello, Alice", alice, carol)
    await say(carol, group.jid, "me, too", alice, bob)
    for client in (alice, bob, carol):
        await settled(client)
    assert broken == [[], [], []]
    assert (await server.phone("bob").wait_for_text("hello, all")).chat == group.jid


async def test_the_key_goes_to_each_device_once(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group, tap = await grouped(alice, bob, carol), Wiretap(server)
    await say(alice, group.jid, "one", bob, carol)
    await say(alice, group.jid, "two", bob, carol)
    first, second = tap.all(sent(me(alice).pn, "message", to=str(group.jid)))
    expected = {str(lid(one).with_device(device)) for one in (bob, carol) for device in (0, lid(one).device)}
    assert sorted(handed_to(first)) == sorted(expected | {str(lid(alice).with_device(0))})
    assert handed_to(second) == []
    assert first.attrs["addressing_mode"] == "lid"
    ack = await tap.first(lambda seen: seen.incoming and seen.node.attrs.get("id") == first.attrs["id"])
    assert "phash" not in ack.attrs  # the server has come to the same hash


async def test_what_we_are_in_a_group(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    group = await grouped(alice, bob)
    message = await soon(alice.messages.send(group.jid, "by LID"))
    assert message.key.sender == lid(alice).user_jid
    assert message.key.chat == group.jid


async def test_who_is_removed_reads_no_more(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = await grouped(alice, bob, carol)
    await say(alice, group.jid, "with Bob", bob, carol)
    await say(carol, group.jid, "hello, Bob", alice, bob)
    before = await store_of(alice).sender_keys.get(group.jid, Address.of(lid(alice)))
    gone = carol.expect(events.GroupChanged, of(changes.ParticipantsRemoved))
    (result,) = await soon(alice.groups.remove(group.jid, lid(bob)))
    assert result.ok
    change = (await soon(gone)).change
    assert isinstance(change, changes.ParticipantsRemoved)
    assert [one.jid for one in change.participants] == [lid(bob).user_jid]
    seen, tap = texts_of(bob), Wiretap(server)
    await say(alice, group.jid, "without Bob", carol)
    await say(carol, group.jid, "really", alice)
    for one in (alice, carol):
        (message,) = tap.all(sent(me(one).pn, "message", to=str(group.jid)))
        assert handed_to(message)
        assert not any(Jid.parse(device).user == lid(bob).user for device in handed_to(message))
    after = await store_of(alice).sender_keys.get(group.jid, Address.of(lid(alice)))
    assert before is not None
    assert after is not None
    assert before.states[0].id != after.states[0].id
    await settled(bob)
    assert seen == []
    with pytest.raises(Forbidden):
        await soon(bob.messages.send(group.jid, "let me in"))


async def test_who_is_added_reads_from_then_on(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = await grouped(alice, bob)
    await say(bob, group.jid, "between us", alice)
    came = bob.expect(events.GroupChanged, of(changes.ParticipantsAdded))
    (result,) = await soon(alice.groups.add(group.jid, me(carol).pn))
    assert result.ok
    await soon(came)
    tap = Wiretap(server)
    await say(bob, group.jid, "welcome", alice, carol)
    (message,) = tap.all(sent(me(bob).pn, "message", to=str(group.jid)))
    assert {Jid.parse(device).user for device in handed_to(message)} == {lid(carol).user}


async def test_news_keeps_what_is_known_up_to_date(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    group = (await grouped(alice, bob)).jid
    await soon(bob.groups.get(group))
    tap = Wiretap(server)
    steps = [
        (alice.groups.set_subject(group, "Go"), changes.SubjectChanged),
        (alice.groups.set_description(group, "on Mondays"), changes.DescriptionChanged),
        (alice.groups.set_announcement(group, True), changes.AnnouncementChanged),
        (alice.groups.set_locked(group, True), changes.LockChanged),
        (alice.groups.set_timer(group, 86_400), changes.TimerChanged),
        (alice.groups.set_approval(group, True), changes.ApprovalModeChanged),
        (alice.groups.promote(group, lid(bob)), changes.ParticipantsPromoted),
    ]
    for step, kind in steps:
        told = bob.expect(events.GroupChanged, of(kind))
        await soon(step)
        event = await soon(told)
        assert (event.group, event.by, event.by_alt) == (group, lid(alice).user_jid, me(alice).pn.user_jid)
    known = await soon(bob.groups.get(group))
    assert tap.all(sent(me(bob).pn, "iq", xmlns="w:g2")) == []
    assert known == await soon(bob.groups.get(group, fresh=True))
    assert (known.subject, known.is_announcement, known.is_locked) == ("Go", True, True)
    assert (known.timer, known.needs_approval, known.size) == (86_400, True, 2)
    assert known.description is not None
    assert known.description.text == "on Mondays"
    mine = known.find(me(bob).pn)
    assert mine is not None
    assert mine.role is GroupRole.ADMIN


async def test_only_admins_write_in_an_announcement_group(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    group = (await grouped(alice, bob)).jid
    told = bob.expect(events.GroupChanged, of(changes.AnnouncementChanged))
    await soon(alice.groups.set_announcement(group, True))
    await soon(told)
    with pytest.raises(SendRejected) as refused:
        await soon(bob.messages.send(group, "may I?"))
    assert refused.value.code == 403
    await say(alice, group, "I may", bob)


async def test_by_link(linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = (await grouped(alice, bob)).jid
    link = await soon(alice.groups.invite_link(group))
    assert (await soon(carol.groups.preview(link))).subject == "Chess"
    came = bob.expect(events.GroupChanged, of(changes.ParticipantsAdded))
    joined = await soon(carol.groups.join(link))
    assert (joined.group, joined.pending) == (group, False)
    await soon(came)
    await say(carol, group, "here I am", alice, bob)
    await say(bob, group, "welcome", alice, carol)
    assert await soon(alice.groups.reset_invite_link(group)) != link


async def test_with_approval(linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = (await grouped(alice, bob)).jid
    await soon(alice.groups.set_approval(group, True))
    asked = alice.expect(events.GroupChanged, of(changes.JoinRequested))
    joined = await soon(carol.groups.join(await soon(alice.groups.invite_link(group))))
    assert (joined.group, joined.pending) == (group, True)
    await soon(asked)
    (request,) = await soon(alice.groups.join_requests(group))
    assert request.participant.is_one(me(carol).pn.user_jid)
    came = carol.expect(events.GroupChanged, of(changes.Created))
    (result,) = await soon(alice.groups.approve(group, request.participant.jid))
    assert result.ok
    await soon(came)
    await say(carol, group, "thank you", alice, bob)


async def test_leaving(linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = (await grouped(alice, bob, carol)).jid
    await say(alice, group, "all here", bob, carol)
    gone = alice.expect(events.GroupChanged, of(changes.ParticipantsRemoved))
    await soon(bob.groups.leave(group))
    assert (await soon(gone)).by == lid(bob).user_jid
    seen = texts_of(bob)
    await say(alice, group, "Bob has left", carol)
    await settled(bob)
    assert seen == []
    with pytest.raises(Forbidden):
        await soon(bob.groups.get(group, fresh=True))
    assert await soon(bob.groups.all()) == ()
    assert [one.jid for one in await soon(carol.groups.all())] == [group]


async def test_a_member_that_lost_the_key_gets_it_again(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = (await grouped(alice, bob, carol)).jid
    await say(alice, group, "before", bob, carol)
    store = store_of(bob)
    batch = store.batch()
    store.sender_keys.delete(batch, group, Address.of(lid(alice)))
    await store.commit(batch)
    tap = Wiretap(server)
    failed, got = bob.expect(events.MessageUndecryptable), bob.expect(events.MessageReceived, saying("precious"))
    message = await soon(alice.messages.send(group, "precious"))
    await soon(failed)
    event = await soon(got)
    assert (event.recovered, event.message.key.id, event.chat) == (True, message.key.id, group)
    resent = tap.all(sent(me(alice).pn, "message", id=message.key.id))[1]
    assert (resent.attrs["to"], resent.attrs["participant"]) == (str(group), str(lid(bob)))
    # With it came the key: the next message is read at once.
    broken = undecryptable_of(bob)
    await say(alice, group, "after", bob, carol)
    assert broken == []


async def test_a_device_that_we_do_not_know_of_gets_the_message(server: LocalServer, linked: Linked) -> None:
    """The server's hash says that our lists are old."""
    alice, bob = await linked("alice"), await linked("bob")
    group = (await grouped(alice, bob)).jid
    await say(alice, group, "to one device", bob)
    await settled(alice)
    known = await store_of(alice).devices.get_many([lid(bob).user_jid])
    second = await linked("bob")
    await settled(alice)
    store = store_of(alice)
    batch = store.batch()
    store.devices.put(batch, lid(bob).user_jid, known[lid(bob).user_jid])
    await store.commit(batch)
    tap = Wiretap(server)
    await say(alice, group, "to both", bob, second)
    await settled(alice)
    first, *alone = tap.all(sent(me(alice).pn, "message", to=str(group)))
    assert handed_to(first) == []
    # At least once: the device may also have asked for it by itself.
    assert {message.attrs["participant"] for message in alone} == {str(lid(second))}
    await say(alice, group, "to both again", bob, second)


async def test_a_message_that_was_not_acked_brings_the_key_again(server: LocalServer, linked: Linked) -> None:
    """Whoever was given the key in a refused stanza has not got it."""
    alice, bob = await linked("alice"), await linked("bob")
    group = (await grouped(alice, bob)).jid
    server.faults.nack_message(500, "alice")
    with pytest.raises(SendRejected):
        await soon(alice.messages.send(group, "refused"))
    assert await store_of(alice).sender_keys.holders(group) == frozenset()
    broken = undecryptable_of(bob)
    await say(alice, group, "accepted", bob)
    assert broken == []


async def test_who_has_received_and_read(linked: Linked) -> None:
    alice, bob, carol = await trio(linked)
    group = (await grouped(alice, bob, carol)).jid
    got = carol.expect(events.MessageReceived, saying("do you read?"))
    message = await soon(alice.messages.send(group, "do you read?"))
    event = await soon(got)
    for one in (bob, carol):
        assert (await soon(message.delivered(by=lid(one)))).sender.user_jid == lid(one).user_jid
    assert set(message.receipts()) == {lid(bob).user_jid, lid(carol).user_jid}
    await soon(event.mark_read())
    receipt = await soon(message.read(by=lid(carol)))
    assert (receipt.chat, receipt.kind) == (group, ReceiptKind.READ)
    assert set(message.receipts(ReceiptKind.READ)) == {lid(carol).user_jid}


async def test_many_at_once(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    group = (await grouped(alice, bob)).jid
    broken, words = undecryptable_of(bob), [f"{n}" for n in range(20)]
    got = [bob.expect(events.MessageReceived, saying(word)) for word in words]
    await soon(asyncio.gather(*(alice.messages.send(group, word) for word in words)))
    await soon(asyncio.gather(*got))
    assert broken == []


async def test_by_phone_number() -> None:
    """An old group names its members by PN; so do its messages."""
    settings = Settings(closing_seconds=0.02, group_mode="pn")
    async with (
        LocalServer(tls_port=None, settings=settings) as server,
        Client(config=configured(server, "alice")) as alice,
        Client(config=configured(server, "bob")) as bob,
    ):
        for client in (alice, bob):
            scanning(server, client)
            await soon(client.connect())
        group, tap = await grouped(alice, bob), Wiretap(server)
        assert group.addressing is Addressing.PN
        event = await say(alice, group.jid, "by number", bob)
        assert event is not None
        assert event.message.key.sender == me(alice).pn.user_jid
        (message,) = tap.all(sent(me(alice).pn, "message", to=str(group.jid)))
        assert message.attrs["addressing_mode"] == "pn"
        await say(bob, group.jid, "likewise", alice)
