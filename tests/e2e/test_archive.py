"""An archive beside real clients: what they say and do is there to be asked, also after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from motte import Client, Poll, events
from motte.archive import Archive
from motte.errors import ArchiveError
from motte.model.content import Text
from motte.model.jid import Jid
from motte.testing import LocalServer
from tests.e2e.conftest import PATIENCE, Linked, Unlinked, scanning, soon
from tests.e2e.people import lid, me, saying, settled
from tests.unit.archive.test_database import limit_pages


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    async with Archive.open(tmp_path / "archive.db") as opened:
        yield opened


async def kept_up(client: Client) -> None:
    """Return when everything that came is handled, and so is in the archive."""
    await settled(client)
    await client._bus._drain(PATIENCE)


async def archived(server: LocalServer, opened: Unlinked, archive: Archive, name: str, where: Path | None) -> Client:
    """A linked client of whom everything is archived."""
    client = await opened(name, where)
    archive.attach(client)
    scanning(server, client)
    await client.connect(timeout=10)
    return client


def person(client: Client) -> Jid:
    """Their phone number."""
    return me(client).pn.user_jid


async def test_a_chat_is_kept_with_all_that_is_done_in_it(
    server: LocalServer, opened: Unlinked, linked: Linked, archive: Archive
) -> None:
    alice, bob = await archived(server, opened, archive, "alice", None), await linked("bob")
    asked = bob.expect(events.MessageReceived, saying("lunch?"))
    question = await soon(alice.messages.send(lid(bob), "lunch?"))
    received = await soon(asked)
    await soon(received.mark_read())
    answer = await soon(received.reply("yes, at noon"))
    edited, reacted = alice.expect(events.MessageEdited), alice.expect(events.ReactionChanged)
    oops = await soon(bob.messages.send(lid(alice), "oops"))
    gone = alice.expect(events.MessageRevoked)
    await soon(answer.edit("yes, at one"))
    await soon(received.react("👍"))
    await soon(oops.delete())
    await soon(asyncio.gather(edited, reacted, gone, question.read()))
    await kept_up(alice)

    (chat,) = await archive.chats()
    assert (chat.jid, chat.lid) == (person(bob), lid(bob).user_jid)
    deleted, kept_answer, kept_question = await archive.messages(lid(bob))
    assert (kept_question.text, kept_question.key.from_me) == ("lunch?", True)
    assert kept_answer.text == "yes, at one"
    assert kept_answer.edited_at is not None
    assert isinstance(kept_answer.content, Text)
    assert (deleted.revoked, deleted.content) == (True, None)
    assert [(one.person, one.emoji) for one in await archive.reactions(question.key)] == [(person(bob), "👍")]
    (receipt,) = await archive.receipts(question.key)
    assert receipt.person == person(bob)
    assert receipt.read_at is not None
    assert [one.key.id for one in await archive.search("at one")] == [answer.key.id]
    assert await archive.search("at noon") == []


async def test_groups_polls_and_the_own_phone(
    server: LocalServer, opened: Unlinked, linked: Linked, archive: Archive
) -> None:
    alice, bob = await archived(server, opened, archive, "alice", None), await linked("bob")
    told = bob.expect(events.GroupChanged)
    created = await soon(alice.groups.create("Chess", [lid(bob)]))
    await soon(told)
    asked = bob.expect(events.MessageReceived)
    poll = await soon(alice.messages.send(created.group.jid, Poll(name="When?", options=("Monday", "Friday"))))
    received = await soon(asked)
    voted = alice.expect(events.PollVoted)
    await soon(bob.messages.vote(received.key, "Friday"))
    await soon(voted)
    await soon(alice.messages.vote(poll.key, "Monday"))
    renamed = alice.expect(events.GroupChanged)
    await soon(alice.groups.set_subject(created.group.jid, "Chess on Fridays"))
    await soon(renamed)
    from_phone = alice.expect(events.MessageReceived, saying("from the phone"))
    await soon(server.phone("alice").send_text("bob", "from the phone"))
    await soon(from_phone)
    await kept_up(alice)

    (group,) = await archive.groups()
    assert (group.jid, group.subject) == (created.group.jid, "Chess on Fridays")
    assert {one.jid for one in group.members} == {person(alice), person(bob)}
    found = await archive.poll(poll.key)
    assert found is not None
    assert dict(found.results) == {"Monday": (person(alice),), "Friday": (person(bob),)}
    (mine,) = await archive.messages(lid(bob))
    assert (mine.text, mine.key.from_me) == ("from the phone", True)
    chat = await archive.chat(created.group.jid)
    assert chat is not None and chat.name == "Chess on Fridays"


async def test_history_and_what_the_phone_sets_are_kept(
    server: LocalServer, opened: Unlinked, archive: Archive
) -> None:
    server.phone("alice").history.past.fill(3, 60)
    client = await opened("alice")
    archive.attach(client)
    scanning(server, client)
    done = client.expect(events.HistoryDone)
    await client.connect(timeout=10)
    await soon(done)
    await kept_up(client)
    chats = await archive.chats()
    assert len(chats) == 3
    kept = [message for chat in chats for message in await archive.messages(chat.jid, limit=100)]
    assert len({message.key for message in kept}) == len(kept) == 60
    muted = client.expect(events.AppStateChanged)
    await soon(client.chats.archive(chats[0].jid))
    await soon(muted)
    await kept_up(client)
    assert [chat.jid for chat in await archive.chats(archived=True)] == [chats[0].jid]


async def test_what_cannot_be_kept_now_is_kept_after_a_restart(
    server: LocalServer, opened: Unlinked, linked: Linked, tmp_path: Path
) -> None:
    full = asyncio.Event()
    path = tmp_path / "archive.db"

    def tell(_: ArchiveError) -> None:
        full.set()

    bob = await linked("bob")
    async with Archive.open(path, on_error=tell, first_pause=60) as archive:
        alice = await opened("alice", tmp_path / "alice.db", close_grace=0.0)
        archive.attach(alice)
        scanning(server, alice)
        await alice.connect(timeout=10)
        await soon(bob.messages.send(lid(alice), "fits"))
        await kept_up(alice)
        await limit_pages(archive, 0)
        for n in range(3):
            await soon(bob.messages.send(lid(alice), f"{n} " + "x" * 20_000))
        await soon(full.wait())
        other = alice.expect(events.MessageReceived, saying("the client goes on"))
        await soon(bob.messages.send(lid(alice), "the client goes on"))
        await soon(other)
        await soon(alice.close())
    async with Archive.open(path) as archive:
        assert [one.text for one in await archive.messages(person(bob))] == ["fits"]
        alice = await opened("alice", tmp_path / "alice.db")
        archive.attach(alice)
        await alice.connect(timeout=10)
        await kept_up(alice)
        texts = [one.text or "" for one in await archive.messages(person(bob))]
        assert [text[:2] for text in texts] == ["th", "2 ", "1 ", "0 ", "fi"]
