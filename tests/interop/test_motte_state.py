"""Real Baileys and motte, linked to the same account: what one sets, the other one reads, with the server between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from motte import Client, events
from motte.model.appstate import (
    Action,
    Archive,
    ContactEntry,
    ContactRemoved,
    DeleteForMe,
    DisableLinkPreviews,
    LabelChat,
    LabelEdit,
    LabelMessage,
    MarkRead,
    MessageRef,
    Mute,
    Pin,
    PushName,
    QuickReply,
    Star,
    TimeFormat,
)
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.testing import LocalServer
from tests.interop.motte_peer import MottePeer
from tests.interop.pairs import within
from tests.interop.peer import BaileysPeer

pytestmark = pytest.mark.asyncio(loop_scope="module")

CAROL = Jid("15550100077", "s.whatsapp.net")
UNTIL = 1_900_000_000
KEY = MessageKey(chat=CAROL, id="3EB0AA", sender=CAROL, from_me=False)
RAW_KEY = {"remoteJid": str(CAROL), "id": "3EB0AA", "fromMe": False}
LAST = [{"key": RAW_KEY, "messageTimestamp": 1_764_000_000}]


@dataclass(frozen=True)
class Account:
    """Ann's two linked devices."""

    baileys: BaileysPeer
    motte: MottePeer

    @property
    def client(self) -> Client:
        return self.motte.client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ann() -> AsyncIterator[Account]:
    async with (
        LocalServer() as server,
        BaileysPeer(server.ws_url, name="Ann", ca=server.ca_file, media=server.https_url) as baileys,
    ):
        await baileys.pair(server.scan_qr)
        async with MottePeer(server, "Ann", ca=server.ca_file) as motte:
            await motte.event(events.AppStateSynced, lambda event: event.collection == "regular")
            yield Account(baileys, motte)


Does = Callable[[Client], Awaitable[object]]
BY_MOTTE: dict[str, tuple[Does, str, Any]] = {
    "mute": (lambda me: me.chats.mute(CAROL, until=UNTIL), "chats.update", {"muteEndTime": UNTIL * 1000}),
    "unmute": (lambda me: me.chats.unmute(CAROL), "chats.update", {"muteEndTime": None}),
    "unread": (lambda me: me.chats.mark_unread(CAROL), "chats.update", {"unreadCount": -1}),
    "read": (lambda me: me.chats.mark_read(CAROL), "chats.update", {"unreadCount": 0}),
    "archive": (lambda me: me.chats.archive(CAROL), "chats.update", {"archived": True}),
    "unarchive": (lambda me: me.chats.unarchive(CAROL), "chats.update", {"archived": False}),
    "unpin": (lambda me: me.chats.unpin(CAROL), "chats.update", {"pinned": None}),
    "lock": (lambda me: me.chats.lock(CAROL), "chats.lock", {"id": str(CAROL), "locked": True}),
    "star": (lambda me: me.chats.star(KEY), "messages.update", {"key": RAW_KEY, "update": {"starred": True}}),
    "delete for me": (lambda me: me.chats.delete_for_me(KEY), "messages.delete", {"keys": [RAW_KEY]}),
    "contact": (
        lambda me: me.contacts.save(CAROL, "Carol C."),
        "contacts.upsert",
        {"id": str(CAROL), "name": "Carol C."},
    ),
    "label": (lambda me: me.labels.create("Paid", color=3), "labels.edit", {"id": "1", "name": "Paid", "color": 3}),
    "label a chat": (
        lambda me: me.labels.add("1", CAROL),
        "labels.association",
        {"type": "add", "association": {"chatId": str(CAROL), "labelId": "1"}},
    ),
    "time format": (
        lambda me: me.settings.set(TimeFormat(twenty_four_hours=True)),
        "settings.update",
        {"setting": "timeFormat", "value": {"isTwentyFourHourFormatEnabled": True}},
    ),
    "delete": (lambda me: me.chats.delete(CAROL), "chats.delete", str(CAROL)),
}


@pytest.mark.parametrize("what", BY_MOTTE)
async def test_baileys_understands_what_motte_sets(ann: Account, what: str) -> None:
    change, event, wanted = BY_MOTTE[what]
    await change(ann.client)

    def told(data: Any) -> bool:
        return any(within(wanted, one) for one in (data if isinstance(data, list) else [data]))

    assert await ann.baileys.event(event, told)


