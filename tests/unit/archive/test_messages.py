"""What the archive keeps of messages and of what is done to them, on every database."""

from __future__ import annotations

import itertools

import pytest

from motte.archive import Archive
from motte.model.appstate import DeleteForMe, MessageRef, Star
from motte.model.content import Edit, Image, Keep, Pin, PollVote, Reaction, Revoke, Text, Unpin
from motte.model.content.media import RemoteFile
from motte.model.message import Origin
from motte.model.receipt import ReceiptKind
from tests.unit.archive.happenings import (
    BEN,
    BEN_LID,
    CHESS,
    CLEO,
    NOON,
    OWN,
    POLL,
    Teller,
    history,
    key,
    receipt,
    received,
    remembered,
    sent,
    state,
)


async def test_a_message_is_kept_with_all_that_it_says(archive: Archive, client: Teller) -> None:
    await client.tell(received("A", "hello", push_name="Ben"))
    (kept,) = await archive.messages(BEN)
    assert (kept.key, kept.timestamp, kept.content) == (key("A"), NOON, Text(text="hello"))
    assert (kept.origin, kept.push_name, kept.text) == (Origin.LIVE, "Ben", "hello")
    assert kept.raw is not None
    assert await archive.message(key("A")) == kept


async def test_a_message_that_comes_twice_is_kept_once_and_counts_once(archive: Archive, client: Teller) -> None:
    await client.tell(received("A", "hello"), received("A", "hello"))
    await client.tell(history(remembered(key("A"), "something else")))
    assert [one.text for one in await archive.messages(BEN)] == ["hello"]
    chat = await archive.chat(BEN)
    assert chat is not None and chat.unread == 1


async def test_files_keep_what_is_needed_to_download_them(archive: Archive, client: Teller) -> None:
    file = RemoteFile(
        url="https://mmg.example/a",
        direct_path="/a",
        media_key=bytes(32),
        file_sha256=bytes(32),
        enc_sha256=bytes(32),
        size=3,
        mime_type="image/jpeg",
        media_key_timestamp=NOON,
    )
    await client.tell(received("A", Image(file=file, caption="the harbour", width=3, height=4)))
    (kept,) = await archive.search("harbour")
    assert isinstance(kept.content, Image)
    assert kept.content.file == file


async def test_what_this_client_sends_is_kept_with_who_has_it(archive: Archive, client: Teller) -> None:
    mine = key("A", from_me=True)
    await client.tell(
        receipt(ReceiptKind.READ, "A", at=NOON + 20),  # may come before the server's ack
        sent(mine, "hello"),
        receipt(ReceiptKind.DELIVERED, "A", at=NOON + 10),
        receipt(ReceiptKind.DELIVERED, "A", at=NOON + 15),  # another device of the same person
        receipt(ReceiptKind.READ, "A", at=NOON + 9),
    )
    (kept,) = await archive.messages(BEN)
    assert (kept.key, kept.text) == (mine, "hello")
    (got,) = await archive.receipts(mine)
    assert (got.person, got.delivered_at, got.read_at, got.played_at) == (BEN, NOON + 10, NOON + 9, None)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_the_newest_edit_counts_in_whatever_order_they_come(
    archive: Archive, client: Teller, order: tuple[int, ...]
) -> None:
    happened = [
        received("A", "first"),
        received("B", Edit(target=key("A"), content=Text(text="second"), timestamp_ms=1_000)),
        received("C", Edit(target=key("A"), content=Text(text="third"), timestamp_ms=2_000)),
    ]
    await client.tell(*(happened[index] for index in order))
    (kept,) = await archive.messages(BEN)
    assert (kept.text, kept.edited_at) == ("third", 2)
    assert [one.key.id for one in await archive.search("third")] == ["A"]
    assert await archive.search("first") == []


async def test_a_message_and_its_edit_that_are_written_together_are_found_by_the_edit(
    archive: Archive, client: Teller
) -> None:
    edit = Edit(target=key("A"), content=Text(text="at one"), timestamp_ms=1_000)
    await client.tell_together(received("A", "at noon"), received("B", edit))
    assert [one.key.id for one in await archive.search("at one")] == ["A"]
    assert await archive.search("at noon") == []


@pytest.mark.parametrize("late", [False, True])
async def test_a_deleted_message_stays_deleted(archive: Archive, client: Teller, late: bool) -> None:
    message, deletion = received("A", "oops"), received("B", Revoke(target=key("A")), NOON + 5)
    await client.tell(*((deletion, message) if late else (message, deletion)))
    await client.tell(
        received("C", Edit(target=key("A"), content=Text(text="oops again"), timestamp_ms=NOON * 2000)),
        history(remembered(key("A"), "oops")),
    )
    (kept,) = await archive.messages(BEN)
    assert (kept.revoked, kept.content, kept.raw, kept.revoked_at) == (True, None, None, NOON + 5)
    assert kept.revoked_by == BEN
    assert await archive.search("oops") == []


