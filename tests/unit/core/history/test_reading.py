"""What a chunk says, as values; what in it cannot be read is left out."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import pytest

from motte.core.history import reading
from motte.core.history.chunk import Chunk, read
from motte.core.history.messages import Messages
from motte.core.history.reading import PART, Part
from motte.model.appstate import FOREVER
from motte.model.content import UnsupportedContent
from motte.model.jid import STATUS_JID, Jid
from motte.model.me import Me
from motte.model.message import Origin, Text
from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import Conversation, HistorySync
from motte.proto.message_key_pb2 import MessageKey
from motte.proto.web_message_pb2 import WebMessageInfo

ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100001:3@lid"))
BOB, BOB_LID = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("100002@lid")
CLUB = Jid.parse("120363000000000001@g.us")


def said(number: int, *, mine: bool = False, by: Jid | None = None, at: int = 0) -> WebMessageInfo:
    key = MessageKey(id=f"M{number}", fromMe=mine, participant=str(by) if by else None)
    return WebMessageInfo(key=key, message=Message(conversation=f"text {number}"), messageTimestamp=at or number)


def chat(jid: Jid | str, infos: Iterable[WebMessageInfo] = (), **head: object) -> Conversation:
    conversation = Conversation(id=str(jid), **head)  # type: ignore[arg-type]
    for info in infos:
        conversation.messages.add(message=info)
    return conversation


def chunk(**fields: object) -> Chunk:
    return read(zlib.compress(HistorySync(syncType=HistorySync.RECENT, **fields).SerializeToString()))  # type: ignore[arg-type]


def parts(**fields: object) -> list[Part]:
    return list(reading.parts(chunk(**fields), ME))


def ids(part: Part) -> list[str]:
    return [info.key.id for _, info in part.messages]


def test_nothing_is_one_part() -> None:
    (part,) = parts()
    assert (part.chats, part.messages, part.last) == ([], [], True)


def test_parts_are_full_and_cut_in_the_same_places_every_time() -> None:
    long = chat(BOB_LID, (said(number) for number in range(PART + 100)))
    short = chat(CLUB, [said(5000)])
    first, again = parts(conversations=[long, short]), parts(conversations=[long, short])
    assert [ids(part) for part in first] == [ids(part) for part in again]
    assert [len(part.messages) + len(part.chats) for part in first] == [PART, 103]
    assert [part.last for part in first] == [False, True]
    assert [one.jid for part in first for one in part.chats] == [BOB_LID, CLUB]
    assert [name for part in first for name in ids(part)] == [*(f"M{n}" for n in range(PART + 100)), "M5000"]


def test_chats_without_messages_are_cut_as_well() -> None:
    made = parts(conversations=[chat(f"{number}@lid") for number in range(1, 2 * PART + 2)])
    assert [len(part.chats) for part in made] == [PART, PART, 1]


def test_what_cannot_be_read_is_left_out() -> None:
    (part,) = parts(conversations=[chat("no jid", [said(1)]), chat("", [said(2)]), chat(BOB_LID, [said(3)])])
    assert [one.jid for one in part.chats] == [BOB_LID]
    assert ids(part) == ["M3"]


def test_a_chat() -> None:
    head = {
        "name": "Bob B.",
        "pnJid": str(BOB),
        "unreadCount": 3,
        "archived": True,
        "pinned": 1_700_000_000,
        "muteEndTime": 1_900_000_000_000,
        "markedAsUnread": True,
        "locked": True,
        "ephemeralExpiration": 86400,
        "ephemeralSettingTimestamp": 1_600_000_000,
        "conversationTimestamp": 90,
        "endOfHistoryTransferType": Conversation.COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY,
    }
    (part,) = parts(conversations=[chat(BOB_LID, [said(1, at=50), said(2, mine=True, at=80)], **head)])
    (one,) = part.chats
    assert (one.name, one.pn, one.unread, one.archived, one.pinned_at) == ("Bob B.", BOB, 3, True, 1_700_000_000)
    assert (one.muted_until, one.marked_unread, one.locked) == (1_900_000_000, True, True)
    assert (one.timer, one.timer_set_at, one.active_at, one.has_more) == (86400, 1_600_000_000, 90, True)
    assert one.newest is not None
    assert (one.newest.id, one.newest.sender, one.newest_at) == ("M2", Jid.parse("100001@lid"), 80)


@pytest.mark.parametrize(("until", "read_as"), [(0, None), (5, 5), ((1 << 64) - 1, FOREVER)])
def test_mutes(until: int, read_as: int | None) -> None:
    (part,) = parts(conversations=[chat(BOB_LID, muteEndTime=until)])
    assert part.chats[0].muted_until == read_as


def test_pairs_of_addresses() -> None:
    receipt = said(1, mine=True)
    receipt.userReceipt.add(userJid="15550100004@s.whatsapp.net")
    made = chunk(
        phoneNumberToLidMappings=[{"pnJid": str(BOB), "lidJid": str(BOB_LID)}, {"pnJid": "x", "lidJid": str(BOB_LID)}],
        conversations=[
            chat("100003@lid", pnJid="15550100003@s.whatsapp.net"),
            chat("100004@lid", [said(0), receipt]),
            chat("15550100005@s.whatsapp.net", lidJid="100005@lid"),
            chat("100006@lid"),
            chat(CLUB, pnJid="15550100007@s.whatsapp.net"),
        ],
    )
    assert [(pn.user[-1], lid.user[-1]) for pn, lid in reading.mappings(made)] == [
        ("2", "2"),
        ("3", "3"),
        ("4", "4"),
        ("5", "5"),
    ]


def test_tokens() -> None:
    made = chunk(
        conversations=[
            chat(BOB_LID, tcToken=b"token", tcTokenTimestamp=5, tcTokenSenderTimestamp=6_000_000_000_000),
            chat(CLUB, tcToken=b"token"),
            chat(BOB),
        ]
    )
    assert reading.tokens(made) == {BOB_LID: reading.Token(b"token", 5, 6_000_000_000)}


def test_names() -> None:
    business = WebMessageInfo(
        key=MessageKey(id="S"),
        messageStubType=WebMessageInfo.BIZ_PRIVACY_MODE_TO_FB,
        messageStubParameters=["Bob's Boats"],
    )
    names = [
        {"id": str(BOB), "pushname": "Bob"},
        {"id": str(ME.pn.user_jid), "pushname": "Ann"},
        {"id": "x", "pushname": "y"},
    ]
    made = chunk(pushnames=names, conversations=[chat(BOB_LID, [business], displayName="Bob B.", username="bob")])
    (part,) = reading.parts(made, ME)
    told = [(one.jid, one.name, one.push_name, one.verified_name, one.username) for one in part.contacts]
    assert told == [
        (BOB, None, "Bob", None, None),
        (ME.pn.user_jid, None, "Ann", None, None),
        (BOB_LID, "Bob B.", None, None, "bob"),
        (BOB_LID, None, None, "Bob's Boats", None),
    ]
    assert reading.own_name(made, ME) == "Ann"


def messages(*conversations: Conversation, statuses: Iterable[WebMessageInfo] = ()) -> Messages:
    (part,) = parts(conversations=conversations, statusV3Messages=statuses)
    return Messages(part.messages, ME, None)


def test_who_sent_what() -> None:
    direct = chat(BOB_LID, [said(1), said(2, mine=True)])
    group = chat(CLUB, [said(3, by=BOB_LID), said(4, mine=True), said(5)])
    read_ = messages(direct, group, statuses=[said(6, by=BOB)])
    own, own_pn = Jid.parse("100001@lid"), Jid.parse("15550100001@s.whatsapp.net")
    assert [(one.chat, one.sender, one.from_me) for one in read_] == [
        (BOB_LID, BOB_LID, False),
        (BOB_LID, own, True),
        (CLUB, BOB_LID, False),
        (CLUB, own_pn, True),
        (CLUB, CLUB, False),
        (STATUS_JID, BOB, False),
    ]
    assert {one.message.origin for one in read_} == {Origin.HISTORY}
    assert read_[0].content == Text(text="text 1")


def test_a_sequence_of_messages() -> None:
    read_ = messages(chat(BOB_LID, (said(number) for number in range(5))))
    assert (len(read_), repr(read_)) == (5, "<5 messages>")
    assert [one.key.id for one in read_[1:3]] == ["M1", "M2"]
    assert read_[-1].key.id == "M4"
    with pytest.raises(IndexError):
        read_[5]


def test_what_a_message_cannot_say() -> None:
    joined = WebMessageInfo(key=MessageKey(id="S"), messageStubType=WebMessageInfo.GROUP_PARTICIPANT_ADD)
    deep = Message(conversation="x")
    for _ in range(20):
        deep = Message(ephemeralMessage=Message.FutureProofMessage(message=deep))
    read_ = messages(chat(CLUB, [joined, WebMessageInfo(key=MessageKey(id="D"), message=deep)]))
    assert [one.content for one in read_] == [
        UnsupportedContent("stub.GROUP_PARTICIPANT_ADD"),
        UnsupportedContent("unknown"),
    ]
    assert not read_[0].starred


def test_former_members_and_calls() -> None:
    made = chunk(
        pastParticipants=[
            {"groupJid": str(CLUB), "pastParticipants": [{"userJid": str(BOB), "leaveTs": 5, "leaveReason": 1}]},
            {"groupJid": "x", "pastParticipants": [{"userJid": str(BOB)}]},
        ],
        callLogRecords=[{"callId": "C", "callCreatorJid": str(BOB), "isVideo": True}, {"callCreatorJid": "x@y"}],
    )
    (gone,) = reading.past_members(made)
    assert (gone.group, gone.user, gone.left_at, gone.removed) == (CLUB, BOB, 5, True)
    (call,) = reading.calls(made)
    assert (call.id, call.creator, call.video) == ("C", BOB, True)
