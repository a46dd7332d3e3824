"""Real Baileys against the local server: app state both ways, history of every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from motte.model.jid import Jid
from motte.proto.sync_action_pb2 import SyncActionValue
from motte.testing import LocalServer, Settings
from tests.interop.conftest import StartPeer
from tests.interop.peer import BaileysPeer, PeerError

Json = dict[str, Any]
MUTED_UNTIL = 1_900_000_000_000


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as running:
        yield running


async def paired(server: LocalServer, baileys: StartPeer, name: str = "Ann", **options: Any) -> BaileysPeer:
    peer = await baileys(server.ws_url, name=name, media=server.https_url, **options)
    await peer.pair(server.scan_qr)
    return peer


async def chat_update(peer: BaileysPeer, chat: Jid | str, field: str) -> Any:
    """What the first update of a chat that has this field says."""

    def about(update: Json) -> bool:
        return update["id"] == str(chat) and field in update

    updates = await peer.event("chats.update", lambda updates: any(map(about, updates)))
    return next(update[field] for update in updates if about(update))


def last(message: Json) -> list[Json]:
    return [{"key": message["key"], "messageTimestamp": message["messageTimestamp"]}]


ACTIONS: list[tuple[Json, str, Callable[[SyncActionValue], object], object]] = [
    ({"mute": MUTED_UNTIL}, "mute", lambda value: value.muteAction.muteEndTimestamp, MUTED_UNTIL),
    ({"mute": None}, "mute", lambda value: value.muteAction.muted, False),
    ({"pin": True}, "pin_v1", lambda value: value.pinAction.pinned, True),
    ({"pin": False}, "pin_v1", lambda value: value.pinAction.pinned, False),
]


async def test_what_baileys_does_to_a_chat_is_understood(server: LocalServer, baileys: StartPeer) -> None:
    bob, state = server.account("Bob").lid, server.account("Ann").state
    ann = await paired(server, baileys)
    for action, index, read, wanted in ACTIONS:
        await ann.call("chatModify", action, str(bob))
        value = state.value(index, str(bob))
        assert value is not None
        assert read(value) == wanted


async def test_what_baileys_does_to_messages_is_understood(server: LocalServer, baileys: StartPeer) -> None:
    phone, state = server.phone("Bob"), server.account("Ann").state
    ann = await paired(server, baileys)
    message_id = await phone.send_text("Ann", "hello")
    message = await ann.text("hello")
    chat = str(server.account("Bob").lid)
    star = {"star": {"messages": [{"id": message_id, "fromMe": False}], "star": True}}
    for action in (
        star,
        {"markRead": False, "lastMessages": last(message)},
        {"archive": True, "lastMessages": last(message)},
        {"deleteForMe": {"deleteMedia": False, "key": message["key"], "timestamp": message["messageTimestamp"]}},
        {"clear": True, "lastMessages": last(message)},
        {"delete": True, "lastMessages": last(message)},
    ):
        await ann.call("chatModify", action, chat)
    indexes = {index[0] for _, index, _ in state.entries()}
    assert {"star", "markChatAsRead", "archive", "deleteMessageForMe", "clearChat", "deleteChat"} <= indexes
    starred = state.value("star", chat, message_id, "0", "0")
    assert starred is not None
    assert starred.starAction.starred


async def test_contacts_labels_and_the_name_that_baileys_sets(server: LocalServer, baileys: StartPeer) -> None:
    bob, account = server.account("Bob"), server.account("Ann")
    ann = await paired(server, baileys)
    await ann.call("addOrEditContact", str(bob.pn), {"fullName": "Bob Bobson", "firstName": "Bob"})
    await ann.call("addLabel", "", {"id": "7", "name": "friends", "color": 3})
    await ann.call("addChatLabel", str(bob.lid), "7")
    await ann.call("updateProfileName", "Annabel")
    contact, label = account.state.value("contact", str(bob.pn)), account.state.value("label_edit", "7")
    linked = account.state.value("label_jid", "7", str(bob.lid))
    assert contact is not None and label is not None and linked is not None
    assert (contact.contactAction.fullName, label.labelEditAction.name) == ("Bob Bobson", "friends")
    assert linked.labelAssociationAction.labeled
    assert account.profile.push_name == "Annabel"
    await ann.call("removeContact", str(bob.pn))
    assert account.state.value("contact", str(bob.pn)) is None


async def test_another_device_of_the_account_hears_of_it(server: LocalServer, baileys: StartPeer) -> None:
    bob = server.account("Bob").lid
    first, second = await paired(server, baileys), await paired(server, baileys)
    await first.call("chatModify", {"pin": True}, str(bob))
    assert await chat_update(second, bob, "pinned")
    await second.call("chatModify", {"mute": MUTED_UNTIL}, str(bob))
    assert await chat_update(first, bob, "muteEndTime") == MUTED_UNTIL


async def test_what_the_phone_does_comes_to_baileys(server: LocalServer, baileys: StartPeer) -> None:
    bob, phone = server.account("Bob").lid, server.phone("Ann")
    ann = await paired(server, baileys)
    phone.chats.mute("Bob", until=MUTED_UNTIL // 1000)
    assert await chat_update(ann, bob, "muteEndTime") == MUTED_UNTIL
    phone.chats.pin("Bob")
    assert await chat_update(ann, bob, "pinned")
    phone.chats.archive("Bob")
    assert await chat_update(ann, bob, "archived") is True
    phone.chats.contact("Bob", "Bob Bobson")
    contacts = await ann.event("contacts.upsert")
    assert [contact["name"] for contact in contacts] == ["Bob Bobson"]
    phone.chats.label("7", "friends", color=3)
    assert (await ann.event("labels.edit"))["name"] == "friends"
    phone.chats.push_name("Annabel")
    await ann.event("me", lambda me: me.get("name") == "Annabel")


async def test_a_new_key_is_brought_and_used_by_both(server: LocalServer, baileys: StartPeer) -> None:
    bob, phone = server.account("Bob").lid, server.phone("Ann")
    ann = await paired(server, baileys)
    phone.chats.pin("Bob")
    assert await chat_update(ann, bob, "pinned")
    key = phone.state.renew_key()
    phone.share_keys()
    phone.chats.pin("Bob", False)
    await ann.event("chats.update", lambda updates: {"id": str(bob), "pinned": None} in updates)
    await ann.call("chatModify", {"pin": True}, str(bob))
    entry = phone.state.books["regular_low"].entries["pin_v1", str(bob)]
    assert (entry.key_id, entry.value.pinAction.pinned) == (key.id, True)


@pytest.mark.parametrize("settings", [Settings(snapshot_after=0), Settings(inline_mutations=0, patches_a_page=1)])
async def test_a_new_device_gets_the_state_in_every_shape(baileys: StartPeer, settings: Settings) -> None:
    async with LocalServer(settings=settings) as server:
        phone = server.phone("Ann")
        for name in ("Bob", "Cid", "Dan"):
            server.account(name)
            phone.chats.contact(name, f"{name} Bobson")
        phone.chats.push_name("Annabel")
        ann = await baileys(server.ws_url, name="Ann", media=server.https_url)
        server.scan_qr(await ann.qr())
        await ann.open()
        names: set[str] = set()
        while names != {"Bob Bobson", "Cid Bobson", "Dan Bobson"}:
            names |= {contact["name"] for contact in await ann.event("contacts.upsert") if "name" in contact}
        await ann.event("me", lambda me: me.get("name") == "Annabel")


async def test_a_conflict_is_refused_and_baileys_tries_no_more(server: LocalServer, baileys: StartPeer) -> None:
    """Baileys does not look at the error inside the answer: it believes that its patch was taken."""
    bob, state = server.account("Bob").lid, server.account("Ann").state
    ann = await paired(server, baileys)
    server.faults.conflict("Ann")
    await ann.call("chatModify", {"pin": True}, str(bob))
    assert state.value("pin_v1", str(bob)) is None


async def test_a_patch_that_the_phone_cannot_apply_is_refused(server: LocalServer, baileys: StartPeer) -> None:
    ann = await paired(server, baileys)
    sync = {
        "tag": "sync",
        "attrs": {},
        "content": [{"tag": "collection", "attrs": {"name": "regular", "version": "0"}}],
    }
    answer = await ann.query("iq", {"to": "s.whatsapp.net", "type": "set", "xmlns": "w:sync:app:state"}, [sync])
    assert answer["content"][0]["content"][0]["attrs"]["version"] == "0"
    with pytest.raises(PeerError):
        await ann.query("iq", {"to": "s.whatsapp.net", "type": "set", "xmlns": "w:sync:app:state"}, [])


# ---- history ----


def seeded(server: LocalServer) -> None:
    """A past of Ann's with one of everything."""
    past = server.phone("Ann").history.past
    bob = past.chat("Bob", name="Bob Bobson", unreadCount=2, archived=True, tcToken=b"token", tcTokenTimestamp=1)
    for number in range(8):
        bob.text(f"hello {number}", by="" if number % 2 else "Ann")
    group = server.phone("Ann").groups.create("Chess", ["Bob"])
    past.chat(group, name="Chess").text("e4", by="Bob")
    past.status("Bob", "at the lake")
    past.call("Bob", missed=True)
    past.left(group, "Bob")


