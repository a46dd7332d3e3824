"""What is done to messages, between real clients: reactions, edits, deletions, polls, events, pins, timers."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from motte import Client, Jid, MessageKey, Poll, Reaction, errors, events
from motte.client.features.messages import SentMessage
from motte.core.message.parse import Parsed
from motte.model.content import DisappearingTimer, Event
from motte.model.content.encrypted import Encrypted
from motte.model.content.event import Attendance
from motte.model.group_change import ParticipantsPromoted
from motte.model.message import Text
from motte.proto.e2e_pb2 import ContextInfo, Message
from motte.proto.message_key_pb2 import MessageKey as WireKey
from motte.runtime.outbound.messages import Outbox
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, saying, settled, store_of, tell

COLOURS = Poll(name="Colour?", options=("red", "green", "blue"), selectable=2)


def outbox_of(client: Client) -> Outbox:
    """A way to send what no honest client sends."""
    assert client._engine is not None
    return client._engine.parts.outbox


async def said(
    sender: Client, receiver: Client, content: Poll | Event, *, to: Jid | None = None
) -> tuple[SentMessage, events.MessageReceived]:
    """Send something that others act on; as its sender and as its receiver see it."""
    got = receiver.expect(events.MessageReceived, lambda event: event.content == content)
    sent = await soon(sender.messages.send(to or lid(receiver), content))
    return sent, await soon(got)


async def test_a_reaction_comes_and_goes(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = await tell(alice, bob, "hello")
    for emoji in ("👍", ""):
        change = alice.expect(events.ReactionChanged)
        message = alice.expect(events.MessageReceived, lambda event: isinstance(event.content, Reaction))
        sent = await soon(got.react(emoji))
        event = await soon(change)
        assert (event.emoji, event.removed, event.key.id) == (emoji, not emoji, sent.key.id)
        assert event.target == MessageKey(
            chat=lid(bob).user_jid, id=got.key.id, sender=lid(alice).user_jid, from_me=True
        )
        assert event.sender == lid(bob).user_jid
        assert (await soon(message)).key == event.key


async def test_an_edit_and_a_deletion(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    sent = await soon(alice.messages.send(lid(bob), "helo"))
    edited, revoked = bob.expect(events.MessageEdited), bob.expect(events.MessageRevoked)
    await soon(alice.messages.edit(sent, "hello"))
    event = await soon(edited)
    assert isinstance(event.content, Text) and event.content.text == "hello"
    assert (event.target.id, event.target.sender) == (sent.key.id, lid(alice).user_jid)
    await soon(alice.messages.revoke(sent.key))
    gone = await soon(revoked)
    assert gone.target == event.target and gone.by_author


async def test_own_devices_see_what_is_done(linked: Linked) -> None:
    alice, tablet, bob = await linked("alice"), await linked("alice"), await linked("bob")
    sent = await soon(alice.messages.send(lid(bob), "helo"))
    edited = tablet.expect(events.MessageEdited)
    await soon(alice.messages.edit(sent, "hello"))
    event = await soon(edited)
    assert event.chat == lid(bob).user_jid
    assert event.target == MessageKey(chat=lid(bob).user_jid, id=sent.key.id, sender=event.sender, from_me=True)


@pytest.mark.parametrize("kind", ["MESSAGE_EDIT", "REVOKE"])
async def test_nobody_changes_the_messages_of_others(linked: Linked, kind: str) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = await tell(alice, bob, "as I said")
    forged = alice.expect(events.MessageForged)
    seen: list[events.Event] = []
    alice.add_handler(events.AddOn, seen.append)
    alice.add_handler(events.MessageReceived, seen.append)
    protocol = Message.ProtocolMessage(
        key=WireKey(remoteJid=str(got.chat), fromMe=False, id=got.key.id),
        type=Message.ProtocolMessage.Type.Value(kind),
        editedMessage=Message(conversation="as I never said"),
    )
    await soon(outbox_of(bob).send(lid(alice), Message(protocolMessage=protocol), message_id="3EB0F0"))
    assert (await soon(forged)).kind == kind
    await settled(alice)
    assert seen == []


async def test_only_an_own_message_of_a_direct_chat_can_be_deleted(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = await tell(alice, bob, "mine")
    with pytest.raises(errors.LocalProtocolError, match="only an own message"):
        await got.delete()


@pytest.mark.parametrize("by_lid", [False, True], ids=["pn", "lid"])
async def test_votes_are_counted_by_all(linked: Linked, by_lid: bool) -> None:
    alice, bob, tablet = await linked("alice"), await linked("bob"), await linked("bob")
    address = lid(bob) if by_lid else me(bob).pn
    sent, got = await said(alice, bob, COLOURS, to=address.user_jid)
    for options in (("red", "blue"), ("green",), ()):
        seen = [client.expect(events.PollVoted) for client in (alice, tablet)]
        await soon(bob.messages.vote(got, *options))
        for event in [await soon(one) for one in seen]:
            assert set(event.vote.options) == set(options)
            chosen = {option: len(voters) for option, voters in event.results.items()}
            assert chosen == {option: int(option in options) for option in COLOURS.options}
        for client, poll in ((alice, sent.key), (bob, got.key)):
            results = await client.messages.poll_results(poll)
            assert {option for option, voters in results.items() if voters} == set(options)
    await soon(alice.messages.vote(sent, "red"))
    await soon(bob.messages.vote(got, "red"))
    await settled(alice)
    assert len((await alice.messages.poll_results(sent))["red"]) == 2


async def test_a_vote_for_nothing_that_there_is(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    _, got = await said(alice, bob, COLOURS)
    with pytest.raises(errors.LocalProtocolError, match="no option"):
        await bob.messages.vote(got, "purple")
    text = await tell(alice, bob, "no poll")
    with pytest.raises(errors.LocalProtocolError, match="not known"):
        await bob.messages.vote(text, "red")


async def test_answers_to_an_event_and_its_new_content(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    party = Event(name="Party", starts_at=1_800_000_000)
    sent, got = await said(alice, bob, party)
    answered = alice.expect(events.EventResponded)
    await soon(bob.messages.respond(got, Attendance.GOING, extra_guests=2))
    answer = await soon(answered)
    assert (answer.response.attendance, answer.response.extra_guests) == (Attendance.GOING, 2)
    assert answer.target.id == sent.key.id
    edited = bob.expect(events.MessageEdited)
    later = Event(name="Party", starts_at=1_800_003_600)
    await soon(alice.messages.edit(sent, later))
    assert (await soon(edited)).content == later


async def test_a_vote_whose_poll_is_not_known_stays_closed(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    sent, got = await said(alice, bob, COLOURS)
    store = store_of(alice)
    batch = store.batch()
    for name in await store.secrets.table.scan():
        store.secrets.table.delete(batch, name)
    await store.commit(batch)
    seen = alice.expect(events.MessageReceived)
    await soon(bob.messages.vote(got, "red"))
    assert isinstance((await soon(seen)).content, Encrypted)
    with pytest.raises(errors.LocalProtocolError, match="not known"):
        await alice.messages.poll_results(sent)


async def test_pins_and_keeps(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    got = await tell(alice, bob, "the door code")
    for doing, duration in ((got.pin(86400), 86400), (bob.messages.unpin(got), None)):
        pinned = alice.expect(events.MessagePinned)
        await soon(doing)
        event = await soon(pinned)
        assert (event.target.id, event.duration) == (got.key.id, duration)
    for keep in (True, False):
        kept = alice.expect(events.MessageKept)
        await soon(bob.messages.keep(got, keep=keep))
        assert (await soon(kept)).kept is keep


async def test_the_timer_of_a_chat_holds_for_both(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    changed = bob.expect(events.EphemeralChanged)
    await soon(alice.messages.set_timer(lid(bob), 86400))
    assert (await soon(changed)).seconds == 86400
    for sender, receiver in ((alice, bob), (bob, alice)):
        content = (await tell(sender, receiver, "for a day")).content
        assert isinstance(content, Text) and content.expiration == 86400
    by_number = (await tell(alice, bob, "by number", to=me(bob).pn.user_jid)).content
    assert isinstance(by_number, Text) and by_number.expiration == 86400
    off = bob.expect(events.EphemeralChanged)
    await soon(alice.messages.send(lid(bob), DisappearingTimer(0)))
    await soon(off)
    content = (await tell(bob, alice, "for good")).content
    assert isinstance(content, Text) and content.expiration is None


async def test_a_chat_has_one_timer_whatever_it_is_called(linked: Linked) -> None:
    """The one that was set last; of several within a second, the one that came last."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(bob, alice, "before")  # so that alice knows both names
    assert alice._engine is not None
    addons, names = alice._engine.parts.addons, (me(bob).pn.user_jid, lid(bob).user_jid)
    number, hidden = names
    for chat, seconds, set_at, holds in (
        (hidden, 3600, 1_700_000_000, 3600),
        (number, 0, 1_700_000_000, None),
        (hidden, 86400, 1_700_000_000, 86400),
        (number, 7200, 1_699_999_999, 86400),
    ):
        key, batch = MessageKey(chat=chat, id="3EB0", sender=chat, from_me=False), store_of(alice).batch()
        await addons.keep(DisappearingTimer(seconds), key, Parsed(message=Message()), set_at, batch)
        await store_of(alice).commit(batch)
        assert [await addons.timer(name) for name in names] == [holds, holds]


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ([(86400, 0)], 86400),
        ([(86400, 0), (604800, 0)], 604800),
        ([(0, 0)], None),  # a message without a timer says nothing
        ([(86400, 1_700_000_000), (604800, 1_600_000_000)], 86400),
        ([(86400, 1_700_000_000), (0, 1_700_000_001)], None),
        ([(86400, 2**62), (604800, 2**62)], 604800),  # nobody sets it in the future
    ],
)
async def test_an_ordinary_message_brings_the_timer_of_its_chat(
    linked: Linked, said: list[tuple[int, int]], holds: int | None
) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    for n, (seconds, set_at) in enumerate(said):
        context = ContextInfo(expiration=seconds or None, ephemeralSettingTimestamp=set_at or None)
        text = Message.ExtendedTextMessage(text=f"{n}", contextInfo=context)
        got = bob.expect(events.MessageReceived, saying(f"{n}"))
        outbox = outbox_of(alice)
        await soon(outbox.send(lid(bob), Message(extendedTextMessage=text), message_id=outbox.new_id()))
        await soon(got)
    content = (await tell(bob, alice, "back")).content
    assert isinstance(content, Text) and content.expiration == holds


