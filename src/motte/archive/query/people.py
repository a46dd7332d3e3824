"""Contacts and groups."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from motte.archive.query.accounts import Account, is_peer, maybe
from motte.archive.tables import contacts, groups, members, peers
from motte.archive.values import ArchivedContact, ArchivedGroup, ArchivedMember
from motte.model.group import GroupRole
from motte.model.jid import Jid

_NAMES = (contacts.c.saved_name, contacts.c.verified_name, contacts.c.push_name, contacts.c.username)


def some_contacts(
    connection: Connection, account: Account, query: str | None, *, saved: bool, limit: int, offset: int
) -> list[ArchivedContact]:
    """People by name; those whose names or numbers contain the text."""
    name = func.lower(func.coalesce(*_NAMES, peers.c.jid))
    asked = _contacts().where(peers.c.account == account.id).order_by(name, peers.c.id).limit(limit).offset(offset)
    if saved:
        asked = asked.where(contacts.c.saved_name.is_not(None))
    if query:
        texts = (*_NAMES, contacts.c.first_name, peers.c.jid)
        asked = asked.where(or_(*(column.icontains(query, autoescape=True) for column in texts)))
    return [_contact(row) for row in connection.execute(asked)]


def one_contact(connection: Connection, account: Account, jid: Jid) -> ArchivedContact | None:
    """A person by either address."""
    row = connection.execute(_contacts().where(is_peer(account, jid))).first()
    return None if row is None else _contact(row)


def all_groups(connection: Connection, account: Account) -> list[ArchivedGroup]:
    """Every group, by name."""
    asked = _groups().where(peers.c.account == account.id).order_by(func.lower(groups.c.subject), peers.c.id)
    return [_group(connection, row) for row in connection.execute(asked).all()]


def one_group(connection: Connection, account: Account, jid: Jid) -> ArchivedGroup | None:
    """A group."""
    row = connection.execute(_groups().where(is_peer(account, jid))).first()
    return None if row is None else _group(connection, row)


def _contacts() -> Select[Any]:
    return select(contacts, peers.c.jid, peers.c.lid).join(peers, peers.c.id == contacts.c.peer)


def _groups() -> Select[Any]:
    return select(groups, peers.c.jid).join(peers, peers.c.id == groups.c.peer)


def _contact(row: Row[Any]) -> ArchivedContact:
    return ArchivedContact(
        jid=Jid.parse(row.jid),
        lid=maybe(row.lid),
        saved_name=row.saved_name,
        first_name=row.first_name,
        push_name=row.push_name,
        verified_name=row.verified_name,
        username=row.username,
    )


def _group(connection: Connection, row: Row[Any]) -> ArchivedGroup:
    asked = (
        select(members.c.role, members.c.left_at, peers.c.jid, peers.c.lid)
        .join(peers, peers.c.id == members.c.person)
        .where(members.c.group == row.peer)
        .order_by(peers.c.jid)
    )
    people = [
        ArchivedMember(jid=Jid.parse(jid), lid=maybe(lid), role=GroupRole(role), left_at=left_at)
        for role, left_at, jid, lid in connection.execute(asked)
    ]
    return ArchivedGroup(
        jid=Jid.parse(row.jid),
        subject=row.subject,
        description=row.description,
        creator=maybe(row.creator),
        created_at=row.created_at,
        announcement=row.announcement,
        locked=row.locked,
        timer=row.timer,
        community=maybe(row.community),
        gone=row.gone,
        members=tuple(one for one in people if one.left_at is None),
        past_members=tuple(one for one in people if one.left_at is not None),
    )
