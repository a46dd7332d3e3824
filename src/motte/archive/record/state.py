"""What the account's devices keep in common, as far as it is about chats, messages and people."""

from __future__ import annotations

from motte.archive.record import chats, people
from motte.archive.record.book import Book
from motte.archive.record.messages import STAR, hide, mark, number
from motte.errors import InvalidJid
from motte.events.appstate import AppStateChanged
from motte.model.appstate import (
    Archive,
    ClearChat,
    ContactEntry,
    ContactRemoved,
    DeleteChat,
    DeleteForMe,
    LidContact,
    LockChat,
    MarkRead,
    Mute,
    Pin,
    PnForLid,
    Removed,
    Star,
)
from motte.model.jid import Jid


def changed(book: Book, event: AppStateChanged) -> None:
    """An entry was set."""
    at = event.timestamp
    match event.action:
        case Mute(chat=chat, until=until):
            chats.put_setting(book, book.peer(chat), "muted", until, at)
        case Pin(chat=chat, pinned=pinned):
            chats.put_setting(book, book.peer(chat), "pinned", at if pinned else None, at)
        case Archive(chat=chat, archived=archived):
            chats.put_setting(book, book.peer(chat), "archived", 1 if archived else None, at)
        case LockChat(chat=chat, locked=locked):
            chats.put_setting(book, book.peer(chat), "locked", 1 if locked else None, at)
        case MarkRead(chat=chat, read=read, range=known):
            chats.put_setting(book, book.peer(chat), "marked_unread", None if read else 1, at)
            if read:
                chats.was_read(book, book.peer(chat), known.last if known else None)
        case ClearChat(chat=chat, delete_starred=starred_too, range=known):
            until = (known.last if known else None) or at
            chats.cleared(book, book.peer(chat), until, starred_too=starred_too)
        case DeleteChat(chat=chat, range=known):
            chats.cleared(book, book.peer(chat), (known.last if known else None) or at, deleted=True)
        case Star(message=message, starred=starred):
            mark(book, number(book, message.key(book.me)), STAR, 1 if starred else None, at * 1000)
        case DeleteForMe(message=message):
            hide(book, number(book, message.key(book.me)))
        case ContactEntry() | LidContact() as entry:
            people.saved(book, entry, at)
        case ContactRemoved(user=user):
            people.removed(book, user, at)
        case Removed(index=("lid_contact", user)):
            _removed(book, user, at)
        case PnForLid(lid=lid, pn=pn) if pn is not None:
            book.learn(pn, lid)


def _removed(book: Book, user: str, at: int) -> None:
    try:
        people.removed(book, Jid.parse(user), at)
    except InvalidJid:
        return
