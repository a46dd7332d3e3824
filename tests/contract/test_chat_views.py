"""What is kept of chats and of the account's state; on every backend."""

from __future__ import annotations

from motte.model.appstate import Archive, LabelChat, LabelEdit, Mute, PushName
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.store.repo.chats import ChatRow
from motte.store.repo.contacts import ContactNames
from motte.store.repo.entries import Entry
from motte.store.store import Store

BOB = Jid("15550100002", "s.whatsapp.net")
BOB_LID = Jid("100002", "lid")
GROUP = Jid("120363000000000001", "g.us")


def index(*parts: str) -> tuple[str, ...]:
    return parts


async def test_chats_are_found_by_any_of_their_addresses(store: Store) -> None:
    key = MessageKey(chat=BOB, id="A1", sender=BOB, from_me=False)
    old, new = ChatRow(jid=BOB_LID, timestamp=5), ChatRow(jid=BOB, newest=key, timestamp=7, unread=3)
    batch = store.batch()
    store.chats.put(batch, old)
    store.chats.put(batch, new)
    assert await store.chats.get([BOB]) is None
    assert await store.chats.get([BOB], batch) == new
    await store.commit(batch)
    assert await store.chats.get([BOB_LID, BOB]) == new
    assert await store.chats.all() == [old, new]
    batch = store.batch()
    store.chats.delete(batch, BOB)
    await store.commit(batch)
    assert await store.chats.get([BOB_LID, BOB]) == old


async def test_entries_by_index(store: Store) -> None:
    batch = store.batch()
    store.entries.put(batch, Mute(chat=BOB, until=1_764_000_000), timestamp=10)
    store.entries.put(batch, Mute(chat=GROUP, until=None), timestamp=11)
    store.entries.put(batch, PushName(name='A "name"'), timestamp=12)
    await store.commit(batch)
    muted = Entry(action=Mute(chat=BOB, until=1_764_000_000), timestamp=10)
    assert await store.entries.get(index("mute", str(BOB))) == muted
    assert await store.entries.get_many([index("mute", str(BOB)), index("mute", str(BOB_LID))]) == [muted]
    assert {entry.timestamp for entry in await store.entries.all("mute")} == {10, 11}
    assert await store.entries.get(index("setting_pushName")) == Entry(action=PushName(name='A "name"'), timestamp=12)
    assert await store.entries.get(index("archive", str(BOB))) is None


async def test_an_entry_takes_the_place_of_the_earlier_one(store: Store) -> None:
    batch = store.batch()
    store.entries.put(batch, Archive(chat=BOB), timestamp=10)
    store.entries.put(batch, Archive(chat=BOB, archived=False), timestamp=11)
    await store.commit(batch)
    assert await store.entries.all("archive") == [Entry(action=Archive(chat=BOB, archived=False), timestamp=11)]
    batch = store.batch()
    store.entries.delete(batch, index("archive", str(BOB)))
    await store.commit(batch)
    assert await store.entries.all("archive") == []


async def test_entries_of_one_action_do_not_mix_with_others(store: Store) -> None:
    batch = store.batch()
    store.entries.put(batch, LabelEdit(id="1", name="New"), timestamp=1)
    store.entries.put(batch, LabelChat(label="1", chat=BOB), timestamp=2)
    store.entries.put(batch, LabelChat(label="11", chat=BOB), timestamp=3)
    await store.commit(batch)
    assert [entry.timestamp for entry in await store.entries.all("label_edit")] == [1]
    assert [entry.timestamp for entry in await store.entries.all("label_jid", "1")] == [2]
    batch = store.batch()
    await store.entries.clear(batch, "label_jid")
    await store.commit(batch)
    assert await store.entries.all("label_jid") == []
    assert len(await store.entries.all("label_edit")) == 1


async def test_names_of_many(store: Store) -> None:
    batch = store.batch()
    names = ContactNames(saved_name="Bob Brown", first_name="Bob", username="bob", push_name="B", verified_name="Bob's")
    store.contacts.put(batch, BOB, names)
    store.contacts.put(batch, BOB_LID, ContactNames(push_name="B"))
    await store.commit(batch)
    assert await store.contacts.get_many([BOB, BOB_LID, GROUP]) == {BOB: names, BOB_LID: ContactNames(push_name="B")}
