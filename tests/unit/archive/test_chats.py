"""Chats and what is set for them, under one address or two, on every database."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from motte.archive import Archive
from motte.errors import LocalProtocolError
from motte.model.appstate import (
    FOREVER,
    ClearChat,
    DeleteChat,
    LockChat,
    MarkRead,
    MessageRange,
    MessageRef,
    Mute,
    Pin,
    PnForLid,
    Star,
)
from motte.model.appstate import (
    Archive as PutAway,
)
from motte.model.content import DisappearingTimer, Reaction, Revoke
from motte.model.history import HistoryChat
from motte.model.jid import Jid
from motte.model.me import Me
from motte.model.receipt import ReceiptKind
from tests.unit.archive.happenings import (
    BEN,
    BEN_LID,
    CHESS,
    CLEO,
    CLEO_LID,
    NOON,
    OWN,
    Teller,
    history,
    key,
    receipt,
    received,
    remembered,
    sent,
    state,
)


async def test_chats_come_by_pin_and_by_their_newest_message(archive: Archive, client: Teller) -> None:
    await client.tell(
        received(key("A", chat=CLEO), "old", NOON),
        received("B", "new", NOON + 1),
        received(key("C", chat=CHESS, sender=BEN), "newest", NOON + 2),
        state(Pin(chat=CLEO), NOON + 3),
    )
    assert [chat.jid for chat in await archive.chats()] == [CLEO, CHESS, BEN]
    assert [chat.jid for chat in await archive.chats(limit=1, offset=1)] == [CHESS]


async def test_what_is_set_for_a_chat_follows_the_newest_word(archive: Archive, client: Teller) -> None:
    await client.tell(
        received("A", "hello"),
        state(Mute(chat=BEN, until=FOREVER), 5),
        state(Mute(chat=BEN, until=None), 4),
        state(PutAway(chat=BEN), 5),
        state(LockChat(chat=BEN), 5),
        received("B", DisappearingTimer(seconds=86_400), NOON),
    )
    chat = await archive.chat(BEN)
    assert chat is not None
    assert (chat.muted_until, chat.archived, chat.locked, chat.timer) == (FOREVER, True, True, 86_400)
    assert chat.is_muted(NOON)
    assert await archive.chats(archived=False) == []
    assert [one.jid for one in await archive.chats(archived=True)] == [BEN]
    await client.tell(state(PutAway(chat=BEN, archived=False), 6), history(chats=[_chat(archived=True)]))
    assert [one.jid for one in await archive.chats(archived=False)] == [BEN]


async def test_unread_messages_are_counted_until_they_are_read(archive: Archive, client: Teller) -> None:
    async def unread() -> int:
        chat = await archive.chat(BEN)
        assert chat is not None
        return chat.unread

    await client.tell(*(received(f"M{n}", "text", NOON + n) for n in range(4)), sent(key("S", from_me=True), "mine"))
    assert await unread() == 4
    await client.tell(receipt(ReceiptKind.READ, "M1", at=NOON, sender=OWN, by_me=True))
    assert await unread() == 2
    await client.tell(state(MarkRead(chat=BEN, range=MessageRange(last=NOON + 2))))
    assert await unread() == 1
    await client.tell(state(MarkRead(chat=BEN)))
    assert await unread() == 0


async def test_cleared_messages_do_not_come_back(archive: Archive, client: Teller) -> None:
    old = [received("A", "old"), received("B", "starred")]
    await client.tell(
        *old,
        state(Star(message=MessageRef.of(key("B")))),
        received("C", "newer", NOON + 5),
        state(ClearChat(chat=BEN, delete_starred=False, range=MessageRange(last=NOON + 1))),
        history(remembered(key("A"), "old"), remembered(key("D"), "older", NOON - 1)),
        *old,
    )
    assert [one.key.id for one in await archive.messages(BEN)] == ["C", "B"]


async def test_a_deleted_chat_is_gone_until_somebody_writes(archive: Archive, client: Teller) -> None:
    await client.tell(received("A", "old"), state(DeleteChat(chat=BEN, range=MessageRange(last=NOON))))
    assert await archive.chats() == []
    assert await archive.chat(BEN) is None
    await client.tell(history(remembered(key("A"), "old"), chats=[_chat(active_at=NOON)]))
    assert await archive.chats() == []
    await client.tell(received("B", "new", NOON + 1))
    assert [chat.jid for chat in await archive.chats()] == [BEN]
    assert [one.key.id for one in await archive.messages(BEN)] == ["B"]


def _chat(**more: object) -> HistoryChat:
    return replace(HistoryChat(jid=BEN, active_at=NOON - 10), **more)  # type: ignore[arg-type]


async def test_history_fills_what_is_not_known_and_contradicts_nothing_newer(archive: Archive, client: Teller) -> None:
    await client.tell(
        history(chats=[_chat(name="Benno", unread=7, pinned_at=9, muted_until=FOREVER)]),
        state(Mute(chat=BEN, until=None)),
        history(chats=[_chat(name=None, unread=9, active_at=NOON - 20, muted_until=FOREVER)]),
    )
    chat = await archive.chat(BEN)
    assert chat is not None
    assert (chat.name, chat.unread, chat.pinned_at, chat.muted_until) == ("Benno", 7, 9, None)
    assert chat.active_at == NOON - 10


# --- two addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_a_person_has_one_chat_whenever_the_addresses_are_learnt(
    archive: Archive, client: Teller, order: tuple[int, ...]
) -> None:
    happened = [
        received("A", "by number"),
        received(key("B", chat=BEN_LID), "by LID", NOON + 1),
        received(key("C", chat=BEN_LID), Reaction(target=key("A", chat=BEN_LID), emoji="👍", timestamp_ms=1)),
        history(mappings=[(BEN, BEN_LID)]),
    ]
    await client.tell(*(happened[index] for index in order))
    (chat,) = await archive.chats()
    assert (chat.jid, chat.lid) == (BEN, BEN_LID)
    for name in (BEN, BEN_LID):
        assert [one.text for one in await archive.messages(name)] == ["by LID", "by number"]
    (reaction,) = await archive.reactions(key("A"))
    assert (reaction.person, reaction.emoji) == (BEN, "👍")


async def test_what_was_kept_under_both_addresses_becomes_one(archive: Archive, client: Teller) -> None:
    await client.tell(
        received("A", "the same"),
        received(key("A", chat=BEN_LID), "the same"),
        received(key("G", chat=CHESS, sender=BEN_LID), "in the group"),
        state(Pin(chat=BEN_LID), 3),
        state(Pin(chat=BEN, pinned=False), 2),
        received(key("R", chat=CHESS, sender=CLEO), Revoke(target=key("G", chat=CHESS, sender=BEN))),
        state(PnForLid(lid=BEN_LID, pn=BEN)),
    )
    assert [one.key for one in await archive.messages(BEN_LID)] == [key("A")]
    (in_group,) = await archive.messages(CHESS)
    assert (in_group.key.sender, in_group.revoked) == (BEN, True)


async def test_the_clients_own_map_is_asked_for_people_of_whom_nothing_says_more(
    archive: Archive, client: Teller
) -> None:
    client.people.lids[CLEO] = CLEO_LID
    await client.tell(received(key("A", chat=CLEO_LID), "hello"))
    (chat,) = await archive.chats()
    assert (chat.jid, chat.lid) == (CLEO, CLEO_LID)


async def test_a_lid_that_goes_to_another_number_takes_no_chat_along(archive: Archive, client: Teller) -> None:
    await client.tell(
        history(mappings=[(BEN, BEN_LID)]),
        received("A", "of Ben"),
        history(mappings=[(CLEO, BEN_LID)]),
        received(key("B", chat=BEN_LID), "of Cleo"),
    )
    assert [one.text for one in await archive.messages(BEN)] == ["of Ben"]
    assert [one.text for one in await archive.messages(CLEO)] == ["of Cleo"]


async def test_accounts_do_not_see_each_other(archive: Archive, client: Teller) -> None:
    other = Teller(Me(pn=Jid.parse("15550100009:2@s.whatsapp.net")))
    archive.attach(other)
    await client.tell(received("A", "to Anna"))
    assert [one.text for one in await archive.messages(BEN)] == ["to Anna"]
    await other.tell(received("A", "to Otto"))
    with pytest.raises(LocalProtocolError, match="several accounts"):
        await archive.chats()
    assert list(await archive.accounts()) == [OWN, Jid.parse("15550100009@s.whatsapp.net")]
    assert [one.text for one in await archive.messages(BEN, account="+1 555 010 0009")] == ["to Otto"]
    assert [one.text for one in await archive.search("to ", account=OWN)] == ["to Anna"]


async def test_an_empty_archive_has_nothing_to_say(archive: Archive) -> None:
    lists = [await archive.chats(), await archive.groups(), await archive.contacts(), await archive.messages(BEN)]
    lists += [await archive.search("x"), await archive.receipts(key("A")), await archive.reactions(key("A"))]
    assert not any(lists)
    assert await archive.chat(BEN) is None
    assert await archive.message(key("A")) is None
    assert await archive.poll(key("A")) is None
