"""The phone's history, part by part. Parts may come twice, in any order, and say different things of one chat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import select

from motte.archive.record import chats, groups, messages, people, receipts
from motte.archive.record.book import Book
from motte.archive.record.content import is_shown
from motte.archive.tables import messages as rows
from motte.errors import InvalidJid
from motte.events.history import HistoryMessage, HistoryReceived
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.proto.message_key_pb2 import MessageKey as WireKey
from motte.proto.web_message_pb2 import KeepInChat, PinInChat, WebMessageInfo

TOGETHER: Final = 500
"""Messages whose numbers are asked for at once."""
_KEPT: Final = 1
"""`KeepType.KEEP_FOR_ALL`."""


def took(book: Book, part: HistoryReceived) -> None:
    """A part of the history came."""
    for pn, lid in part.mappings:
        book.learn(pn, lid)
    for contact in part.contacts:
        people.told(book, contact)
    for chat in part.chats:
        chats.told(book, chat)
    for past in part.past_members:
        groups.was_member(book, past)
    took_messages(book, part.messages)


def took_messages(book: Book, those: Sequence[HistoryMessage]) -> None:
    """Messages of the history, the newest first: they get their numbers in the order of time."""
    cleared: dict[Jid, int] = {}
    shown, more = [], []
    for one in reversed(those):
        chat = one.key.chat
        if chat not in cleared:
            cleared[chat] = chats.at_most(book, book.peer(chat))
        if one.message.timestamp <= cleared[chat] and one.message.timestamp:
            continue
        if is_shown(one.message.content):
            shown.append(messages.row(book, one.message, one.raw.SerializeToString()))
            if one.message.push_name and not one.from_me:
                people.called(book, one.sender, one.message.push_name, one.message.timestamp)
        elif not messages.done(book, one.message, one.raw.SerializeToString()) and not _is_deletion(one.info):
            continue
        if _has_more(one.info):
            more.append(one)
    messages.put_rows(book, shown)
    reached: list[dict[str, int | None]] = []
    for one, number in _numbered(book, more):
        _more(book, one, number)
        reached += (row for receipt in one.info.userReceipt if (row := _reached(book, number, receipt)) is not None)
    receipts.reached(book, reached)


def _is_deletion(info: WebMessageInfo) -> bool:
    return info.messageStubType == WebMessageInfo.REVOKE


def _has_more(info: WebMessageInfo) -> bool:
    """Whether there is more to a message than itself."""
    added = info.userReceipt or info.reactions or info.pollUpdates
    return bool(added or info.starred or info.HasField("pinInChat") or info.HasField("keepInChat")) or _is_deletion(
        info
    )


def _numbered(book: Book, those: Sequence[HistoryMessage]) -> Iterator[tuple[HistoryMessage, int]]:
    """Messages with their numbers, asked for together; of one that is not there a row is made."""
    for start in range(0, len(those), TOGETHER):
        some, wanted = those[start : start + TOGETHER], defaultdict(list)
        for one in some:
            wanted[book.peer(one.key.chat)].append(one.key.id)
        found: dict[tuple[int, str, int], int] = {}
        for chat, ids in wanted.items():
            asked = select(rows.c.number, rows.c.id, rows.c.sender).where(rows.c.chat == chat, rows.c.id.in_(ids))
            found |= {(chat, name, sender): number for number, name, sender in book.connection.execute(asked)}
        for one in some:
            number = found.get((book.peer(one.key.chat), one.key.id, book.peer(one.key.sender)))
            yield one, number if number is not None else messages.number(book, one.key)


def _more(book: Book, one: HistoryMessage, number: int) -> None:
    info, at = one.info, one.message.timestamp
    if _is_deletion(info):
        messages.revoked(book, number, info.revokeMessageTimestamp or at)
    if info.starred:
        messages.mark(book, number, messages.STAR, 1, 0)
    if info.HasField("pinInChat"):
        _pinned(book, number, info.pinInChat)
    if info.HasField("keepInChat"):
        kept: KeepInChat = info.keepInChat
        at_ms = kept.clientTimestampMs or kept.serverTimestamp * 1000
        messages.mark(book, number, messages.KEEP, 1 if kept.keepType == _KEPT else None, at_ms)
    for reaction in info.reactions:
        if (who := _author(book, reaction.key, one.key)) is not None and isinstance(reaction.text, str):
            messages.reacted(book, number, book.peer(who), reaction.text, reaction.senderTimestampMs)
    for vote in info.pollUpdates:
        if (who := _author(book, vote.pollUpdateMessageKey, one.key)) is not None:
            chosen = tuple(vote.vote.selectedOptions)
            messages.voted(book, number, book.peer(who), chosen, vote.senderTimestampMs)


def _pinned(book: Book, number: int, pin: PinInChat) -> None:
    duration = pin.messageAddOnContextInfo.messageAddOnDurationInSecs
    until = pin.senderTimestampMs // 1000 + duration if pin.type == PinInChat.PIN_FOR_ALL else None
    messages.mark(book, number, messages.PIN, until, pin.senderTimestampMs)


def _reached(book: Book, number: int, receipt: Any) -> dict[str, int | None] | None:
    person = _jid(receipt.userJid)
    times = {
        "delivered_at": receipt.receiptTimestamp,
        "read_at": receipt.readTimestamp,
        "played_at": receipt.playedTimestamp,
    }
    known = {name: at for name, at in times.items() if at > 0}
    return receipts.row(book, number, person, **known) if person is not None and known else None


def _author(book: Book, wire: WireKey, of: MessageKey) -> Jid | None:
    """Who did something to a message: the key of what did it, as the phone sees it."""
    if wire.fromMe:
        return book.me.facing(of.chat).user_jid
    return _jid(wire.participant) or (of.chat if of.chat.is_user else None)


def _jid(text: object) -> Jid | None:
    try:
        return Jid.parse(text).user_jid if text and isinstance(text, str) else None
    except InvalidJid:
        return None
