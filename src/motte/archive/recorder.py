"""What is kept of each event: a table, and the entry in which an event waits to be written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from motte.archive.record import groups, history, messages, receipts, state
from motte.archive.record.book import Book, Known
from motte.events.appstate import AppStateChanged
from motte.events.base import Event
from motte.events.group import GroupChanged
from motte.events.history import HistoryMessage, HistoryReceived
from motte.events.message import MessageReceived, MessageSent
from motte.events.receipt import ReceiptReceived
from motte.model.group import Group
from motte.model.jid import Jid
from motte.model.me import Me


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened to the account of `me`, at `now` (unix seconds), and the addresses of whom it is about.

    `what` is an event, or a group as the server tells of it.
    """

    me: Me
    what: Event | Group
    now: int
    pairs: tuple[tuple[Jid, Jid], ...] = ()


_RECORD: Final[dict[type, Callable[[Book, Any, int], None]]] = {
    MessageReceived: lambda book, event, now: messages.took(book, event),
    MessageSent: lambda book, event, now: messages.took(book, event),
    HistoryMessage: lambda book, event, now: history.took_messages(book, [event]),
    HistoryReceived: lambda book, event, now: history.took(book, event),
    ReceiptReceived: lambda book, event, now: receipts.reported(book, event.receipt, now),
    AppStateChanged: lambda book, event, now: state.changed(book, event),
    GroupChanged: groups.changed,
    Group: lambda book, group, now: groups.whole_group(book, group),
}
RECORDED: Final = tuple(kind for kind in _RECORD if issubclass(kind, Event))
"""The events of which anything is kept."""


class Recorder:
    """Puts entries into the database. Runs in the thread that writes."""

    def __init__(self) -> None:
        self._known = Known()

    def apply(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Put some in, within the transaction of `connection`."""
        try:
            for entry in entries:
                book = Book(connection, entry.me, self._known)
                for pn, lid in entry.pairs:
                    book.learn(pn, lid)
                _RECORD[type(entry.what)](book, entry.what, entry.now)
        except BaseException:
            self._known.clear()  # what was remembered in this transaction is not there
            raise
