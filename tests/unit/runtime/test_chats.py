"""What is kept of chats and of the account's state, by whichever address a chat goes."""

from __future__ import annotations

from motte.core.appstate import actions
from motte.core.appstate.collections import Collection
from motte.events.appstate import AppStateChanged
from motte.events.base import Event
from motte.model.appstate import (
    FOREVER,
    Action,
    Archive,
    ContactEntry,
    DeleteChat,
    LabelChat,
    LabelEdit,
    LidContact,
    MarkRead,
    MessageRange,
    Mute,
    Pin,
    PnForLid,
    PushName,
    Removed,
    TokenSalt,
)
from motte.model.content import Reaction, Text
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.runtime.appstate.changes import Changes
from motte.runtime.appstate.effects import ActionEffects
from motte.runtime.chats import OfChat
from motte.runtime.step import Step
from tests.unit.runtime.host import World, world

PN, LID = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("222@lid")
GROUP = Jid.parse("120363000000000001@g.us")
NOW = 1_764_000_000


def key(chat: Jid, id_: str, *, from_me: bool = False) -> MessageKey:
    return MessageKey(chat=chat, id=id_, sender=PN, from_me=from_me)


class Book:
    """A chat book whose changes are kept at once."""

    def __init__(self, there: World) -> None:
        self.there, self.store = there, there.parts.store
        self.chats, self.effects = there.parts.chats, ActionEffects(there.parts.context, there.parts.chats)

    async def saw(self, message: MessageKey, timestamp: int) -> None:
        batch = self.store.batch()
        await self.chats.saw(Text(text="hi"), message, timestamp, batch)
        await self.store.commit(batch)

    async def set(self, action: Action, timestamp: int = NOW) -> None:
        batch = self.store.batch()
        await self.chats.set(action, timestamp, batch)
        if batch:
            await self.store.commit(batch)

    async def changed(self, collection: Collection, *told: Action, whole: bool = False, at: int = NOW) -> list[Event]:
        """Let a collection bring these; gives the events."""
        mutations = tuple(actions.write(action, at)[1] for action in told)
        step, seen = Step(self.store, self.there.parts.bus), list[Event]()
        step.tell = lambda event, on_handled=None: seen.append(event)  # type: ignore[method-assign]
        await self.effects.apply(Changes(collection=collection, mutations=mutations, whole=whole), step)
        await step.commit()
        step.announce()
        await self.there.parts.tasks.idle()
        return seen


async def made() -> Book:
    return Book(await world(linked=True))


async def test_a_chat_is_one_by_whichever_address() -> None:
    book = await made()
    await book.saw(key(LID, "A1"), NOW)
    await book.set(Mute(chat=LID, until=FOREVER), NOW)
    await book.there.parts.addresses.learn([(PN, LID)])
    await book.saw(key(PN, "A2"), NOW + 1)
    await book.set(Mute(chat=PN, until=NOW + 60), NOW + 1)
    chat = await book.chats.get(LID)
    assert chat is not None
    assert (chat.jid, chat.newest, chat.unread, chat.muted_until) == (PN, key(PN, "A2"), 2, NOW + 60)
    assert await book.chats.get(PN) == chat
    assert await book.chats.all() == [chat]


async def test_the_entry_that_was_set_last_counts() -> None:
    book = await made()
    await book.there.parts.addresses.learn([(PN, LID)])
    await book.set(Archive(chat=PN), NOW)
    await book.set(Archive(chat=LID, archived=False), NOW + 1)
    await book.set(Pin(chat=LID), NOW + 2)
    chat = await book.chats.get(PN)
    assert chat is not None
    assert (chat.archived, chat.pinned_at) == (False, NOW + 2)


async def test_an_older_message_is_not_the_newest() -> None:
    book = await made()
    await book.saw(key(GROUP, "A2"), NOW)
    await book.saw(key(GROUP, "A1"), NOW - 5)
    chat = await book.chats.get(GROUP)
    assert chat is not None
    assert (chat.newest, chat.active_at, chat.unread) == (key(GROUP, "A2"), NOW, 2)


async def test_what_is_done_to_messages_leaves_nothing_unread() -> None:
    book = await made()
    batch = book.store.batch()
    reaction = Reaction(target=key(GROUP, "A1"), emoji="👍")
    await book.chats.saw(reaction, key(GROUP, "A2"), NOW, batch)
    assert not batch
    assert await book.chats.get(GROUP) is None


async def test_pinned_chats_come_first_then_the_newest() -> None:
    book = await made()
    other = Jid.parse("15550100003@s.whatsapp.net")
    await book.saw(key(PN, "A1"), NOW)
    await book.saw(key(GROUP, "A2"), NOW + 1)
    await book.set(Pin(chat=other), NOW - 100)
    assert [chat.jid for chat in await book.chats.all()] == [other, GROUP, PN]


async def test_a_chat_with_newer_messages_survives_its_deletion() -> None:
    book = await made()
    await book.saw(key(PN, "A1"), NOW)
    await book.set(DeleteChat(chat=PN, range=MessageRange(last=NOW - 1)))
    assert await book.chats.get(PN) is not None
    await book.set(DeleteChat(chat=PN, range=MessageRange(last=NOW)))
    assert await book.chats.get(PN) is None


