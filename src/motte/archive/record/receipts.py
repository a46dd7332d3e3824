"""Who has received, read and played a message, and when first."""

from __future__ import annotations

from typing import Final

from sqlalchemy import case, func, select

from motte.archive.record.book import Book, clean, whole
from motte.archive.record.chats import was_read
from motte.archive.record.messages import number
from motte.archive.tables import messages, receipts
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.receipt import Receipt, ReceiptKind

_COLUMNS: Final = {
    ReceiptKind.DELIVERED: "delivered_at",
    ReceiptKind.INACTIVE: "delivered_at",
    ReceiptKind.READ: "read_at",
    ReceiptKind.PLAYED: "played_at",
}
_TIMES: Final = ("delivered_at", "read_at", "played_at")
_READ: Final = (ReceiptKind.READ, ReceiptKind.READ_SELF)


def reported(book: Book, receipt: Receipt, now: int) -> None:
    """Somebody, or an own device, reports."""
    at = receipt.timestamp or now
    if receipt.by_me:
        if receipt.kind in _READ:
            _read_elsewhere(book, receipt)
        return
    column = _COLUMNS.get(receipt.kind)
    if column is None or receipt.chat.is_status:
        return
    me = book.me.facing(receipt.chat).user_jid
    keys = (MessageKey(chat=receipt.chat, id=one, sender=me, from_me=True) for one in receipt.ids)
    reached(book, [row(book, number(book, key), receipt.sender, **{column: at}) for key in keys])


def row(book: Book, message: int, person: Jid, **at: int) -> dict[str, int | None]:
    """The row that says when a message reached somebody (`delivered_at`, `read_at`, `played_at`)."""
    told = {name: whole(at.get(name)) or None for name in _TIMES}
    return {"message": message, "person": book.peer(person), **told}


def reached(book: Book, rows: list[dict[str, int | None]]) -> None:
    """Messages reached people; earlier times that are known stay."""
    new, old = book.excluded(receipts), receipts.c
    change = {
        name: case((old[name] <= new[name], old[name]), else_=func.coalesce(new[name], old[name])) for name in _TIMES
    }
    book.put(receipts, rows, **change)


def _read_elsewhere(book: Book, receipt: Receipt) -> None:
    chat = book.peer(receipt.chat)
    ids = [clean(one) for one in receipt.ids]
    newest = select(func.max(messages.c.timestamp)).where(messages.c.chat == chat, messages.c.id.in_(ids))
    until = book.connection.execute(newest).scalar()
    if until is not None:
        was_read(book, chat, until)