async def test_forwarding(linked: Linked) -> None:
    alice, bob, carol = await linked("alice"), await linked("bob"), await linked("carol")
    got = await tell(alice, bob, "pass it on")
    there = carol.expect(events.MessageReceived, saying("pass it on"))
    await soon(got.forward(lid(carol)))
    content = (await soon(there)).content
    assert isinstance(content, Text) and content.forwarding_score == 1


async def test_a_poll_in_a_group(linked: Linked) -> None:
    alice, bob, carol = await linked("alice"), await linked("bob"), await linked("carol")
    created = await soon(alice.groups.create("Colours", [lid(bob), lid(carol)]))
    sent, got = await said(alice, bob, COLOURS, to=created.group.jid)
    seen = [client.expect(events.PollVoted) for client in (alice, carol)]
    await soon(bob.messages.vote(got, "blue"))
    for event in [await soon(one) for one in seen]:
        assert event.vote.options == ("blue",)
        assert {option: len(voters) for option, voters in event.results.items()} == {"red": 0, "green": 0, "blue": 1}
    reacted = bob.expect(events.ReactionChanged)
    await soon(carol.messages.react(got.key, "🎨"))
    assert (await soon(reacted)).target.sender == sent.key.sender
    revoked = carol.expect(events.MessageRevoked)
    await soon(alice.messages.revoke(sent))
    assert (await soon(revoked)).by_author