async def test_history_does_not_override_what_is_known() -> None:
    book = await made()
    await book.set(Archive(chat=PN, archived=False), NOW)
    await book.saw(key(PN, "A2"), NOW)
    batch = book.store.batch()
    entries: list[tuple[OfChat, int]] = [(Archive(chat=PN), 0), (Pin(chat=PN), 7), (Mute(chat=PN, until=FOREVER), 0)]
    await book.chats.imported(PN, batch, newest=key(PN, "A1"), timestamp=NOW - 9, unread=4, entries=entries)
    await book.chats.imported(GROUP, batch, newest=key(GROUP, "B1"), timestamp=NOW - 9, unread=4)
    await book.store.commit(batch)
    chat, group = await book.chats.get(PN), await book.chats.get(GROUP)
    assert chat is not None
    assert group is not None
    assert (chat.archived, chat.pinned_at, chat.muted_until, chat.unread) == (False, 7, FOREVER, 1)
    assert (group.newest, group.unread) == (key(GROUP, "B1"), 4)


async def test_a_range_without_messages_ends_now() -> None:
    book = await made()
    assert await book.chats.range(PN) == MessageRange(last=int(book.there.parts.context.clock.now()))


async def test_a_collection_that_comes_whole_takes_away_what_it_lacks() -> None:
    book = await made()
    await book.changed(Collection.REGULAR_HIGH, Mute(chat=PN, until=FOREVER), Mute(chat=GROUP, until=FOREVER))
    await book.changed(Collection.REGULAR, LabelEdit(id="1", name="Paid"), LabelChat(label="1", chat=PN))
    seen = await book.changed(Collection.REGULAR_HIGH, Mute(chat=GROUP, until=NOW), whole=True)
    assert [(type(event), getattr(event, "chat", None)) for event in seen] == [(AppStateChanged, GROUP)]
    chat, group = await book.chats.get(PN), await book.chats.get(GROUP)
    assert chat is not None
    assert group is not None
    assert (chat.muted_until, chat.labels) == (None, ("1",))
    assert group.muted_until == NOW


async def test_a_removed_entry_is_gone() -> None:
    book = await made()
    await book.changed(Collection.REGULAR_LOW, Pin(chat=PN), MarkRead(chat=PN, read=False))
    await book.changed(Collection.REGULAR_LOW, Removed(index=("pin_v1", str(PN))))
    chat = await book.chats.get(PN)
    assert chat is not None
    assert (chat.pinned_at, chat.marked_unread) == (None, True)


async def test_people_and_their_addresses() -> None:
    book = await made()
    await book.changed(
        Collection.CRITICAL_UNBLOCK_LOW,
        ContactEntry(user=PN, full_name="Bob Brown", first_name="Bob", lid=LID),
        LidContact(user=Jid.parse("444@lid"), full_name="Dave", username="dave"),
    )
    await book.changed(Collection.REGULAR, PnForLid(lid=Jid.parse("555@lid"), pn=Jid.parse("15550100005@c.us")))
    names = await book.store.contacts.get_many([PN, Jid.parse("444@lid")])
    assert (names[PN].saved_name, names[PN].first_name) == ("Bob Brown", "Bob")
    assert (names[Jid.parse("444@lid")].saved_name, names[Jid.parse("444@lid")].username) == ("Dave", "dave")
    assert await book.store.lids.lid_of(PN) == LID
    assert await book.store.lids.pn_of(Jid.parse("555@lid")) == Jid.parse("15550100005@s.whatsapp.net")


async def test_an_address_book_that_comes_whole_takes_away_whom_it_lacks() -> None:
    book = await made()
    dave, people = Jid.parse("444@lid"), Collection.CRITICAL_UNBLOCK_LOW
    await book.changed(people, ContactEntry(user=PN, full_name="Bob Brown"), LidContact(user=dave, full_name="Dave"))
    await book.changed(people, ContactEntry(user=PN, full_name="Bob B."), whole=True)
    names = await book.store.contacts.get_many([PN, dave])
    assert (names[PN].saved_name, names[dave].saved_name) == ("Bob B.", "")
    assert await book.store.contacts.saved() == (PN,)


async def test_addresses_and_the_own_name_are_kept_before_the_collection_is() -> None:
    """A crash after the collection's own commit would lose them: it does not come again."""
    book = await made()
    told = (PnForLid(lid=LID, pn=PN), PushName(name="Alice A."))
    mutations = tuple(actions.write(action, NOW)[1] for action in told)
    step = Step(book.store, book.there.parts.bus)
    await book.effects.apply(Changes(collection=Collection.REGULAR, mutations=mutations), step)
    assert await book.store.lids.pn_of(LID) == PN
    credentials = await book.store.account.get()
    assert credentials is not None
    assert credentials.link is not None
    assert credentials.link.push_name == "Alice A."


async def test_the_salt_comes_and_goes() -> None:
    book = await made()
    await book.changed(Collection.REGULAR_HIGH, TokenSalt(salt=b"salt"))
    assert await book.store.appstate.get_salt() == b"salt"
    await book.changed(Collection.REGULAR_HIGH, Removed(index=("nct_salt_sync",)))
    assert not await book.store.appstate.get_salt()


async def test_a_forged_pair_is_not_believed() -> None:
    book = await made()
    me = book.there.parts.account.me
    await book.changed(Collection.REGULAR, PnForLid(lid=Jid.parse("666@lid"), pn=me.pn.user_jid))
    assert await book.store.lids.pn_of(Jid.parse("666@lid")) is None
