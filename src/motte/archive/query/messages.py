"""Messages: page by page, one by its key, by words in it; and what others did to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, literal_column, select, text, tuple_

from motte.archive.query.accounts import Account, maybe, peer
from motte.archive.record.content import read
from motte.archive.record.messages import KEEP, PIN, STAR
from motte.archive.tables import marks, messages, peers, reactions, receipts, votes
from motte.archive.values import ArchivedMessage, ArchivedPoll, ArchivedReaction, ArchivedReceipt
from motte.model.content import Poll, PollVote
from motte.model.content.poll import tally
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.message import Origin

HASH_SIZE: Final = 32
INDEXED: Final = 3
"""The shortest text that the index knows; shorter ones are looked for in every message."""
_HAS_INDEX: Final = text("SELECT 1 FROM sqlite_master WHERE name = 'messages_text'")
_chats, _senders, _deleters = peers.alias("chat_peers"), peers.alias("sender_peers"), peers.alias("deleter_peers")


def page(
    connection: Connection,
    account: Account,
    chat: Jid,
    *,
    before: ArchivedMessage | int | None,
    limit: int,
    starred: bool,
) -> list[ArchivedMessage]:
    """Messages of a chat, the newest first: those older than `before`, which is a message or a time."""
    number = peer(connection, account, chat)
    if number is None:
        return []
    asked = _shown(account).where(messages.c.chat == number)
    if starred:
        star = exists().where(marks.c.message == messages.c.number, marks.c.name == STAR, marks.c.value.is_not(None))
        asked = asked.where(star)
    return _ordered(connection, account, asked, before, limit)


def one(connection: Connection, account: Account, key: MessageKey) -> ArchivedMessage | None:
    """A message by its key, whichever addresses that uses."""
    number = _number(connection, account, key)
    if number is None:
        return None
    found = connection.execute(_shown(account).where(messages.c.number == number)).all()
    return next(iter(_values(connection, account, found)), None)


def search(
    connection: Connection,
    account: Account,
    words: str,
    *,
    chat: Jid | None,
    before: ArchivedMessage | int | None,
    limit: int,
) -> list[ArchivedMessage]:
    """Messages that contain a text, in whatever case, the newest first."""
    asked = _shown(account).where(_contains(connection, words.replace("\0", "")))
    if chat is not None:
        asked = asked.where(messages.c.chat == peer(connection, account, chat))
    return _ordered(connection, account, asked, before, limit)


def receipts_of(connection: Connection, account: Account, key: MessageKey) -> list[ArchivedReceipt]:
    """Who has a message, in the order in which it reached them."""
    asked = (
        select(peers.c.jid, receipts)
        .join(peers, peers.c.id == receipts.c.person)
        .where(receipts.c.message == _number(connection, account, key))
    )
    found = [
        ArchivedReceipt(
            person=Jid.parse(row.jid), delivered_at=row.delivered_at, read_at=row.read_at, played_at=row.played_at
        )
        for row in connection.execute(asked)
    ]
    return sorted(found, key=lambda one: min(at for at in (one.delivered_at, one.read_at, one.played_at) if at))


def reactions_of(connection: Connection, account: Account, key: MessageKey) -> list[ArchivedReaction]:
    """Who reacted how, the oldest first."""
    asked = (
        select(peers.c.jid, reactions.c.emoji, reactions.c.at_ms)
        .join(peers, peers.c.id == reactions.c.person)
        .where(reactions.c.message == _number(connection, account, key), reactions.c.emoji != "")
        .order_by(reactions.c.at_ms, reactions.c.person)
    )
    rows = connection.execute(asked)
    return [ArchivedReaction(person=Jid.parse(jid), emoji=emoji, at_ms=at_ms) for jid, emoji, at_ms in rows]


def poll(connection: Connection, account: Account, key: MessageKey) -> ArchivedPoll | None:
    """A poll with its votes; None when there is no such poll, or it was deleted."""
    message = one(connection, account, key)
    if message is None or not isinstance(message.content, Poll):
        return None
    asked = (
        select(peers.c.jid, votes.c.chosen, votes.c.at_ms)
        .join(peers, peers.c.id == votes.c.person)
        .where(votes.c.message == message.number)
        .order_by(votes.c.at_ms, votes.c.person)
    )
    cast = {
        Jid.parse(jid): PollVote(
            poll=message.key,
            hashes=tuple(chosen[start : start + HASH_SIZE] for start in range(0, len(chosen), HASH_SIZE)),
            timestamp_ms=at_ms,
        )
        for jid, chosen, at_ms in connection.execute(asked)
    }
    return ArchivedPoll(poll=message.content, results=tally(message.content, cast))


def _contains(connection: Connection, words: str) -> ColumnElement[bool]:
    has_index = connection.dialect.name == "sqlite" and len(words) >= INDEXED
    if has_index and connection.execute(_HAS_INDEX).scalar():
        quoted = '"' + words.replace('"', '""') + '"'
        found: Select[Any] = select(literal_column("rowid")).select_from(text("messages_text"))
        return messages.c.number.in_(found.where(text("messages_text MATCH :words").bindparams(words=quoted)))
    return messages.c.text.icontains(words, autoescape=True)


def _number(connection: Connection, account: Account, key: MessageKey) -> int | None:
    chat, sender = peer(connection, account, key.chat), peer(connection, account, key.sender)
    asked = select(messages.c.number).where(
        messages.c.chat == chat, messages.c.id == key.id, messages.c.sender == sender
    )
    number: int | None = connection.execute(asked).scalar()
    return number


def _shown(account: Account) -> Select[Any]:
    """The messages of an account that are there: not those that are awaited, nor those deleted for the account."""
    return (
        select(
            messages,
            _chats.c.jid.label("chat_jid"),
            _senders.c.jid.label("sender_jid"),
            _deleters.c.jid.label("deleter_jid"),
        )
        .join(_chats, _chats.c.id == messages.c.chat)
        .join(_senders, _senders.c.id == messages.c.sender)
        .outerjoin(_deleters, _deleters.c.id == messages.c.revoked_by)
        .where(_chats.c.account == account.id, messages.c.kind.is_not(None), ~messages.c.hidden)
    )


def _ordered(
    connection: Connection, account: Account, asked: Select[Any], before: ArchivedMessage | int | None, limit: int
) -> list[ArchivedMessage]:
    if isinstance(before, ArchivedMessage):
        place = tuple_(messages.c.timestamp, messages.c.number)
        asked = asked.where(place < tuple_(before.timestamp, before.number))
    elif before is not None:
        asked = asked.where(messages.c.timestamp < before)
    asked = asked.order_by(messages.c.timestamp.desc(), messages.c.number.desc()).limit(limit)
    return _values(connection, account, connection.execute(asked).all())


def _values(connection: Connection, account: Account, rows: Sequence[Row[Any]]) -> list[ArchivedMessage]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    numbers = [row.number for row in rows]
    if numbers:
        wanted = select(marks).where(marks.c.message.in_(numbers), marks.c.value.is_not(None))
        for mark in connection.execute(wanted):
            found[mark.message][mark.name] = mark.value
    return [_value(account, row, found[row.number]) for row in rows]


def _value(account: Account, row: Row[Any], marked: dict[str, int]) -> ArchivedMessage:
    key = MessageKey(chat=Jid.parse(row.chat_jid), id=row.id, sender=Jid.parse(row.sender_jid), from_me=row.from_me)
    kept: bytes | None = row.edited or row.raw
    gone = row.revoked_at is not None or kept is None
    return ArchivedMessage(
        key=key,
        timestamp=row.timestamp,
        content=None if gone or kept is None else read(bytes(kept), key, account.me),
        origin=Origin(row.origin),
        push_name=row.push_name,
        edited_at=row.edited_at // 1000 if row.edited_at is not None else None,
        revoked_at=row.revoked_at,
        revoked_by=maybe(row.deleter_jid),
        starred=STAR in marked,
        kept=KEEP in marked,
        pinned_until=marked.get(PIN),
        raw=bytes(row.raw) if row.raw is not None else None,
        number=row.number,
    )