async def test_an_admin_deletes_what_others_wrote_and_a_member_does_not(linked: Linked) -> None:
    alice, bob, carol = await linked("alice"), await linked("bob"), await linked("carol")
    group = (await soon(alice.groups.create("Chess", [lid(bob), lid(carol)]))).group.jid
    got = await tell_all(alice, group, "as I said", bob, carol)
    revoke = Message(
        protocolMessage=Message.ProtocolMessage(
            # Another chat, so that the stanza does not say "by an admin", which the server would check.
            key=WireKey(remoteJid=str(lid(carol)), fromMe=False, id=got.key.id, participant=str(got.key.sender)),
            type=Message.ProtocolMessage.REVOKE,
        )
    )
    forged = carol.expect(events.MessageForged)
    told: list[events.MessageRevoked] = []
    carol.add_handler(events.MessageRevoked, told.append)
    await soon(outbox_of(bob).send(group, revoke, message_id="3EB0F1"))
    assert (await soon(forged)).sender == lid(bob).user_jid
    assert told == []

    said = await tell_all(bob, group, "rubbish", carol, alice)
    gone = carol.expect(events.MessageRevoked)
    await soon(alice.messages.revoke(said))
    event = await soon(gone)
    assert (event.target.id, event.by_author) == (said.key.id, False)

    more = await tell_all(bob, group, "more rubbish", carol, alice)
    promoted = carol.expect(events.GroupChanged, lambda event: isinstance(event.change, ParticipantsPromoted))
    await soon(alice.groups.promote(group, lid(carol)))
    await soon(promoted)
    gone = alice.expect(events.MessageRevoked)
    await soon(carol.messages.revoke(more.key))
    assert not (await soon(gone)).by_author


