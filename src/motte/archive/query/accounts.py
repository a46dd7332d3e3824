"""Whose archive it is, and who is who in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from motte.archive.tables import accounts, peers
from motte.errors import LocalProtocolError
from motte.model.jid import Jid
from motte.model.me import Me


@dataclass(frozen=True, slots=True)
class Account:
    """An account in the archive."""

    id: int
    me: Me


def account(connection: Connection, jid: Jid | None) -> Account | None:
    """The account with this phone number, or the only one there is; None when there is none.

    Raises:
        LocalProtocolError: there are several, and none was named.
    """
    asked = (
        select(accounts.c.id, peers.c.jid, peers.c.lid)
        .outerjoin(peers, (peers.c.account == accounts.c.id) & (peers.c.jid == accounts.c.jid))
        .add_columns(accounts.c.jid.label("own"))
    )
    if jid is not None:
        asked = asked.where((accounts.c.jid == str(jid.user_jid)) | (peers.c.lid == str(jid.user_jid)))
    found = connection.execute(asked.limit(2)).all()
    if not found:
        return None
    if len(found) > 1:
        raise LocalProtocolError("the archive holds several accounts; say which one with account=…")
    number, _, lid, own = found[0]
    return Account(number, Me(pn=Jid.parse(own), lid=Jid.parse(lid) if lid else None))


def is_peer(one: Account, jid: Jid) -> ColumnElement[bool]:
    """The row of whoever has this address."""
    column = peers.c.lid if jid.is_lid else peers.c.jid
    matches: ColumnElement[bool] = (peers.c.account == one.id) & (column == str(jid.user_jid))
    return matches


def peer(connection: Connection, one: Account, jid: Jid) -> int | None:
    """Its number; None when the archive does not know it."""
    number: int | None = connection.execute(select(peers.c.id).where(is_peer(one, jid))).scalar()
    return number


def maybe(text: str | None) -> Jid | None:
    """The JID of a column that may be empty."""
    return Jid.parse(text) if text else None


def everybody(connection: Connection) -> list[Jid]:
    """All accounts, in the order in which they came."""
    return [Jid.parse(jid) for (jid,) in connection.execute(select(accounts.c.jid).order_by(accounts.c.id))]
