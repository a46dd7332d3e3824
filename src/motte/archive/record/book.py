"""The rows of one account in one transaction: who is who, and the ways in which rows are put.

A person has two addresses, and which belong together may be learnt late. `peers` has one row for each person as far as
is known, and everything else names that row. `learn` joins two rows that turn out to be one person's (`joining`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Executable, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from motte.archive.record.joining import join
from motte.archive.tables import accounts, peers
from motte.model.jid import Jid
from motte.model.me import Me

CACHED: Final = 50_000
"""Addresses and names that are remembered from transaction to transaction: some MB."""
_MOST: Final = 2**62


@dataclass(slots=True)
class Known:
    """What need not be asked of the database again, as long as no transaction failed."""

    accounts: dict[str, int] = field(default_factory=dict)
    peers: dict[tuple[int, Jid], int] = field(default_factory=dict)
    pairs: set[tuple[int, Jid, Jid]] = field(default_factory=set)
    push_names: dict[int, str] = field(default_factory=dict)
    excluded: dict[Table, Any] = field(default_factory=dict)
    statements: dict[Callable[[Book], Executable], Executable] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget the rows."""
        for known in (self.accounts, self.peers, self.pairs, self.push_names):
            known.clear()


class Book:
    """Reads and writes rows of the account of `me`."""

    def __init__(self, connection: Connection, me: Me, known: Known) -> None:
        self.connection, self.me, self._known = connection, me, known
        if len(known.peers) > CACHED:
            known.clear()
        self._postgresql = connection.dialect.name == "postgresql"
        self.account = self._account()
        if me.lid is not None:
            self.learn(me.pn, me.lid)

    # --- rows ----------------------------------------------------------------------------------------------------

    def put(
        self,
        table: Table,
        rows: Sequence[dict[str, Any]] | dict[str, Any],
        *,
        when: ColumnElement[bool] | None = None,
        **change: Any,
    ) -> None:
        """Insert rows; where one with the same key is there, make this `change`, if it is `when`.

        With `change` empty all columns of the rows replace those that are there.
        """
        rows = [rows] if isinstance(rows, dict) else rows
        if not rows:
            return
        key = [column.name for column in table.primary_key]
        insert = self.insert(table)
        new = self.excluded(table)
        changes = change or {name: new[name] for name in rows[0] if name not in key}
        self.connection.execute(insert.on_conflict_do_update(index_elements=key, set_=changes, where=when), rows)

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that may say what happens on conflict; both databases say it in the same words."""
        return postgresql.insert(table) if self._postgresql else sqlite.insert(table)

    def excluded(self, table: Table) -> Any:
        """The row that an INSERT could not put."""
        known = self._known.excluded
        if table not in known:
            known[table] = self.insert(table).excluded
        return known[table]

    def statement(self, build: Callable[[Book], Executable]) -> Executable:
        """What `build` makes, made once: for what every message needs, since SQLite is quicker than the building."""
        known = self._known.statements
        if build not in known:
            known[build] = build(self)
        return known[build]

    def newer(self, table: Table, column: str) -> ColumnElement[bool]:
        """Whether the new row is at least as new as the one that is there."""
        is_newer: ColumnElement[bool] = self.excluded(table)[column] >= table.c[column]
        return is_newer

    # --- who is who ----------------------------------------------------------------------------------------------

    def peer(self, jid: Jid) -> int:
        """The row of whoever has this address; made when there is none."""
        jid = jid.user_jid
        known = self._known.peers.get((self.account, jid))
        if known is None:
            known = self._find(jid) or self._make(jid)
            self._known.peers[self.account, jid] = known
        return known

    def learn(self, pn: Jid, lid: Jid) -> None:
        """A phone number and a LID are one person's."""
        pn, lid = pn.user_jid, lid.user_jid
        if (self.account, pn, lid) in self._known.pairs or not (pn.is_pn and lid.is_lid):
            return
        numbered, nameless = self._find(pn), self._find(lid)
        if nameless is not None and nameless != numbered:
            nameless = self._let_go(nameless, lid)
        if numbered is None and nameless is None:
            self._make(pn, lid)
        elif numbered is None:
            self._set(nameless, jid=str(pn), lid=str(lid))
        else:
            if nameless is not None and nameless != numbered:
                self._join(nameless, numbered)
            self._set(numbered, lid=str(lid))
        for jid in (pn, lid):
            self._known.peers.pop((self.account, jid), None)
        self._known.pairs.add((self.account, pn, lid))

    def named(self, peer: int, push_name: str) -> bool:
        """Whether the name of a peer is news; it is none from now on."""
        news = self._known.push_names.get(peer) != push_name
        self._known.push_names[peer] = push_name
        return news

    def _account(self) -> int:
        jid = str(self.me.pn.user_jid)
        if jid not in self._known.accounts:
            self.connection.execute(self.insert(accounts).values(jid=jid).on_conflict_do_nothing())
            found = self.connection.execute(select(accounts.c.id).where(accounts.c.jid == jid))
            self._known.accounts[jid] = int(found.scalar_one())
        return self._known.accounts[jid]

    def _find(self, jid: Jid) -> int | None:
        column = peers.c.lid if jid.is_lid else peers.c.jid
        found = select(peers.c.id).where(peers.c.account == self.account, column == str(jid))
        number: int | None = self.connection.execute(found).scalar()
        return number

    def _make(self, jid: Jid, lid: Jid | None = None) -> int:
        lid = jid if jid.is_lid else lid
        row = {"account": self.account, "jid": str(jid), "lid": str(lid) if lid is not None else None}
        self.connection.execute(self.insert(peers).values(row).on_conflict_do_nothing())
        made = self._find(jid)
        assert made is not None
        return made

    def _set(self, peer: int | None, **values: str | None) -> None:
        self.connection.execute(update(peers).where(peers.c.id == peer).values(values))

    def _let_go(self, peer: int, lid: Jid) -> int | None:
        """The row of a LID, unless it is that of another phone number, which then has this LID no more."""
        jid = self.connection.execute(select(peers.c.jid).where(peers.c.id == peer)).scalar_one()
        if jid == str(lid):
            return peer
        self._set(peer, lid=None)
        self._known.pairs.clear()
        return None

    def _join(self, old: int, new: int) -> None:
        join(self.connection, old, new)
        forgotten = [key for key, peer in self._known.peers.items() if peer == old]
        for key in forgotten:
            del self._known.peers[key]
        self._known.push_names.pop(new, None)


def clean(text: str | None) -> str | None:
    """A text as PostgreSQL takes it: without NUL."""
    return text.replace("\0", "") if text else None


def whole(number: int | None) -> int:
    """A number that a column can hold."""
    return max(0, min(number or 0, _MOST))