async def test_what_is_done_to_announcements_of_a_community_is_sealed(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await linked("alice"), await linked("bob"), await linked("carol")
    group = (await soon(alice.groups.create("News", [lid(bob), lid(carol)]))).group.jid
    found = server._hub.groups.require(group)
    found.announcement = found.default_subgroup = True
    await soon(asyncio.gather(*(one.groups.get(group, fresh=True) for one in (alice, bob, carol))))
    got = await tell_all(alice, group, "the club meets on Friday", carol, bob)

    for emoji in ("♟️", ""):
        changes = [one.expect(events.ReactionChanged) for one in (alice, carol)]
        sent = await soon(bob.messages.react(got, emoji))
        for change in changes:
            event = await soon(change)
            assert (event.key.id, event.emoji, event.target.id) == (sent.key.id, emoji, got.key.id)
            assert event.sender == lid(bob).user_jid
        kept = await store_of(bob).sent.get(sent.key.id)
        assert kept is not None and Message.FromString(kept.message).HasField("encReactionMessage")

    comment = carol.expect(events.CommentReceived)
    sent = await soon(alice.messages.comment(got.key, "at eight"))
    said = (await soon(comment)).content
    assert isinstance(said, Text) and said.text == "at eight"
    kept = await store_of(alice).sent.get(sent.key.id)
    assert kept is not None and Message.FromString(kept.message).HasField("encCommentMessage")

    unknown = MessageKey(chat=group, id="3EB0FF", sender=lid(alice).user_jid, from_me=False)
    with pytest.raises(errors.LocalProtocolError, match="secret"):
        await bob.messages.react(unknown, "♟️")


async def tell_all(sender: Client, group: Jid, text: str, *receivers: Client) -> events.MessageReceived:
    """Say something in a group; as the last receiver gets it."""
    waiting = [one.expect(events.MessageReceived, saying(text)) for one in receivers]
    await soon(sender.messages.send(group, text))
    return [await soon(one) for one in waiting][-1]


async def test_what_a_sent_message_can_do(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    sent = await soon(alice.messages.send(lid(bob), "draft"))
    answered = bob.expect(events.MessageReceived, lambda event: event.text == "and more")
    await soon(sent.reply("and more"))
    content = (await soon(answered)).content
    assert isinstance(content, Text) and content.quoted is not None and content.quoted.id == sent.key.id
    for kind, act in (
        (events.ReactionChanged, partial(sent.react, "👍")),
        (events.MessageEdited, partial(sent.edit, "final")),
        (events.MessageEdited, partial(sent.edit, "really final")),
        (events.MessagePinned, sent.pin),
        (events.MessageRevoked, sent.delete),
    ):
        done = bob.expect(kind)
        await soon(act())
        assert (await soon(done)).target.id == sent.key.id


async def test_a_sent_message_is_forwarded_and_counts_when_marked(linked: Linked) -> None:
    alice, bob, carol = [await linked(name) for name in ("alice", "bob", "carol")]
    sent = await soon(alice.messages.send(lid(bob), "news"))
    for marked, score in ((False, 0), (True, 1)):
        got = carol.expect(events.MessageReceived)
        await soon(sent.forward(lid(carol), marked=marked))
        content = (await soon(got)).content
        assert isinstance(content, Text) and (content.text, content.forwarding_score) == ("news", score)
    got = bob.expect(events.MessageReceived)
    last = await soon((await soon(sent.forward(lid(carol), marked=True))).forward(lid(bob), marked=True))
    assert last.raw.extendedTextMessage.contextInfo.forwardingScore == 2
    await soon(got)
