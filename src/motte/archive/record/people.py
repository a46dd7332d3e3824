"""What people are called.

Names that people give themselves come with their messages, the newest counts. Names in the account's address book come
with its state, or with the history, which counts only as long as the state has said nothing.
"""

from __future__ import annotations

from sqlalchemy import case, func

from motte.archive.record.book import Book, clean, whole
from motte.archive.tables import contacts
from motte.model.appstate import ContactEntry, LidContact
from motte.model.history import HistoryContact
from motte.model.jid import Jid


def called(book: Book, user: Jid, push_name: str, at: int) -> None:
    """Somebody calls themselves so."""
    peer, name = book.peer(user), clean(push_name)
    if name and book.named(peer, name):
        values = {"peer": peer, "push_name": name, "named_at": whole(at)}
        book.put(contacts, values, when=book.newer(contacts, "named_at"))


def saved(book: Book, entry: ContactEntry | LidContact, at: int) -> None:
    """Somebody is in the address book."""
    pn, lid = (entry.pn, entry.lid) if isinstance(entry, ContactEntry) else (None, None)
    pn, lid = pn or (entry.user if entry.user.is_pn else None), lid or (entry.user if entry.user.is_lid else None)
    if pn is not None and lid is not None:
        book.learn(pn, lid)
    values = {
        "peer": book.peer(entry.user),
        "saved_name": clean(entry.full_name) or clean(entry.first_name),
        "first_name": clean(entry.first_name),
        "username": clean(entry.username),
        "saved_at": whole(at),
    }
    book.put(contacts, values, when=book.newer(contacts, "saved_at"))


def removed(book: Book, user: Jid, at: int) -> None:
    """Somebody is not in the address book any more."""
    values = {"peer": book.peer(user), "saved_name": None, "first_name": None, "saved_at": whole(at)}
    book.put(contacts, values, when=book.newer(contacts, "saved_at"))


def told(book: Book, contact: HistoryContact) -> None:
    """What the history says of somebody; it fills what is not known."""
    new, old = book.excluded(contacts), contacts.c
    values = {
        "peer": book.peer(contact.jid),
        "saved_name": clean(contact.name),
        "push_name": clean(contact.push_name),
        "verified_name": clean(contact.verified_name),
        "username": clean(contact.username),
    }
    change = {
        "saved_name": case((old.saved_at == 0, func.coalesce(new.saved_name, old.saved_name)), else_=old.saved_name),
        "push_name": case((old.named_at == 0, func.coalesce(new.push_name, old.push_name)), else_=old.push_name),
        "verified_name": func.coalesce(new.verified_name, old.verified_name),
        "username": func.coalesce(old.username, new.username),
    }
    book.put(contacts, values, **change)
