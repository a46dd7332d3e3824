"""Two rows of `peers` turn out to be one person: everything that names the one is to name the other.

Where both have something of which there can be one alone, what is newer stays, and of a message each row may know what
the other does not: the one its text, the other that it was deleted.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, Table, delete, exists, select, update

from motte.archive.tables import (
    chats,
    contacts,
    groups,
    marks,
    members,
    messages,
    peers,
    reactions,
    receipts,
    settings,
    votes,
)

_OF_PEERS: Final = (
    (settings, "chat", ("name",), "set_at"),
    (groups, "peer", (), None),
    (members, "person", ("group",), None),
    (reactions, "person", ("message",), "at_ms"),
    (votes, "person", ("message",), "at_ms"),
    (receipts, "person", ("message",), None),
)
"""Columns that name a peer; the columns that make its row unique with it; what says which row is newer."""
_OF_MESSAGES: Final = (
    (marks, "message", ("name",), "set_at"),
    (reactions, "message", ("person",), "at_ms"),
    (votes, "message", ("person",), "at_ms"),
    (receipts, "message", ("person",), None),
)
"""The same of messages."""
_CONTENT: Final = ("timestamp", "from_me", "kind", "text", "raw", "origin", "push_name")


def join(connection: Connection, old: int, new: int) -> None:
    """Let everything that names the peer `old` name `new`, and forget `old`."""
    for table, column, others, rank in _OF_PEERS:
        _move(connection, table, column, old, new, others, rank)
    _chats(connection, old, new)
    _contacts(connection, old, new)
    _messages(connection, "chat", old, new, ("id", "sender"))
    _messages(connection, "sender", old, new, ("chat", "id"))
    connection.execute(update(messages).where(messages.c.revoked_by == old).values(revoked_by=new))
    connection.execute(delete(peers).where(peers.c.id == old))


def _move(
    connection: Connection, table: Table, column: str, old: int, new: int, others: tuple[str, ...], rank: str | None
) -> None:
    there = table.alias()
    same = [there.c[name] == table.c[name] for name in others]
    if rank is not None:
        outdone = exists().where(there.c[column] == old, *same, there.c[rank] > table.c[rank])
        connection.execute(delete(table).where(table.c[column] == new, outdone))
    taken = exists().where(there.c[column] == new, *same)
    connection.execute(delete(table).where(table.c[column] == old, taken))
    connection.execute(update(table).where(table.c[column] == old).values({column: new}))


def _chats(connection: Connection, old: int, new: int) -> None:
    gone, kept = _both(connection, chats, old, new)
    if gone is not None and kept is not None:
        values = {
            "name": kept.name or gone.name,
            "unread": kept.unread + gone.unread,
            "active_at": max(kept.active_at, gone.active_at),
            "cleared_until": max(kept.cleared_until, gone.cleared_until),
            "deleted": kept.deleted and gone.deleted,
        }
        connection.execute(update(chats).where(chats.c.peer == new).values(values))
    _move(connection, chats, "peer", old, new, (), None)


def _contacts(connection: Connection, old: int, new: int) -> None:
    gone, kept = _both(connection, contacts, old, new)
    if gone is not None and kept is not None:
        saved = gone if gone.saved_at > kept.saved_at else kept
        named = gone if gone.named_at > kept.named_at else kept
        values = {
            "saved_name": saved.saved_name,
            "first_name": saved.first_name,
            "saved_at": saved.saved_at,
            "push_name": named.push_name or gone.push_name or kept.push_name,
            "named_at": named.named_at,
            "verified_name": kept.verified_name or gone.verified_name,
            "username": kept.username or gone.username,
        }
        connection.execute(update(contacts).where(contacts.c.peer == new).values(values))
    _move(connection, contacts, "peer", old, new, (), None)


def _both(connection: Connection, table: Table, old: int, new: int) -> tuple[Row[Any] | None, Row[Any] | None]:
    rows = {row.peer: row for row in connection.execute(select(table).where(table.c.peer.in_((old, new))))}
    return rows.get(old), rows.get(new)


def _messages(connection: Connection, column: str, old: int, new: int, others: tuple[str, ...]) -> None:
    there = messages.alias()
    same = [there.c[name] == messages.c[name] for name in others]
    twice = select(messages.c.number, there.c.number).where(messages.c[column] == old, there.c[column] == new, *same)
    for gone, kept in connection.execute(twice).all():
        _one_message(connection, gone, kept)
    connection.execute(update(messages).where(messages.c[column] == old).values({column: new}))


def _one_message(connection: Connection, old: int, new: int) -> None:
    """The row `new` of a message takes over what `old`, another row of it, knows better."""
    rows = connection.execute(select(messages).where(messages.c.number.in_((old, new)))).all()
    gone, kept = sorted(rows, key=lambda row: row.number == new)
    values: dict[str, Any] = {}
    if kept.kind is None:
        values |= {name: getattr(gone, name) for name in _CONTENT}
    if (gone.edited_at or 0) > (kept.edited_at or 0):
        values |= {"edited": gone.edited, "edited_at": gone.edited_at, "text": gone.text}
    elif kept.edited_at is not None:
        values.pop("text", None)
    if kept.revoked_at is None and gone.revoked_at is not None:
        values |= {"revoked_at": gone.revoked_at, "revoked_by": gone.revoked_by}
    if kept.hidden or gone.hidden or kept.revoked_at or gone.revoked_at:
        values |= {"hidden": kept.hidden or gone.hidden, "raw": None, "text": None, "edited": None}
    if values:
        connection.execute(update(messages).where(messages.c.number == new).values(values))
    for table, column, others, rank in _OF_MESSAGES:
        _move(connection, table, column, old, new, others, rank)
    connection.execute(delete(messages).where(messages.c.number == old))
