"""The list of chats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from motte.archive.query.accounts import Account, is_peer, maybe
from motte.archive.tables import chats, contacts, groups, peers, settings
from motte.archive.values import ArchivedChat
from motte.model.jid import STATUS_JID, Jid


def some(
    connection: Connection, account: Account, *, archived: bool | None, limit: int, offset: int
) -> list[ArchivedChat]:
    """Chats, the pinned ones first, then those in which something was said last."""
    pinned, put_away = settings.alias(), settings.alias()
    asked = (
        _chats()
        .outerjoin(pinned, (pinned.c.chat == chats.c.peer) & (pinned.c.name == "pinned"))
        .where(peers.c.account == account.id, ~chats.c.deleted, peers.c.jid != str(STATUS_JID))
        .order_by(func.coalesce(pinned.c.value, 0).desc(), chats.c.active_at.desc(), chats.c.peer)
        .limit(limit)
        .offset(offset)
    )
    if archived is not None:
        asked = asked.outerjoin(put_away, (put_away.c.chat == chats.c.peer) & (put_away.c.name == "archived"))
        asked = asked.where(put_away.c.value.is_not(None) if archived else put_away.c.value.is_(None))
    return _values(connection, connection.execute(asked).all())


def one(connection: Connection, account: Account, jid: Jid) -> ArchivedChat | None:
    """A chat by either address of its person."""
    found = connection.execute(_chats().where(is_peer(account, jid), ~chats.c.deleted)).all()
    return next(iter(_values(connection, found)), None)


def _chats() -> Select[Any]:
    saved = (groups.c.subject, contacts.c.saved_name, chats.c.name, contacts.c.verified_name, contacts.c.push_name)
    return (
        select(chats, peers.c.jid, peers.c.lid, func.coalesce(*saved).label("called"))
        .join(peers, peers.c.id == chats.c.peer)
        .outerjoin(groups, groups.c.peer == chats.c.peer)
        .outerjoin(contacts, contacts.c.peer == chats.c.peer)
    )


def _values(connection: Connection, rows: Sequence[Row[Any]]) -> list[ArchivedChat]:
    told: dict[int, dict[str, int]] = defaultdict(dict)
    asked = select(settings).where(settings.c.chat.in_([row.peer for row in rows]), settings.c.value.is_not(None))
    for setting in connection.execute(asked):
        told[setting.chat][setting.name] = setting.value
    return [_value(row, told[row.peer]) for row in rows]


def _value(row: Row[Any], told: dict[str, int]) -> ArchivedChat:
    return ArchivedChat(
        jid=Jid.parse(row.jid),
        lid=maybe(row.lid),
        name=row.called,
        unread=row.unread,
        marked_unread="marked_unread" in told,
        archived="archived" in told,
        pinned_at=told.get("pinned"),
        muted_until=told.get("muted"),
        locked="locked" in told,
        timer=told.get("timer"),
        active_at=row.active_at,
    )
