"""Events as JSON: the keys that programs rely on, and what must not be in there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motte import events
from motte.cli import eventjson
from motte.model.appstate import FOREVER, Mute
from motte.model.content import Reaction
from motte.model.disconnect import Cause, DisconnectInfo, NextAction
from motte.model.group_change import AnnouncementChanged
from motte.model.jid import Jid
from motte.model.message import Content, Message, MessageKey, Origin, Quoted, Text, UnsupportedContent
from motte.model.receipt import Receipt, ReceiptKind
from motte.proto.e2e_pb2 import Message as RawMessage
from motte.proto.settings_pb2 import AvatarUserSettings, GlobalSettings
from motte.proto.web_message_pb2 import WebMessageInfo

BEN = Jid.phone("15550100002")
BEN_LID = Jid("200000000000002", "lid")
KEY = MessageKey(chat=BEN, id="3EB0AA", sender=BEN, from_me=False)


def received(content: Content, **more: Any) -> events.MessageReceived:
    message = Message(key=KEY, content=content, timestamp=1_700_000_000, origin=Origin.LIVE, **more)
    return events.MessageReceived(message=message, raw=RawMessage(conversation="raw"))


def parsed(event: events.Event) -> dict[str, Any]:
    line = eventjson.line(event)
    assert line.isascii() and "\n" not in line
    value: dict[str, Any] = json.loads(line)
    return value


def test_a_text_message() -> None:
    text = Text(text="hi\n👋\x1b[31m", mentions=(BEN,), quoted=Quoted(id="3EB0BB"))
    assert parsed(received(text, push_name="Ben", sender_alt=BEN_LID)) == {
        "event": "message",
        "id": "3EB0AA",
        "chat": "15550100002@s.whatsapp.net",
        "sender": "15550100002@s.whatsapp.net",
        "sender_alt": "200000000000002@lid",
        "from_me": False,
        "push_name": "Ben",
        "timestamp": 1_700_000_000,
        "origin": "live",
        "kind": "text",
        "text": "hi\n👋\x1b[31m",
        "quoted": "3EB0BB",
        "mentions": ["15550100002@s.whatsapp.net"],
        "content": None,
        "media": None,
        "recovered": False,
    }


def test_a_message_of_another_kind_has_the_same_keys() -> None:
    value = parsed(received(UnsupportedContent("imageMessage")))
    assert value.keys() == parsed(received(Text(text="x"))).keys()
    assert (value["kind"], value["text"], value["quoted"], value["mentions"]) == ("imageMessage", None, None, [])


def test_other_kinds_tell_their_fields() -> None:
    value = parsed(received(Reaction(target=KEY, emoji="👍")))
    assert (value["kind"], value["text"]) == ("reaction", None)
    assert value["content"]["emoji"] == "👍" and value["content"]["target"]["id"] == "3EB0AA"


def test_a_text_that_no_encoding_can_hold_is_written_all_the_same() -> None:
    assert parsed(received(Text(text="\ud800")))["text"] == "\ud800"


def test_an_undecryptable_message() -> None:
    event = events.MessageUndecryptable(
        key=KEY, timestamp=5, origin=Origin.OFFLINE, reason="no session", attempt=1, final=False
    )
    assert parsed(event) == {
        "event": "undecryptable",
        "id": "3EB0AA",
        "chat": str(BEN),
        "sender": str(BEN),
        "from_me": False,
        "timestamp": 5,
        "origin": "offline",
        "reason": "no session",
        "attempt": 1,
        "final": False,
    }


def test_a_receipt() -> None:
    receipt = Receipt(kind=ReceiptKind.READ, chat=BEN, sender=BEN, ids=("1", "2"), timestamp=7)
    assert parsed(events.ReceiptReceived(receipt=receipt)) == {
        "event": "receipt",
        "kind": "read",
        "chat": str(BEN),
        "sender": str(BEN),
        "ids": ["1", "2"],
        "timestamp": 7,
        "by_me": False,
    }


def test_a_disconnect() -> None:
    info = DisconnectInfo(cause=Cause.REPLACED, code=440, text="another client", raw="<stream:error/>")
    event = events.Disconnected(info=info, action=NextAction.STOP, delay=None, attempt=1)
    assert parsed(event) == {
        "event": "disconnected",
        "code": 440,
        "reason": "connection_replaced",
        "cause": "replaced",
        "text": "another client",
        "action": "stop",
        "delay": None,
        "attempt": 1,
    }


@pytest.mark.parametrize(
    ("event", "value"),
    [
        (
            events.QrCode(text="code", index=0, total=6, expires_in=60.0),
            {"event": "qr", "text": "code", "index": 0, "total": 6, "expires_in": 60.0},
        ),
        (events.OfflineDone(count=3), {"event": "offline_done", "count": 3}),
        (events.Connected(jid=BEN, lid=None), {"event": "connected", "jid": str(BEN), "lid": None}),
        (events.Settled(), {"event": "settled"}),
        (
            events.UnknownNotification(type="new", source=BEN, parts=("a", "b"), outline="<notification/>"),
            {
                "event": "unknown_notification",
                "type": "new",
                "source": str(BEN),
                "parts": ["a", "b"],
                "outline": "<notification/>",
                "problem": None,
                "timestamp": None,
            },
        ),
    ],
)
def test_other_events_are_their_fields(event: events.Event, value: dict[str, Any]) -> None:
    assert parsed(event) == value


def test_bytes_stay_out_since_they_may_hold_keys() -> None:
    event = events.HistoryAnnounced(kind="recent", progress=5, notification=b"media key")
    assert parsed(event) == {"event": "history_announced", "kind": "recent", "progress": 5}


def test_news_of_a_group_says_which_kind_it_is() -> None:
    group = Jid.parse("120363000000000001@g.us")
    assert parsed(events.GroupChanged(group=group, change=AnnouncementChanged(True), by=BEN, timestamp=7)) == {
        "event": "group",
        "kind": "announcement_changed",
        "group": "120363000000000001@g.us",
        "change": {"enabled": True},
        "by": "15550100002@s.whatsapp.net",
        "by_alt": None,
        "timestamp": 7,
    }


def test_a_change_of_the_state_says_which_kind_of_action_it_is() -> None:
    action = Mute(chat=Jid("15550100002", "s.whatsapp.net"), until=FOREVER)
    event = events.AppStateChanged(action=action, collection="regular_high", timestamp=1_764_000_000)
    assert eventjson.as_json(event) == {
        "event": "app_state",
        "kind": "mute",
        "action": {"chat": "15550100002@s.whatsapp.net", "until": -1, "automatic": False},
        "collection": "regular_high",
        "timestamp": 1_764_000_000,
        "initial": False,
        "own": False,
    }


def test_what_was_sent_looks_like_what_is_received() -> None:
    told = received(Text(text="hi"))
    sent = events.MessageSent(message=told.message, raw=told.raw)
    expected = parsed(told) | {"event": "message_sent"}
    del expected["recovered"]
    assert parsed(sent) == expected


def test_a_part_of_the_history_has_its_messages_but_not_the_settings_of_the_phone() -> None:
    message = events.HistoryMessage(message=received(Text(text="old")).message, raw=RawMessage(), info=WebMessageInfo())
    settings = GlobalSettings(avatarUserSettings=AvatarUserSettings(password="secret"))
    event = events.HistoryReceived(
        kind="RECENT",
        order=1,
        progress=9,
        last=True,
        messages=(message,),
        mappings=((BEN, BEN_LID),),
        settings=settings,
    )
    value = parsed(event)
    assert value["event"] == "history_received"
    assert [told["text"] for told in value["messages"]] == ["old"]
    assert value["mappings"] == [["15550100002@s.whatsapp.net", "200000000000002@lid"]]
    assert "secret" not in json.dumps(value) + repr(event)


def test_bytes_stay_out_of_lists_too() -> None:
    event = events.PasskeyChallenge(
        options="{}",
        challenge=b"c",
        rp_id=None,
        allow_credentials=(b"id",),
        user_verification="required",
        expires_in=60.0,
    )
    assert parsed(event)["allow_credentials"] == []
