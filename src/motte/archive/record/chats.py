"""Chats, and what is set for them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Executable, bindparam, case, delete, exists, func, select, update

from motte.archive.record.book import Book, clean, whole
from motte.archive.tables import chats, marks, messages, settings
from motte.model.history import HistoryChat

_CLEARED: Final = select(chats.c.cleared_until).where(chats.c.peer == bindparam("chat"))


def touch(book: Book, chat: int, at: int) -> None:
    """Something was said in a chat."""
    book.connection.execute(book.statement(_touched), {"peer": chat, "active_at": whole(at)})


def put_setting(book: Book, chat: int, name: str, value: int | None, at: int) -> None:
    """Something was set for a chat; what was set later stays."""
    values = {"chat": chat, "name": name, "value": value, "set_at": whole(at)}
    book.put(settings, values, when=book.newer(settings, "set_at"))


def at_most(book: Book, chat: int) -> int:
    """Up to when the messages of a chat were cleared; 0 for never."""
    return book.connection.execute(_CLEARED, {"chat": chat}).scalar() or 0


def was_read(book: Book, chat: int, until: int | None = None) -> None:
    """A chat was read, all of it or up to a time."""
    left = 0
    if until is not None:
        later = (messages.c.timestamp > whole(until)) & ~messages.c.from_me & messages.c.kind.is_not(None)
        counted = select(func.count()).select_from(messages).where(messages.c.chat == chat, later)
        left = book.connection.execute(counted).scalar_one()
    change = update(chats).where(chats.c.peer == chat, chats.c.unread > left).values(unread=left)
    book.connection.execute(change)


def cleared(book: Book, chat: int, until: int, *, starred_too: bool = True, deleted: bool = False) -> None:
    """The messages of a chat up to a time are gone, and with `deleted` the chat, unless newer ones came."""
    until = whole(until)
    gone = delete(messages).where(messages.c.chat == chat, messages.c.timestamp <= until)
    if not starred_too:
        star = exists().where(marks.c.message == messages.c.number, marks.c.name == "star", marks.c.value.is_not(None))
        gone = gone.where(~star)
    book.connection.execute(gone)
    latest = case((chats.c.cleared_until > until, chats.c.cleared_until), else_=until)
    book.put(chats, {"peer": chat, "cleared_until": until}, cleared_until=latest)
    was_read(book, chat, until)
    if deleted:
        is_old = chats.c.active_at <= until
        book.connection.execute(update(chats).where(chats.c.peer == chat, is_old).values(deleted=True))


def told(book: Book, chat: HistoryChat) -> None:
    """What the history says of a chat. What is known to be newer stays."""
    if chat.pn is not None and chat.lid is not None:
        book.learn(chat.pn, chat.lid)
    peer, new = book.peer(chat.jid), book.excluded(chats)
    values = {"peer": peer, "name": clean(chat.name), "unread": chat.unread, "active_at": whole(chat.active_at)}
    is_newer = new.active_at > chats.c.active_at
    book.put(
        chats,
        values,
        name=func.coalesce(new.name, chats.c.name),
        unread=case((is_newer & (new.active_at > chats.c.cleared_until), new.unread), else_=chats.c.unread),
        active_at=_latest(book),
        deleted=chats.c.deleted & (new.active_at <= chats.c.cleared_until),
    )
    pinned = {"pinned": whole(chat.pinned_at)} if chat.pinned_at else {}
    told = {
        "archived": 1 if chat.archived else None,
        "muted": chat.muted_until,
        "locked": 1 if chat.locked else None,
        "marked_unread": 1 if chat.marked_unread else None,
        **pinned,
    }
    for name, value in told.items():
        put_setting(book, peer, name, value, 0)
    if chat.timer is not None:
        put_setting(book, peer, "timer", chat.timer, chat.timer_set_at)


def _touched(book: Book) -> Executable:
    change = {"active_at": _latest(book), "deleted": False}
    return book.insert(chats).on_conflict_do_update(index_elements=["peer"], set_=change)


def _latest(book: Book) -> object:
    new = book.excluded(chats).active_at
    return case((new > chats.c.active_at, new), else_=chats.c.active_at)