async def history(peer: BaileysPeer, kind: int) -> Json:
    data: Json = await peer.event("messaging-history.set", lambda data: data.get("syncType") == kind)
    return data


@pytest.mark.parametrize("inline", [0, 1_000_000], ids=["files", "inline"])
async def test_baileys_reads_the_history(baileys: StartPeer, inline: int) -> None:
    async with LocalServer(settings=Settings(inline_history=inline, history_first=5)) as server:
        seeded(server)
        bob = server.account("Bob")
        ann = await paired(server, baileys)
        first = await history(ann, 0)
        chat = next(chat for chat in first["chats"] if chat["id"] == str(bob.lid))
        assert (chat["name"], chat["unreadCount"], chat["archived"]) == ("Bob Bobson", 2, True)
        texts = [message["message"]["conversation"] for message in first["messages"]]
        assert texts == [f"hello {number}" for number in (7, 6, 5, 4, 3)] + ["e4"]
        assert {"lid": str(bob.lid), "pn": str(bob.pn)} in first["lidPnMappings"]
        names = await history(ann, 4)
        assert {"id": str(bob.lid), "notify": "Bob"} in names["contacts"]
        recent = await history(ann, 3)
        assert [message["message"]["conversation"] for message in recent["messages"]] == [
            "hello 2",
            "hello 1",
            "hello 0",
        ]
        beside = await history(ann, 5)
        assert beside["pastParticipants"][0]["pastParticipants"][0]["userJid"] == str(bob.lid)
        assert await ann.call("get", "tctoken", [str(bob.lid)])


