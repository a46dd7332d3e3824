"""A phone's past: seeding it, cutting it into chunks, and what goes wrong on purpose."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from google.protobuf.message import DecodeError

from motte.core.binary.node import Node
from motte.core.crypto.cbc import cbc_decrypt
from motte.core.crypto.kdf import hkdf, hmac_sha256, sha256
from motte.model.jid import PN
from motte.proto.device_props_pb2 import DeviceProps
from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import Conversation, HistorySync
from motte.testing import LocalServer, Settings
from motte.testing.server.history import Past
from motte.testing.server.history_chunks import Cut, chunks
from motte.testing.server.history_faults import HISTORY_FAULTS
from tests.unit.testing.server.raw_client import Keys, RawClient, linked, logged_in
from tests.unit.testing.server.test_phone import opened

WHOLE = Cut(first=1, chunk=10, since=0)
Notice = Message.HistorySyncNotification


@pytest.fixture
def past(server: LocalServer) -> Past:
    return server.phone("Ann").history.past


def kinds(past: Past, cut: Cut = WHOLE, *, full: bool = False) -> list[str]:
    return [HistorySync.HistorySyncType.Name(one.syncType) for one in chunks(past, cut, full=full, salt=None)]


def ids(histories: Iterator[HistorySync]) -> list[str]:
    return [one.message.key.id for history in histories for chat in history.conversations for one in chat.messages]


# ---- seeding ----


def test_a_chat_with_a_person_by_lid_and_by_number(server: LocalServer, past: Past) -> None:
    by_lid = past.chat("Bob", archived=True)
    bob = server.account("Bob")
    assert (by_lid.head.id, by_lid.head.pnJid, by_lid.head.name) == (str(bob.lid), str(bob.pn), "Bob")
    assert past.chat("Bob") is by_lid
    assert by_lid.head.archived
    by_number = past.chat("Cid", by=PN)
    assert by_number.head.lidJid == str(server.account("Cid").lid)
    assert past.find(str(server.account("Cid").lid)) is by_number
    assert past.find("1@lid") is None


def test_who_wrote_and_when(server: LocalServer, past: Past) -> None:
    chat = past.chat("Bob")
    theirs, mine = chat.text("hi", at=100), chat.text("hello", by="Ann", at=90, message_id="ID")
    assert (theirs.key.fromMe, theirs.pushName, theirs.messageTimestamp) == (False, "Bob", 100)
    assert (mine.key.fromMe, mine.key.id, mine.userReceipt[0].userJid) == (True, "ID", str(server.account("Bob").pn))
    assert chat.head.conversationTimestamp == 100
    group = past.chat("12036300000@g.us", name="Chess")
    assert group.text("e4", by="Bob").key.participant == str(server.account("Bob").lid)


def test_a_made_up_past_is_the_same_every_time(server: LocalServer, past: Past) -> None:
    again = server.phone("Zoe").history.past
    past.fill(3, 5000)
    again.fill(3, 5000)
    assert list(past.chats) == list(again.chats)
    for one, other in zip(past.chats.values(), again.chats.values(), strict=True):
        assert [info.key.id for info in one.messages] == [info.key.id for info in other.messages]
        assert [info.message for info in one.messages] == [info.message for info in other.messages]
    whole = [info for chat in past.chats.values() for info in chat.messages]
    assert len({info.key.id for info in whole}) == 5000
    assert {info.key.fromMe for info in whole} == {True, False}
    assert {_kind(info.message) for info in whole} == {"conversation", "extendedTextMessage", "imageMessage"}


def _kind(message: Message) -> str:
    return next(field.name for field, _ in message.ListFields() if field.name != "messageContextInfo")


# ---- chunks ----


def test_an_empty_past_is_two_chunks(past: Past) -> None:
    assert kinds(past) == ["INITIAL_BOOTSTRAP", "RECENT"]
    last = list(chunks(past, WHOLE, full=False, salt=b"salt"))
    assert (last[0].nctSalt, last[1].progress) == (b"salt", 100)


def test_the_kinds_come_in_order(past: Past) -> None:
    past.fill(2, 45)
    expected = ["INITIAL_BOOTSTRAP", "PUSH_NAME", "INITIAL_STATUS_V3", "NON_BLOCKING_DATA", *["RECENT"] * 5]
    assert kinds(past) == expected
    assert kinds(past, full=True) == [*expected, "FULL"]


def test_every_message_is_in_one_chunk_the_newest_first(past: Past) -> None:
    past.fill(3, 100)
    found = ids(chunks(past, WHOLE, full=False, salt=None))
    assert len(found) == 100
    assert len(set(found)) == 100
    chat = next(iter(past.chats.values()))
    own = [one for one in found if one in {info.key.id for info in chat.messages}]
    assert own == [info.key.id for info in reversed(chat.messages)]


def test_progress_ends_with_a_hundred(past: Past) -> None:
    past.fill(1, 31)
    recent = [one for one in chunks(past, WHOLE, full=False, salt=None) if one.syncType == HistorySync.RECENT]
    assert [one.progress for one in recent] == [33, 66, 100]
    assert [one.chunkOrder for one in recent] == [1, 2, 3]


def test_what_is_old_is_sent_when_all_is_wanted(past: Past) -> None:
    chat = past.chat("Bob")
    old, new, newest = (chat.text(str(at), at=at) for at in (10, 1000, 2000))
    cut = Cut(first=1, chunk=10, since=500)
    assert ids(chunks(past, cut, full=False, salt=None)) == [newest.key.id, new.key.id]
    assert ids(chunks(past, cut, full=True, salt=None)) == [newest.key.id, new.key.id, old.key.id]
    first = next(chunks(past, cut, full=True, salt=None)).conversations[0]
    assert first.endOfHistoryTransferType == Conversation.COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY


def test_what_is_beside_the_messages(server: LocalServer, past: Past) -> None:
    past.status("Bob", "at the lake")
    past.call("Bob", missed=True)
    past.left("120363@g.us", "Bob", removed=True)
    by_kind = {one.syncType: one for one in chunks(past, WHOLE, full=False, salt=None)}
    bob = str(server.account("Bob").lid)
    assert by_kind[HistorySync.INITIAL_STATUS_V3].statusV3Messages[0].participant == bob
    assert {name.pushname for name in by_kind[HistorySync.PUSH_NAME].pushnames} == {"Ann", "Bob"}
    beside = by_kind[HistorySync.NON_BLOCKING_DATA]
    assert beside.callLogRecords[0].callCreatorJid == bob
    assert beside.pastParticipants[0].pastParticipants[0].userJid == bob
    mappings = by_kind[HistorySync.INITIAL_BOOTSTRAP].phoneNumberToLidMappings
    assert {mapping.lidJid for mapping in mappings} == {bob, str(server.account("Ann").lid)}


# ---- to a companion ----


async def notices(client: RawClient, keys: Keys, count: int) -> list[Notice]:
    """What a device is told of history after it became active: so many notices."""
    found: list[Notice] = []
    while len(found) < count:
        enc = (await client.until("message")).child("enc")
        assert enc is not None
        said = opened(keys, enc.data).protocolMessage
        if said.HasField("historySyncNotification"):
            found.append(said.historySyncNotification)
    return found


def content(server: LocalServer, notice: Notice) -> bytes:
    """The deflated chunk of a notice, from its file; the hashes and the MAC are checked."""
    blob = server._hub.media.find(notice.directPath)
    assert blob is not None
    sealed, keys = blob.file.read_bytes(), hkdf(notice.mediaKey, 112, info=b"WhatsApp History Keys")
    data = cbc_decrypt(keys[16:48], keys[:16], sealed[:-10])
    assert (sha256(sealed), sha256(data)) == (notice.fileEncSha256, notice.fileSha256)
    assert hmac_sha256(keys[48:80], keys[:16] + sealed[:-10])[:10] == sealed[-10:]
    return data


@asynccontextmanager
async def greeted(
    settings: Settings, fault: str = "", count: int = 2, props: DeviceProps | None = None
) -> AsyncIterator[tuple[LocalServer, list[Notice]]]:
    """A server, and what its phone told a companion of history: so many notices."""
    async with LocalServer(tls_port=None, settings=settings) as server:
        if fault:
            server.faults.spoil_history(fault, size=100_000)
        keys = await linked(server, "Ann", props)
        async with logged_in(server, keys, ready=False) as ann:
            await ann.iq("passive", Node("active"), kind="set", keep=True)
            yield server, await notices(ann, keys, count)


@pytest.mark.parametrize("inline", [0, 20_000])
async def test_chunks_travel_inside_or_as_files(inline: int) -> None:
    async with greeted(Settings(inline_history=inline)) as (server, (first, last)):
        data = first.initialHistBootstrapInlinePayload if inline else content(server, first)
        assert bool(first.directPath) is not bool(inline)
    history = HistorySync.FromString(zlib.decompress(data))
    assert history.pushnames[0].pushname == "Ann"
    assert (first.syncType, last.syncType, last.progress) == (Message.INITIAL_BOOTSTRAP, Message.RECENT, 100)


async def test_a_companion_that_wants_it_all_gets_it() -> None:
    async with greeted(Settings(), count=3, props=DeviceProps(requireFullSync=True)) as (_, found):
        assert [notice.syncType for notice in found] == [Message.INITIAL_BOOTSTRAP, Message.RECENT, Message.FULL]


@pytest.mark.parametrize("fault", ["mac", "hash"])
async def test_a_spoiled_file_is_spoiled(fault: str) -> None:
    async with greeted(Settings(), fault) as (server, (first, _)):
        with pytest.raises(AssertionError):
            content(server, first)


@pytest.mark.parametrize("fault", ["garbage", "nested"])
async def test_a_spoiled_chunk_is_no_history(fault: str) -> None:
    async with greeted(Settings(), fault) as (_, (first, last)):
        with pytest.raises(DecodeError):
            HistorySync.FromString(zlib.decompress(first.initialHistBootstrapInlinePayload))
        assert HistorySync.FromString(zlib.decompress(last.initialHistBootstrapInlinePayload))


async def test_a_bomb_and_a_torn_chunk() -> None:
    async with greeted(Settings(), "bomb") as (_, (first, _)):
        data = first.initialHistBootstrapInlinePayload
        assert len(zlib.decompress(data)) > 100_000 > 100 * len(data)
    async with greeted(Settings(), "truncated") as (_, (first, _)):
        with pytest.raises(zlib.error):
            zlib.decompress(first.initialHistBootstrapInlinePayload)


async def test_a_chunk_comes_twice_or_is_gone() -> None:
    async with greeted(Settings(), "duplicate", 3) as (_, found):
        assert found[0] == found[1] != found[2]
    async with greeted(Settings(), "gone") as (server, (first, _)):
        blob = server._hub.media.find(first.directPath)
        assert blob is not None
        assert blob.expired == 404


def test_every_fault_has_its_test() -> None:
    assert set(HISTORY_FAULTS) == {"mac", "hash", "garbage", "nested", "bomb", "truncated", "duplicate", "gone"}
