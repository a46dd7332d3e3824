"""Messages, and what is done to them.

A message is kept once: what comes again with the same name changes nothing. What is done to it finds its row, or makes
one that waits for it. Of two edits, reactions, votes or marks the one counts that was made last, in whatever order they
come; a deletion is for good, and takes the content with it.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Executable, bindparam, case, select, update

from motte.archive.record.book import Book, clean, whole
from motte.archive.record.chats import at_most, put_setting, touch
from motte.archive.record.content import edited_raw, is_shown, searchable
from motte.archive.record.people import called
from motte.archive.tables import chats, marks, messages, reactions, votes
from motte.events.message import MessageReceived, MessageSent
from motte.model.content import (
    DisappearingTimer,
    Edit,
    Keep,
    Pin,
    PollVote,
    Reaction,
    Revoke,
    Unpin,
)
from motte.model.key import MessageKey
from motte.model.message import Message, Origin

STAR: Final = "star"
PIN: Final = "pin"
KEEP: Final = "keep"
_NAMED: Final = select(messages.c.number, messages.c.kind).where(
    messages.c.chat == bindparam("chat"), messages.c.id == bindparam("id"), messages.c.sender == bindparam("sender")
)
_ONE_MORE: Final = update(chats).where(chats.c.peer == bindparam("chat")).values(unread=chats.c.unread + 1)


def took(book: Book, event: MessageReceived | MessageSent) -> None:
    """A message came, or went out."""
    message = event.message
    if message.sender_alt is not None:
        pn, lid = sorted((message.key.sender, message.sender_alt), key=lambda jid: jid.is_lid)
        book.learn(pn, lid)
    if message.push_name and not message.key.from_me:
        called(book, message.key.sender, message.push_name, message.timestamp)
    if not done(book, message, event.raw.SerializeToString()) and is_shown(message.content):
        _said(book, message, event.raw.SerializeToString())


def done(book: Book, message: Message, raw: bytes) -> bool:
    """Do what a message does to another one, or sets; whether it is of that sort."""
    key, content, at = message.key, message.content, message.timestamp
    match content:
        case Reaction(target=target, emoji=emoji, timestamp_ms=at_ms):
            reacted(book, number(book, target), book.peer(key.sender), emoji, at_ms or at * 1000)
        case PollVote(poll=poll, timestamp_ms=at_ms):
            voted(book, number(book, poll), book.peer(key.sender), content.chosen, at_ms or at * 1000)
        case Edit():
            _edited(book, message, content, raw)
        case Revoke(target=target):
            revoked(book, number(book, target), at, by=book.peer(key.sender))
        case Pin(target=target, duration=duration, timestamp_ms=at_ms):
            mark(book, number(book, target), PIN, at + duration, at_ms or at * 1000)
        case Unpin(target=target, timestamp_ms=at_ms):
            mark(book, number(book, target), PIN, None, at_ms or at * 1000)
        case Keep(target=target, keep=kept, timestamp_ms=at_ms):
            mark(book, number(book, target), KEEP, 1 if kept else None, at_ms or at * 1000)
        case DisappearingTimer(seconds=seconds):
            put_setting(book, book.peer(key.chat), "timer", seconds or None, at)
        case _:
            return False
    return True


def row(book: Book, message: Message, raw: bytes) -> dict[str, Any]:
    """The row of a message."""
    key, content = message.key, message.content
    return {
        "chat": book.peer(key.chat),
        "id": clean(key.id),
        "sender": book.peer(key.sender),
        "from_me": key.from_me,
        "timestamp": whole(message.timestamp),
        "kind": type(content).__name__,
        "text": clean(searchable(content)),
        "raw": raw,
        "origin": message.origin.value,
        "push_name": clean(message.push_name),
    }


def put_rows(book: Book, rows: list[dict[str, Any]]) -> None:
    """Put messages, each once. One that was deleted stays deleted, one that was edited keeps its newer text."""
    if rows:
        book.connection.execute(book.statement(_kept), rows)


def _kept(book: Book) -> Executable:
    insert = book.insert(messages)
    new, gone = insert.excluded, messages.c.revoked_at.is_not(None) | messages.c.hidden
    change: dict[str, Any] = {name: new[name] for name in ("timestamp", "from_me", "kind", "origin", "push_name")}
    change["raw"] = case((gone, None), else_=new.raw)
    change["text"] = case((gone, None), (messages.c.edited_at.is_not(None), messages.c.text), else_=new.text)
    key = ["chat", "id", "sender"]
    return insert.on_conflict_do_update(index_elements=key, set_=change, where=messages.c.kind.is_(None))


def number(book: Book, key: MessageKey) -> int:
    """The number of a message; when it is not there yet, of a row that waits for it."""
    chat, sender = book.peer(key.chat), book.peer(key.sender)
    found = find(book, chat, key.id, sender)
    if found is not None:
        return found[0]
    waiting = {"chat": chat, "id": clean(key.id), "sender": sender, "from_me": key.from_me}
    book.connection.execute(book.insert(messages).values(waiting).on_conflict_do_nothing())
    made = find(book, chat, key.id, sender)
    assert made is not None
    return made[0]


def find(book: Book, chat: int, message_id: str, sender: int) -> tuple[int, bool] | None:
    """The number of a message, and whether the message itself is there."""
    found = book.connection.execute(_NAMED, {"chat": chat, "id": clean(message_id), "sender": sender}).first()
    return None if found is None else (found[0], found[1] is not None)


def reacted(book: Book, message: int, person: int, emoji: str, at_ms: int) -> None:
    """Somebody reacted; an empty emoji stays too, so that an older one that comes late is known to be older."""
    values = {"message": message, "person": person, "emoji": clean(emoji) or "", "at_ms": whole(at_ms)}
    book.put(reactions, values, when=book.newer(reactions, "at_ms"))


def voted(book: Book, message: int, person: int, chosen: tuple[bytes, ...], at_ms: int) -> None:
    """Somebody voted."""
    values = {"message": message, "person": person, "chosen": b"".join(chosen), "at_ms": whole(at_ms)}
    book.put(votes, values, when=book.newer(votes, "at_ms"))


def mark(book: Book, message: int, name: str, value: int | None, at_ms: int) -> None:
    """A star, a pin or the like was put on a message (None: taken off)."""
    values = {"message": message, "name": name, "value": value, "set_at": whole(at_ms)}
    book.put(marks, values, when=book.newer(marks, "set_at"))


def revoked(book: Book, message: int, at: int, *, by: int | None = None) -> None:
    """A message was deleted for everybody."""
    values = {"revoked_at": whole(at), "revoked_by": by, "raw": None, "text": None, "edited": None}
    book.connection.execute(
        update(messages).where(messages.c.number == message, messages.c.revoked_at.is_(None)).values(values)
    )


def hide(book: Book, message: int) -> None:
    """A message was deleted on the account's devices alone."""
    values = {"hidden": True, "raw": None, "text": None, "edited": None}
    book.connection.execute(update(messages).where(messages.c.number == message).values(values))


def _said(book: Book, message: Message, raw: bytes) -> None:
    values = row(book, message, raw)
    known = find(book, values["chat"], message.key.id, values["sender"])
    if (known is not None and known[1]) or values["timestamp"] <= at_most(book, values["chat"]):
        return
    put_rows(book, [values])
    touch(book, values["chat"], values["timestamp"])
    if not message.key.from_me and message.origin is not Origin.HISTORY:
        book.connection.execute(_ONE_MORE, {"chat": values["chat"]})


def _edited(book: Book, message: Message, edit: Edit, raw: bytes) -> None:
    at_ms = whole(edit.timestamp_ms or message.timestamp * 1000)
    values = {
        "edited": edited_raw(edit.content, raw, message.key, book.me),
        "edited_at": at_ms,
        "text": clean(searchable(edit.content)),
    }
    is_newer = messages.c.edited_at.is_(None) | (messages.c.edited_at < at_ms)
    stays = messages.c.revoked_at.is_(None) & ~messages.c.hidden
    target = number(book, edit.target)
    book.connection.execute(update(messages).where(messages.c.number == target, is_newer, stays).values(values))
