"""What is set for chats and the account, on all its devices: by this client, by the phone, by another client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from motte import Client, events
from motte.errors import LocalProtocolError
from motte.model.appstate import (
    FOREVER,
    Archive,
    ContactEntry,
    DeleteForMe,
    LabelChat,
    LabelEdit,
    LabelMessage,
    Pin,
    PushName,
    QuickReply,
    Star,
    StatusMute,
    TimeFormat,
    UnarchiveChats,
)
from motte.model.jid import Jid
from motte.store.repo.contacts import ContactNames
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, settled, store_of, tell

BOB = Jid("15550100099", "s.whatsapp.net")
GROUP = Jid("120363000000000001", "g.us")


@dataclass(frozen=True)
class Devices:
    """Two clients of one account, both in step with the phone."""

    one: Client
    two: Client


@pytest.fixture
async def alice(linked: Linked) -> Devices:
    one = await linked("alice")
    await settled(one)
    two = await linked("alice")
    await settled(two)
    return Devices(one, two)


# --- chats -------------------------------------------------------------------------------------------------------


async def test_what_one_client_sets_the_other_one_knows(alice: Devices) -> None:
    chats = alice.one.chats
    for change in (chats.mute, chats.pin, chats.mark_unread):
        told = alice.two.expect(events.AppStateChanged)
        await soon(change(BOB))
        event = await soon(told)
        assert (event.chat, event.own) == (BOB, False)
    for client in (alice.one, alice.two):
        chat = await client.chats.get(BOB)
        assert chat is not None
        assert (chat.muted_until, chat.pinned_at is not None, chat.marked_unread) == (FOREVER, True, True)
        assert [known.jid for known in await client.chats.all()] == [BOB]


async def test_the_phone_understands_what_is_set(server: LocalServer, alice: Devices) -> None:
    await soon(alice.one.chats.mute(BOB, until=datetime(2030, 1, 1, tzinfo=UTC)))
    await soon(alice.one.chats.lock(GROUP))
    state = server.account("alice").phone.state
    muted = state.value("mute", str(BOB))
    assert muted is not None
    assert (muted.muteAction.muted, muted.muteAction.muteEndTimestamp) == (True, 1_893_456_000_000)
    locked = state.value("lock", str(GROUP))
    assert locked is not None
    assert locked.lockChatAction.locked


async def test_what_is_undone_is_undone(alice: Devices) -> None:
    chats = alice.one.chats
    await soon(chats.mute(BOB, until=timedelta(hours=1)))
    await soon(chats.pin(BOB))
    await soon(chats.lock(BOB))
    await soon(chats.mark_unread(BOB))
    before = await chats.get(BOB)
    assert before is not None
    assert before.is_muted(before.pinned_at or 0)
    await soon(chats.unmute(BOB))
    await soon(chats.unpin(BOB))
    await soon(chats.unlock(BOB))
    await soon(chats.mark_read(BOB))
    after = await chats.get(BOB)
    assert after is not None
    assert (after.muted_until, after.pinned_at, after.locked, after.marked_unread) == (None, None, False, False)


async def test_archiving_a_pinned_chat_unpins_it_everywhere(server: LocalServer, alice: Devices) -> None:
    await soon(alice.one.chats.pin(BOB))
    unpinned = alice.two.expect(events.AppStateChanged, lambda event: event.action == Pin(chat=BOB, pinned=False))
    await soon(alice.one.chats.archive(BOB))
    await soon(unpinned)
    pin = server.account("alice").phone.state.value("pin_v1", str(BOB))
    assert pin is not None
    assert not pin.pinAction.pinned
    chat = await alice.one.chats.get(BOB)
    assert chat is not None
    assert (chat.archived, chat.pinned_at) == (True, None)
    await soon(alice.one.chats.unarchive(BOB))
    assert not (await alice.one.chats.get(BOB) or chat).archived


async def test_a_change_by_the_phone_arrives(server: LocalServer, alice: Devices) -> None:
    phone = server.account("alice").phone
    told = alice.one.expect(events.AppStateChanged, lambda event: isinstance(event.action, Archive))
    phone.chats.archive(str(BOB))
    assert (await soon(told)).chat == BOB
    chat = await alice.one.chats.get(BOB)
    assert chat is not None
    assert chat.archived


async def test_actions_name_the_newest_message(linked: Linked, server: LocalServer) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(alice)
    event = await tell(bob, alice, "hi")
    await soon(alice.chats.archive(event.chat))
    entry = server.account("alice").phone.state.value("archive", str(event.chat))
    assert entry is not None
    known = entry.archiveChatAction.messageRange
    assert known.lastMessageTimestamp == event.message.timestamp
    assert [(one.key.id, one.key.fromMe, one.key.participant) for one in known.messages] == [
        (event.message.key.id, False, "")
    ]


async def test_unread_messages_are_counted_until_the_chat_is_read(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(alice)
    await tell(bob, alice, "one")
    event = await tell(bob, alice, "two")
    chat = await alice.chats.get(event.chat)
    assert chat is not None
    assert (chat.unread, chat.newest, chat.active_at) == (2, event.message.key, event.message.timestamp)
    assert await alice.chats.get(lid(bob).user_jid) == await alice.chats.get(me(bob).pn.user_jid)
    await alice.messages.mark_read(event.message.key)
    assert (await alice.chats.get(event.chat) or chat).unread == 0
    await tell(bob, alice, "three")
    assert (await alice.chats.get(event.chat) or chat).unread == 1
    await tell(alice, bob, "an answer")
    assert (await alice.chats.get(event.chat) or chat).unread == 0


async def test_a_chat_that_another_device_reads_is_read(linked: Linked) -> None:
    bob, one = await linked("bob"), await linked("alice")
    await settled(one)
    two = await linked("alice")
    await settled(two)
    arrived = two.expect(events.MessageReceived)
    event = await tell(bob, one, "hi")
    await soon(arrived)
    read = two.expect(events.ReceiptReceived, lambda one: one.receipt.by_me and one.receipt.kind == "read-self")
    await one.messages.mark_read(event.message.key)
    await soon(read)
    chat = await two.chats.get(event.chat)
    assert chat is not None
    assert chat.unread == 0


async def test_an_archived_chat_comes_back_with_a_message_if_the_account_has_it_so(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(alice)
    event = await tell(bob, alice, "one")
    await soon(alice.chats.archive(event.chat))
    await tell(bob, alice, "two")
    chat = await alice.chats.get(event.chat)
    assert chat is not None
    assert chat.archived
    await soon(alice.settings.set(UnarchiveChats(unarchive=True)))
    await tell(bob, alice, "three")
    assert not (await alice.chats.get(event.chat) or chat).archived


async def test_many_stars_are_one_patch(server: LocalServer, alice: Devices, linked: Linked) -> None:
    bob = await linked("bob")
    keys = [(await tell(bob, alice.one, text)).message.key for text in ("a", "b", "c")]
    version = server.account("alice").collections["regular_high"].version
    stars = alice.two.expect(events.AppStateSynced, lambda event: event.collection == "regular_high")
    starred: list[str] = []
    alice.two.add_handler(
        events.AppStateChanged,
        lambda event: starred.append(event.action.message.id) if isinstance(event.action, Star) else None,
    )
    await soon(alice.one.chats.star(*keys))
    await soon(stars)
    await settled(alice.two)
    assert starred == [key.id for key in keys]
    assert server.account("alice").collections["regular_high"].version == version + 1
    await soon(alice.one.chats.unstar(keys[0]))
    star = server.account("alice").phone.state.value("star", str(keys[0].chat), keys[0].id, "0", "0")
    assert star is not None
    assert not star.starAction.starred


async def test_deleting_for_me_clearing_and_deleting(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(alice)
    event = await tell(bob, alice, "hi")
    key, state = event.message.key, server.account("alice").phone.state
    deleted = alice.expect(events.AppStateChanged, lambda event: isinstance(event.action, DeleteForMe))
    await soon(alice.chats.delete_for_me(key, timestamp=event.message.timestamp))
    assert (await soon(deleted)).own
    entry = state.value("deleteMessageForMe", str(key.chat), key.id, "0", "0")
    assert entry is not None
    assert entry.deleteMessageForMeAction.messageTimestamp == event.message.timestamp
    await soon(alice.chats.clear(key.chat, keep_starred=True))
    assert state.value("clearChat", str(key.chat), "0", "0") is not None
    chat = await alice.chats.get(key.chat)
    assert chat is not None
    assert chat.unread == 0
    await soon(alice.chats.delete(key.chat))
    assert state.value("deleteChat", str(key.chat), "1") is not None
    assert await alice.chats.get(key.chat) is None


async def test_favourites(alice: Devices) -> None:
    assert await alice.one.chats.favorites() == ()
    told = alice.two.expect(events.AppStateChanged)
    await soon(alice.one.chats.set_favorites([BOB, GROUP]))
    await soon(told)
    assert await alice.two.chats.favorites() == (BOB, GROUP)


# --- labels, answers, people, settings ---------------------------------------------------------------------------


async def test_labels(server: LocalServer, alice: Devices, linked: Linked) -> None:
    labels, bob = alice.one.labels, await linked("bob")
    key = (await tell(bob, alice.one, "hi")).message.key
    first, second = await soon(labels.create("New", color=3)), await soon(labels.create("Old"))
    assert [label.name for label in await labels.all()] == ["New", "Old"]
    await soon(labels.edit(first.id, name="Newer"))
    await soon(labels.reorder(second.id, first.id))
    worn = alice.two.expect(events.AppStateChanged, lambda event: isinstance(event.action, LabelMessage))
    await soon(labels.add(first.id, BOB, key))
    await soon(worn)
    await settled(alice.two)
    assert [(label.name, label.color) for label in await alice.two.labels.all()] == [("Old", 0), ("Newer", 3)]
    assert await alice.two.labels.chats(first.id) == [BOB]
    chat = await alice.two.chats.get(BOB)
    assert chat is not None
    assert chat.labels == (first.id,)
    await soon(labels.remove(first.id, BOB))
    assert await labels.chats(first.id) == []
    await soon(labels.delete(first.id))
    assert [label.name for label in await labels.all()] == ["Old"]
    with pytest.raises(LocalProtocolError, match="no label"):
        await labels.edit(first.id, name="x")
    assert (await soon(labels.create("Third"))).id == str(int(second.id) + 1)


async def test_labels_of_the_phone(server: LocalServer, alice: Devices) -> None:
    phone = server.account("alice").phone
    made = alice.one.expect(events.AppStateChanged, lambda event: isinstance(event.action, LabelEdit))
    phone.chats.label("5", "Paid", color=2)
    await soon(made)
    worn = alice.one.expect(events.AppStateChanged, lambda event: isinstance(event.action, LabelChat))
    phone.chats.label_chat("5", str(BOB))
    await soon(worn)
    assert [label.name for label in await alice.one.labels.all()] == ["Paid"]
    assert await alice.one.labels.chats("5") == [BOB]


async def test_quick_replies(alice: Devices) -> None:
    replies = alice.one.quick_replies
    saved = await soon(replies.save("hi", "Hello, how can we help?", keywords=["hello"]))
    assert await replies.all() == [saved]
    changed = await soon(replies.save("hi", "Hello!", reply_id=saved.id))
    assert await replies.all() == [changed]
    gone = alice.two.expect(
        events.AppStateChanged, lambda event: isinstance(event.action, QuickReply) and event.action.deleted
    )
    await soon(replies.remove(saved.id))
    await soon(gone)
    assert await alice.two.quick_replies.all() == []


async def test_the_address_book(server: LocalServer, alice: Devices, linked: Linked) -> None:
    bob = await linked("bob")
    pn, state = me(bob).pn.user_jid, server.account("alice").phone.state
    await soon(alice.one.contacts.check(pn.user))
    told = alice.two.expect(events.AppStateChanged, lambda event: isinstance(event.action, ContactEntry))
    await soon(alice.one.contacts.save(pn, "Bob Brown", first_name="Bob"))
    assert (await soon(told)).action == ContactEntry(
        user=pn, full_name="Bob Brown", first_name="Bob", lid=lid(bob).user_jid, on_phone=True
    )
    names = await store_of(alice.two).contacts.get(pn)
    assert names is not None
    assert (names.saved_name, names.first_name) == ("Bob Brown", "Bob")
    await settled(alice.two)
    assert await alice.two.contacts.lid_of(pn) == lid(bob).user_jid
    assert state.value("contact", str(pn)) is not None
    await soon(alice.one.contacts.remove(pn))
    assert state.value("contact", str(pn)) is None
    assert (await store_of(alice.one).contacts.get(pn) or ContactNames(saved_name="?")).saved_name == ""


async def test_the_own_name(server: LocalServer, alice: Devices) -> None:
    told = alice.two.expect(events.AppStateChanged, lambda event: event.action == PushName(name="Alice A."))
    await soon(alice.one.profile.set_name("Alice A."))
    await soon(told)
    for client in (alice.one, alice.two):
        await settled(client)
        credentials = await store_of(client).account.get()
        assert credentials is not None
        assert credentials.link is not None
        assert credentials.link.push_name == "Alice A."


async def test_settings(alice: Devices) -> None:
    assert await alice.one.settings.get(TimeFormat) is None
    told = alice.two.expect(events.AppStateChanged, lambda event: isinstance(event.action, TimeFormat))
    await soon(alice.one.settings.set(TimeFormat(twenty_four_hours=True)))
    await soon(told)
    for client in (alice.one, alice.two):
        assert await client.settings.get(TimeFormat) == TimeFormat(twenty_four_hours=True)


async def test_status_posts_of_a_person_are_muted_and_shown_again(server: LocalServer, alice: Devices) -> None:
    state = server.account("alice").phone.state
    for muted in (True, False):
        told = alice.two.expect(events.AppStateChanged, lambda event: isinstance(event.action, StatusMute))
        await soon(alice.one.settings.mute_status(BOB, muted))
        assert (await soon(told)).action == StatusMute(user=BOB, muted=muted)
        kept = state.value("userStatusMute", str(BOB))
        assert kept is not None
        assert kept.userStatusMuteAction.muted is muted
