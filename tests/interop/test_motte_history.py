"""One past, read by real Baileys and by motte on two devices of one account: the same chats, messages and people."""

from __future__ import annotations

from typing import Any

import pytest

from motte import events
from motte.model.history import HistoryKind
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.testing import LocalServer, Settings
from tests.interop.conftest import StartPeer
from tests.interop.motte_peer import MottePeer
from tests.interop.peer import BaileysPeer, Json

BOOTSTRAP, RECENT, NAMES, BESIDE, ON_DEMAND = 0, 3, 4, 5, 6


def seeded(server: LocalServer) -> None:
    """A past of Ann's with one of everything, and a made-up one of some hundred messages."""
    past = server.phone("Ann").history.past
    past.fill(chats=4, messages=240, spacing=86_400)
    bob = past.chat("Bob", name="Bob Bobson", unreadCount=2, archived=True, muteEndTime=2_000_000_000)
    for number in range(8):
        bob.text(f"hello {number}", by="" if number % 2 else "Ann")
    cid = past.chat("Cid", by="s.whatsapp.net", pinned=1_700_000_000, displayName="Cid C.")
    poll = Message.PollCreationMessage(name="Tea?", options=[{"optionName": "yes"}, {"optionName": "no"}])  # type: ignore[list-item]
    cid.message(Message(pollCreationMessage=poll))
    group = server.phone("Ann").groups.create("Chess", ["Bob"])
    past.chat(group, name="Chess").text("e4", by="Bob")
    past.left(group, "Bob", at=1_600_000_000)


class Both:
    """What each of the two was told, in the same shape."""

    def __init__(self) -> None:
        self.chats: dict[str, tuple[Any, ...]] = {}
        self.messages: dict[str, tuple[Any, ...]] = {}
        self.names: dict[str, str] = {}
        self.notify: dict[str, str] = {}
        self.pairs: set[tuple[str, str]] = set()
        self.left: list[tuple[str, str, int]] = []


def take_baileys(both: Both, data: Json) -> None:
    for chat in data["chats"]:
        told = (
            chat.get("unreadCount", 0),
            bool(chat.get("archived")),
            chat.get("pinned") or None,
            int(chat.get("muteEndTime") or 0) or None,
        )
        both.chats.setdefault(chat["id"], told)
    for contact in data["contacts"]:
        if contact.get("name") and "@g.us" not in contact["id"]:
            both.names[contact["id"]] = contact["name"]
        if contact.get("notify"):
            both.notify[contact["id"]] = contact["notify"]
    for one in data["messages"]:
        key, message = one["key"], one["message"]
        said = message.get("conversation") or (message.get("extendedTextMessage") or {}).get("text")
        both.messages[key["id"]] = (key["remoteJid"], bool(key["fromMe"]), int(one["messageTimestamp"]), said)
    both.pairs |= {(one["pn"], one["lid"]) for one in data.get("lidPnMappings") or []}
    for group in data.get("pastParticipants") or []:
        for gone in group["pastParticipants"]:
            both.left.append((group["groupJid"], gone["userJid"], int(gone["leaveTs"])))


def take_motte(both: Both, part: events.HistoryReceived) -> None:
    for chat in part.chats:
        both.chats.setdefault(str(chat.jid), (chat.unread, chat.archived, chat.pinned_at, chat.muted_until))
    for contact in part.contacts:
        if contact.name:
            both.names[str(contact.jid)] = contact.name
        if contact.push_name and part.kind == HistoryKind.PUSH_NAME:
            both.notify[str(contact.jid)] = contact.push_name
    for event in part.messages:
        message = event.message
        both.messages[message.key.id] = (str(message.key.chat), message.key.from_me, message.timestamp, event.text)
    both.pairs |= {(str(pn), str(lid)) for pn, lid in part.mappings}
    both.left += [(str(gone.group), str(gone.user), gone.left_at) for gone in part.past_members]


async def history(ann: BaileysPeer, kind: int) -> Json:
    data: Json = await ann.event("messaging-history.set", lambda data: data.get("syncType") == kind)
    return data


async def as_baileys_reads_it(ann: BaileysPeer) -> Both:
    both, progress = Both(), 0
    for kind in (BOOTSTRAP, NAMES, BESIDE):
        take_baileys(both, await history(ann, kind))
    while progress < 100:
        data = await history(ann, RECENT)
        progress = data["progress"]
        take_baileys(both, data)
    return both


@pytest.mark.parametrize("inline", [0, 1_000_000], ids=["files", "inline"])
async def test_both_read_the_same(baileys: StartPeer, inline: int) -> None:
    settings = Settings(inline_history=inline, history_first=5, history_chunk=60, history_days=10_000)
    async with LocalServer(settings=settings) as server:
        seeded(server)
        ann = await baileys(server.ws_url, name="Ann", media=server.https_url)
        await ann.pair(server.scan_qr)
        theirs = await as_baileys_reads_it(ann)
        ours = Both()
        motte = MottePeer(server, "Ann", ca=server.ca_file)
        motte.client.add_handler(events.HistoryReceived, lambda part: take_motte(ours, part))
        async with motte:
            await motte.event(events.HistoryDone, lambda event: event.kind == HistoryKind.RECENT)
        assert len(theirs.messages) == 250
        assert ours.messages == theirs.messages
        assert ours.chats == theirs.chats
        assert ours.names == theirs.names
        assert ours.notify == theirs.notify
        assert ours.pairs == theirs.pairs
        assert ours.left == theirs.left


async def test_both_are_given_the_same_on_demand(baileys: StartPeer) -> None:
    async with LocalServer() as server:
        chat = server.phone("Ann").history.past.chat("Bob")
        said = [chat.text(f"hello {number}", at=1_700_000_000 + number) for number in range(20)]
        ann = await baileys(server.ws_url, name="Ann", media=server.https_url)
        await ann.pair(server.scan_qr)
        key = {"remoteJid": said[10].key.remoteJid, "id": said[10].key.id, "fromMe": False}
        await ann.call("fetchMessageHistory", 4, key, said[10].messageTimestamp)
        found = await history(ann, ON_DEMAND)
        theirs = [message["key"]["id"] for message in reversed(found["messages"])]
        async with MottePeer(server, "Ann", ca=server.ca_file) as motte:
            newest = await motte.client.history.fetch(Jid.parse(said[10].key.remoteJid), count=10)
            page = await motte.client.history.fetch(newest.messages[0].chat, before=newest.messages[0], count=4)
        assert [message.key.id for message in page.messages] == theirs