async def test_a_long_history_comes_in_chunks(baileys: StartPeer) -> None:
    async with LocalServer(settings=Settings(history_first=1, history_chunk=100)) as server:
        server.phone("Ann").history.past.fill(chats=3, messages=303)
        ann = await paired(server, baileys)
        progress: list[int] = []
        ids = {message["key"]["id"] for message in (await history(ann, 0))["messages"]}
        while not progress or progress[-1] < 100:
            chunk = await history(ann, 3)
            progress.append(chunk["progress"])
            ids |= {message["key"]["id"] for message in chunk["messages"]}
        assert progress == [33, 66, 100]
        assert len(ids) == 303


async def test_more_history_on_demand(server: LocalServer, baileys: StartPeer) -> None:
    chat = server.phone("Ann").history.past.chat("Bob")
    said = [chat.text(f"hello {number}", at=1_700_000_000 + number) for number in range(20)]
    ann = await paired(server, baileys)
    key = {"remoteJid": said[10].key.remoteJid, "id": said[10].key.id, "fromMe": False}
    request = await ann.call("fetchMessageHistory", 4, key, said[10].messageTimestamp)
    found = await history(ann, 6)
    assert found["peerDataRequestSessionId"] == request
    assert [message["key"]["id"] for message in found["messages"]] == [info.key.id for info in reversed(said[6:10])]
