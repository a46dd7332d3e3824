"""The phone's past on a new device: every kind of chunk, in files and inside notices; what is wrong, twice or late."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from motte import HistoryOptions, errors, events
from motte.core.media.kinds import MediaKind
from motte.model.content import Poll
from motte.model.content.media import RemoteFile
from motte.model.history import HistoryKind
from motte.model.jid import STATUS_JID
from motte.model.key import MessageKey
from motte.model.message import Origin, Text
from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import HistorySync
from motte.runtime.history import history
from motte.runtime.media.media import Media
from motte.store.repo.secrets import KeptSecret
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, Unlinked, scanning, soon
from tests.e2e.past import SETTINGS, Heard, brought, past
from tests.e2e.people import lid, me, settled, store_of


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """With TLS for the media host, small chunks, and only the smallest of them inside notices."""
    async with LocalServer(settings=SETTINGS) as running:
        yield running


async def test_an_empty_past_is_done_at_once(server: LocalServer, opened: Unlinked) -> None:
    _, heard = await brought(server, opened)
    assert heard.messages == []
    assert [(one.kind, one.complete) for one in heard.done] == [("RECENT", True), ("FULL", True)]


async def test_all_of_a_past(server: LocalServer, opened: Unlinked) -> None:
    seeded = past(server)
    seeded.fill(chats=5, messages=300)
    client, heard = await brought(server, opened)
    assert sorted(message.key.id for message in heard.messages) == [f"3EB0{number:016X}" for number in range(300)]
    assert {message.message.origin for message in heard.messages} == {Origin.HISTORY}
    kinds = list(dict.fromkeys(part.kind for part in heard.parts))
    assert kinds == ["INITIAL_BOOTSTRAP", "PUSH_NAME", "INITIAL_STATUS_V3", "NON_BLOCKING_DATA", "RECENT", "FULL"]
    recent = heard.of(HistoryKind.RECENT)
    assert recent[-1].progress == 100
    assert [part.order for part in recent] == sorted(part.order for part in recent)
    first = heard.of(HistoryKind.INITIAL_BOOTSTRAP)[0]
    assert [chat.name for chat in first.chats] == [f"Friend {number}" for number in range(1, 6)]
    assert await store_of(client).history.pending() == {}


async def test_messages_are_what_they_were(server: LocalServer, opened: Unlinked) -> None:
    chat = past(server).chat("bob")
    chat.text("hello", at=1000, message_id="A1")
    chat.text("hi", by="alice", at=2000, message_id="A2")
    chat.message(Message(pollCreationMessage=Message.PollCreationMessage(name="Tea?")), at=3000, message_id="A3")
    client, heard = await brought(server, opened)
    newest, mine, first = heard.messages
    bob = server.account("bob").lid
    assert (first.text, first.chat, first.sender, first.from_me) == ("hello", bob, bob, False)
    assert (first.message.timestamp, first.message.push_name) == (1000, "bob")
    assert (mine.content, mine.from_me, mine.sender) == (Text(text="hi"), True, me(client).facing(bob).user_jid)
    assert type(newest.content).__name__ == "Poll"
    assert mine.info.userReceipt[0].readTimestamp == 2000


async def test_what_else_the_phone_knows(server: LocalServer, opened: Unlinked) -> None:
    seeded = past(server)
    seeded.chat("bob", archived=True, unreadCount=3, muteEndTime=2_000_000_000, name="Bob B.").text("hello", at=900)
    seeded.chat("carol", by="s.whatsapp.net", pinned=1_700_000_000, markedAsUnread=True).text("hey", at=1000)
    seeded.chat("120363000000000001@g.us", name="Club").text("all", by="carol", at=1100)
    seeded.status("carol", "on the road", at=500)
    seeded.call("bob", at=400, video=True, missed=True)
    seeded.left("120363000000000001@g.us", "dave", at=300, removed=True)
    client, heard = await brought(server, opened)
    store, bob, carol = store_of(client), server.account("bob"), server.account("carol")
    chat = await client.chats.get(bob.lid)
    assert chat is not None
    assert (chat.archived, chat.unread, chat.muted_until, chat.active_at) == (True, 3, 2_000_000_000, 900)
    chat = await client.chats.get(carol.pn)
    assert chat is not None
    assert (chat.pinned_at, chat.marked_unread) == (1_700_000_000, True)
    assert await store.lids.pn_of(bob.lid) == bob.pn
    assert await store.lids.lid_of(carol.pn) == carol.lid
    names = await store.contacts.get(bob.lid)
    assert names is not None
    assert names.push_name == "bob"
    (status,) = (message for message in heard.messages if message.chat == STATUS_JID)
    assert status.sender == carol.lid
    (beside,) = heard.of(HistoryKind.NON_BLOCKING_DATA)
    assert [(gone.user, gone.left_at, gone.removed) for gone in beside.past_members] == [
        (server.account("dave").lid, 300, True)
    ]
    (call,) = beside.calls
    assert (call.started_at, call.video, call.creator) == (400, True, bob.lid)
    (said,) = (message for message in heard.messages if message.chat.is_group)
    assert said.sender == carol.lid


async def test_messages_as_events(server: LocalServer, opened: Unlinked) -> None:
    past(server).fill(chats=2, messages=30)
    client = await opened("alice", ca_file=server.ca_file, history=HistoryOptions(messages_as_events=True))
    seen: list[events.MessageReceived] = []
    client.add_handler(events.MessageReceived, seen.append)
    done = client.expect(events.HistoryDone, lambda event: event.kind == "FULL")
    scanning(server, client)
    await client.connect(timeout=10)
    await soon(done)
    assert len(seen) == 30
    assert {event.message.origin for event in seen} == {Origin.HISTORY}


async def test_history_can_be_left_alone(server: LocalServer, opened: Unlinked) -> None:
    past(server).fill(chats=2, messages=30)
    client = await opened("alice", ca_file=server.ca_file, history=HistoryOptions(enabled=False))
    heard = Heard(client)
    last = client.expect(events.HistoryAnnounced, lambda event: event.kind == "FULL")
    scanning(server, client)
    await client.connect(timeout=10)
    await soon(last)
    await settled(client)
    assert heard.parts == []
    assert await store_of(client).history.pending() == {}


async def test_a_slow_handler_holds_up_the_next_part_only(server: LocalServer, opened: Unlinked) -> None:
    past(server).fill(chats=2, messages=100)
    client = await opened("alice", ca_file=server.ca_file)
    go_on, begun = asyncio.Event(), asyncio.Event()
    parts = []

    async def slow(part: events.HistoryReceived) -> None:
        parts.append(part)
        begun.set()
        await go_on.wait()

    client.add_handler(events.HistoryReceived, slow)
    done = client.expect(events.HistoryDone, lambda event: event.kind == "FULL")
    scanning(server, client)
    await client.connect(timeout=10)
    await soon(begun.wait())
    live = client.expect(events.MessageReceived)
    await server.phone("bob").send_text("alice", "are you there?")
    await soon(live)
    assert len(parts) == 1
    go_on.set()
    await soon(done)
    assert sum(len(part.messages) for part in parts) == 100


@pytest.mark.parametrize("fault", ["mac", "hash", "gone", "truncated", "garbage", "bomb", "nested"])
async def test_a_broken_chunk_is_told_of_and_the_others_come(server: LocalServer, opened: Unlinked, fault: str) -> None:
    past(server).fill(chats=2, messages=100)
    server.faults.spoil_history(fault)
    client, heard = await brought(server, opened)
    (failure,) = heard.failed
    assert (failure.kind, failure.final) == ("INITIAL_BOOTSTRAP", True)
    assert failure.reason
    assert heard.parts
    assert HistoryKind.INITIAL_BOOTSTRAP not in {part.kind for part in heard.parts}
    assert [one.kind for one in heard.done] == ["RECENT", "FULL"]
    assert await store_of(client).history.pending() == {}


async def test_a_chunk_that_comes_twice_is_told_once(server: LocalServer, opened: Unlinked) -> None:
    past(server).fill(chats=2, messages=20)
    server.faults.spoil_history("duplicate")
    _, heard = await brought(server, opened)
    assert len(heard.of(HistoryKind.INITIAL_BOOTSTRAP)) == 1
    assert len(heard.messages) == 20


async def test_chunks_that_contradict_each_other_undo_nothing(server: LocalServer, opened: Unlinked) -> None:
    client, heard = await brought(server, opened)
    phone, (companion,) = server.phone("alice"), server.account("alice").companions
    bob = server.account("bob").lid

    def claimed(message_id: str, at: int, **head: Any) -> HistorySync:
        chunk = HistorySync(syncType=HistorySync.RECENT, chunkOrder=1, progress=50)
        info = chunk.conversations.add(id=str(bob), **head).messages.add().message
        info.key.id, info.messageTimestamp, info.message.conversation = message_id, at, message_id
        return chunk

    second = client.expect(events.HistoryReceived, lambda part: part.messages[0].key.id == "A1")
    phone.history.send(companion, claimed("A2", 200, unreadCount=3, archived=True))
    phone.history.send(companion, claimed("A1", 100, unreadCount=0, pinned=5))
    await soon(second)
    chat = await client.chats.get(bob)
    assert chat is not None
    assert chat.newest is not None
    assert (chat.newest.id, chat.unread, chat.archived, chat.pinned_at) == ("A2", 3, True, 5)
    assert heard.texts == ["A2", "A1"]


async def test_after_a_restart_it_goes_on_where_it_stopped(
    server: LocalServer, opened: Unlinked, tmp_path: Path
) -> None:
    past(server).fill(chats=3, messages=200)
    client = await opened("alice", tmp_path / "a.db", ca_file=server.ca_file, close_grace=0.01)
    begun = asyncio.Event()
    seen: list[str] = []

    async def stuck(part: events.HistoryReceived) -> None:
        if part.kind == HistoryKind.RECENT and part.order == 2:
            begun.set()
            await asyncio.Event().wait()
        seen.extend(message.key.id for message in part.messages)

    client.add_handler(events.HistoryReceived, stuck)
    announced = client.expect(events.HistoryAnnounced, lambda event: event.kind == "FULL")
    scanning(server, client)
    await client.connect(timeout=10)
    await soon(begun.wait())
    await soon(announced)
    await soon(client.close())
    again = await opened("alice", tmp_path / "a.db", ca_file=server.ca_file)
    heard = Heard(again)
    done = again.expect(events.HistoryDone, lambda event: event.kind == "FULL")
    await again.connect(timeout=10)
    await soon(done)
    seen += [message.key.id for message in heard.messages]
    assert sorted(seen) == [f"3EB0{number:016X}" for number in range(200)]


async def test_a_phone_without_history(server: LocalServer, linked: Linked) -> None:
    client = await linked("alice", ca_file=server.ca_file)
    phone, (companion,) = server.phone("alice"), server.account("alice").companions
    done = client.expect(events.HistoryDone, lambda event: event.kind == HistoryKind.NO_HISTORY)
    phone.history.say(companion, Message.NO_HISTORY)
    assert (await soon(done)).complete


async def test_a_phone_that_falls_silent(server: LocalServer, opened: Unlinked) -> None:
    client, _ = await brought(server, opened, history=HistoryOptions(patience=0.01))
    (companion,) = server.account("alice").companions
    silent = client.expect(events.HistoryDone)
    chunk = HistorySync(syncType=HistorySync.RECENT, chunkOrder=9, progress=50)
    server.phone("alice").history.send(companion, chunk)
    event = await soon(silent)
    assert (event.kind, event.complete) == ("RECENT", False)


async def test_votes_on_a_poll_out_of_the_history_count(server: LocalServer, opened: Unlinked, linked: Linked) -> None:
    secret = bytes(range(32))
    poll = Message.PollCreationMessage(name="Tea?", selectableOptionsCount=1)
    for option in ("yes", "no"):
        poll.options.add(optionName=option)
    asked = Message(pollCreationMessageV3=poll)
    asked.messageContextInfo.messageSecret = secret
    info = past(server).chat("bob").message(asked, by="alice")
    client, _ = await brought(server, opened)
    bob = await linked("bob")
    own, key = lid(client).user_jid, info.key
    theirs = MessageKey(chat=own, id=key.id, sender=own, from_me=False)
    store, options = store_of(bob), Poll(name="Tea?", options=("yes", "no"), selectable=1)
    batch = store.batch()
    await store.secrets.put(batch, KeptSecret(key=theirs, secret=secret, poll=options), now=bob.config.clock.now())
    await store.commit(batch)
    voted = client.expect(events.PollVoted)
    await soon(bob.messages.vote(theirs, "yes"))
    event = await soon(voted)
    assert {option: len(people) for option, people in event.results.items()} == {"yes": 1, "no": 0}


async def test_tokens_timers_and_the_salt_are_kept(server: LocalServer, opened: Unlinked) -> None:
    now = server.phone("alice")._hub.now
    seeded = past(server)
    seeded.chat("bob", tcToken=b"token", tcTokenTimestamp=now, ephemeralExpiration=86400, ephemeralSettingTimestamp=5)
    client, _ = await brought(server, opened)
    store, bob = store_of(client), server.account("bob").lid
    assert (await store.tokens.get(bob)).token == b"token"
    timer = await store.timers.get([bob, server.account("bob").pn])
    assert timer is not None
    assert timer.seconds == 86400
    chunk = HistorySync(syncType=HistorySync.NON_BLOCKING_DATA, nctSalt=b"salt")
    (companion,) = server.account("alice").companions
    told = client.expect(events.HistoryReceived)
    server.phone("alice").history.send(companion, chunk)
    await soon(told)
    assert await store.appstate.get_salt() == b"salt"


async def test_a_file_that_cannot_be_had_for_now_is_tried_again(
    server: LocalServer, opened: Unlinked, monkeypatch: pytest.MonkeyPatch
) -> None:
    past(server).fill(chats=1, messages=100)
    client = await opened("alice", ca_file=server.ca_file)
    monkeypatch.setattr(history, "DELAYS", (0.0,))
    fetch, refusals = Media.fetch, [2]

    async def refused(media: Media, file: RemoteFile, kind: MediaKind, *, limit: int) -> bytes:
        if kind is MediaKind.HISTORY and refusals[0]:
            refusals[0] -= 1
            raise errors.TransportError("reset", "the network is down")
        return await fetch(media, file, kind, limit=limit)

    monkeypatch.setattr(Media, "fetch", refused)
    heard, failed = Heard(client), client.expect(events.HistoryFailed)
    last = client.expect(events.HistoryDone, lambda event: event.kind == "FULL")
    scanning(server, client)
    await client.connect(timeout=10)
    failure = await soon(failed)
    await soon(last)
    await settled(client)
    assert not failure.final
    assert len(await store_of(client).history.pending()) == 1
    again = client.expect(
        events.HistoryReceived, lambda part: part.kind == failure.kind and part.order == failure.order
    )
    await soon(client.disconnect())
    await client.connect(timeout=10)
    await soon(again)
    await settled(client)
    assert len({message.key.id for message in heard.messages}) == 100
    assert await store_of(client).history.pending() == {}


async def test_killed_in_the_middle_it_goes_on(server: LocalServer, opened: Unlinked, tmp_path: Path) -> None:
    past(server).fill(chats=3, messages=200)
    database, log = tmp_path / "a.db", tmp_path / "log"
    program = Path(__file__).with_name("historian.py")
    where = (server.ws_url, server.root_key.hex(), str(server.ca_file), str(database), str(log))
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), *where, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        server.scan_qr((await soon(process.stdout.readline())).decode().strip(), phone="alice")
        assert await soon(process.stdout.readline()) == b"in the middle\n"
    finally:
        process.kill()
        await soon(process.wait())
    seen = log.read_text().split()
    assert 0 < len(seen) < 200
    client = await opened("alice", database, ca_file=server.ca_file)
    heard, done = Heard(client), client.expect(events.HistoryDone, lambda event: event.kind == "FULL")
    await client.connect(timeout=10)
    await soon(done)
    seen += [message.key.id for message in heard.messages]
    assert sorted(seen) == [f"3EB0{number:016X}" for number in range(200)]