Call = tuple[str, list[Any]]
BY_BAILEYS: dict[str, tuple[Call, Action]] = {
    "mute": (("chatModify", [{"mute": UNTIL * 1000}, str(CAROL)]), Mute(chat=CAROL, until=UNTIL)),
    "unmute": (("chatModify", [{"mute": None}, str(CAROL)]), Mute(chat=CAROL, until=None)),
    "pin": (("chatModify", [{"pin": True}, str(CAROL)]), Pin(chat=CAROL)),
    "archive": (("chatModify", [{"archive": True, "lastMessages": LAST}, str(CAROL)]), Archive(chat=CAROL)),
    "unread": (
        ("chatModify", [{"markRead": False, "lastMessages": LAST}, str(CAROL)]),
        MarkRead(chat=CAROL, read=False),
    ),
    "star": (
        ("star", [str(CAROL), [{"id": "3EB0AB", "fromMe": True}], True]),
        Star(message=MessageRef(chat=CAROL, id="3EB0AB", from_me=True)),
    ),
    "delete for me": (
        (
            "chatModify",
            [{"deleteForMe": {"key": RAW_KEY, "timestamp": 1_764_000_000, "deleteMedia": True}}, str(CAROL)],
        ),
        DeleteForMe(message=MessageRef.of(KEY), timestamp=1_764_000_000),
    ),
    "contact": (
        ("addOrEditContact", [str(CAROL), {"fullName": "Carol", "lidJid": "777000000000001@lid"}]),
        ContactEntry(user=CAROL, full_name="Carol", lid=Jid("777000000000001", "lid")),
    ),
    "contact removed": (("removeContact", [str(CAROL)]), ContactRemoved(user=CAROL)),
    "label": (
        ("addLabel", ["", {"id": "8", "name": "New", "color": 2, "deleted": False}]),
        LabelEdit(id="8", name="New", color=2),
    ),
    "label a chat": (("addChatLabel", [str(CAROL), "8"]), LabelChat(label="8", chat=CAROL)),
    "unlabel a chat": (("removeChatLabel", [str(CAROL), "8"]), LabelChat(label="8", chat=CAROL, labeled=False)),
    "label a message": (
        ("addMessageLabel", [str(CAROL), "3EB0AA", "8"]),
        LabelMessage(label="8", message=MessageRef.of(KEY)),
    ),
    "quick reply": (
        ("addOrEditQuickReply", [{"timestamp": "1764000000", "shortcut": "hi", "message": "Hello!"}]),
        QuickReply(id="1764000000", shortcut="hi", text="Hello!"),
    ),
    "link previews": (("updateDisableLinkPreviewsPrivacy", [True]), DisableLinkPreviews(disabled=True)),
    "name": (("updateProfileName", ["Ann A."]), PushName(name="Ann A.")),
}


@pytest.mark.parametrize("what", BY_BAILEYS)
async def test_motte_understands_what_baileys_sets(ann: Account, what: str) -> None:
    (method, arguments), wanted = BY_BAILEYS[what]
    await ann.baileys.call(method, *arguments)
    await ann.motte.event(events.AppStateChanged, lambda event: stripped(event.action) == wanted and not event.own)


def stripped(action: Action) -> Action:
    """The action without the range of messages that it may have."""
    match action:
        case Archive(chat=chat, archived=archived):
            return Archive(chat=chat, archived=archived)
        case MarkRead(chat=chat, read=read):
            return MarkRead(chat=chat, read=read)
    return action


async def test_both_know_the_same_in_the_end(ann: Account) -> None:
    chat = await ann.client.chats.get(CAROL)
    assert chat is not None
    assert (chat.pinned_at, chat.archived, chat.marked_unread, chat.labels) == (None, True, True, ("1",))
    assert [label.name for label in await ann.client.labels.all()] == ["Paid", "New"]
    assert [reply.text for reply in await ann.client.quick_replies.all()] == ["Hello!"]
    assert await ann.client.settings.get(DisableLinkPreviews) == DisableLinkPreviews(disabled=True)