async def test_the_newest_reaction_of_each_person_counts(archive: Archive, client: Teller) -> None:
    in_group = key("A", chat=CHESS, sender=BEN)

    def reaction(who: str, emoji: str, at_ms: int) -> Reaction:
        return Reaction(target=in_group, emoji=emoji, timestamp_ms=at_ms)

    await client.tell(
        received(key("B", chat=CHESS, sender=CLEO), reaction("cleo", "👍", 2)),
        received(in_group, "who plays?"),
        received(key("C", chat=CHESS, sender=CLEO), reaction("cleo", "👎", 1)),
        sent(key("D", chat=CHESS, from_me=True, sender=OWN), reaction("me", "❤️", 3)),
        received(key("E", chat=CHESS, sender=BEN), reaction("ben", "😂", 4)),
        received(key("F", chat=CHESS, sender=BEN), reaction("ben", "", 5)),
        received(key("G", chat=CHESS, sender=BEN), reaction("ben", "😂", 4)),
    )
    found = await archive.reactions(in_group)
    assert [(one.person, one.emoji, one.at_ms) for one in found] == [(CLEO, "👍", 2), (OWN, "❤️", 3)]
    assert [one.text for one in await archive.messages(CHESS)] == ["who plays?"]


async def test_polls_are_counted_with_the_last_vote_of_each(archive: Archive, client: Teller) -> None:
    poll = key("A", from_me=True)
    await client.tell(
        sent(poll, POLL),
        received("B", PollVote(poll=poll, options=("soup",), timestamp_ms=1)),
        received("C", PollVote(poll=poll, options=("salad",), timestamp_ms=3)),
        received("D", PollVote(poll=poll, options=("soup",), timestamp_ms=2)),
        sent(key("E", from_me=True), PollVote(poll=poll, options=("salad",), timestamp_ms=4)),
    )
    found = await archive.poll(poll)
    assert found is not None
    assert (found.poll.name, dict(found.results)) == ("Lunch?", {"soup": (), "salad": (BEN, OWN)})
    assert await archive.poll(key("B")) is None


async def test_stars_pins_and_keeps_follow_the_newest_word(archive: Archive, client: Teller) -> None:
    await client.tell(
        state(Star(message=MessageRef.of(key("A"))), NOON + 2),
        received("A", "hello"),
        state(Star(message=MessageRef.of(key("A")), starred=False), NOON + 1),
        received("B", Pin(target=key("A"), duration=60, timestamp_ms=NOON * 1000), NOON),
        received("C", Keep(target=key("A"), timestamp_ms=NOON * 1000), NOON),
    )
    (kept,) = await archive.messages(BEN, starred=True)
    assert (kept.starred, kept.pinned_until, kept.kept) == (True, NOON + 60, True)
    await client.tell(
        received("D", Unpin(target=key("A"), timestamp_ms=NOON * 1000 + 1), NOON),
        received("E", Keep(target=key("A"), keep=False, timestamp_ms=NOON * 1000 + 1), NOON),
        state(Star(message=MessageRef.of(key("A")), starred=False), NOON + 3),
    )
    (kept,) = await archive.messages(BEN)
    assert (kept.starred, kept.pinned_until, kept.kept) == (False, None, False)
    assert await archive.messages(BEN, starred=True) == []


async def test_what_was_deleted_on_the_own_devices_does_not_come_back(archive: Archive, client: Teller) -> None:
    await client.tell(
        received("A", "hello"),
        state(DeleteForMe(message=MessageRef.of(key("A")))),
        state(DeleteForMe(message=MessageRef.of(key("B")))),
        received("B", "later"),
        history(remembered(key("A"), "hello")),
    )
    assert await archive.messages(BEN) == []
    assert await archive.search("hello") == []


async def test_pages_hold_every_message_once(archive: Archive, client: Teller) -> None:
    # Three messages in each second, so that the pages end within one.
    await client.tell(*(received(f"M{n:02}", f"text {n}", NOON + n // 3) for n in range(20)))
    seen, last = [], None
    while page := await archive.messages(BEN, before=last, limit=7):
        seen += [one.key.id for one in page]
        last = page[-1]
        await client.tell(received(f"new {len(seen)}", "in between", NOON + 100))
    assert seen == [f"M{n:02}" for n in reversed(range(20))]
    assert [one.key.id for one in await archive.messages(BEN, before=NOON + 1)] == ["M02", "M01", "M00"]


@pytest.mark.parametrize("words", ["arbo", "ARBOUR", "är", "100%", "a_b", '"quoted"', "日本語", "本"])
async def test_texts_are_found_by_any_part_of_them(archive: Archive, client: Teller, words: str) -> None:
    await client.tell(
        received("A", 'The Harbour, Schärfe, 100% "quoted" a_b 日本語'),
        received("B", "nothing of that: 1000 axb"),
        received(key("C", chat=CLEO), "elsewhere"),
    )
    assert [one.key.id for one in await archive.search(words)] == ["A"]
    assert [one.key.id for one in await archive.search(words, chat=BEN_LID)] == []
    assert [one.key.id for one in await archive.search(words, chat=BEN, limit=1)] == ["A"]


async def test_what_is_no_message_of_its_own_is_not_shown(archive: Archive, client: Teller) -> None:
    from motte.model.content import UnsupportedContent

    await client.tell(
        received("A", UnsupportedContent("protocolMessage.APP_STATE_SYNC_KEY_SHARE")),
        received("B", UnsupportedContent("unknown")),
        received("C", UnsupportedContent("newestMessage")),
    )
    (kept,) = await archive.messages(BEN)
    assert kept.key.id == "C"


async def test_numbers_and_texts_that_no_column_holds_do_no_harm(archive: Archive, client: Teller) -> None:
    await client.tell(received("A", "nul \0 inside", 2**64 - 1), received("B", "fine"))
    assert sorted(one.text or "" for one in await archive.messages(BEN)) == ["fine", "nul \0 inside"]
    assert [one.key.id for one in await archive.search("nul  inside")] == ["A"]
