"""The schema of a SQLite file, and how a file of an older version is brought up to it.

`PRAGMA user_version` holds the version, `PRAGMA application_id` says that the file is ours. Step n of `STEPS` leads
from version n to n + 1; a step that was released is never edited, a change is a new step.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from motte.errors import StoreError, StoreTooNew

APPLICATION_ID: Final = int.from_bytes(b"mott")


def _table(name: str) -> str:
    # WITHOUT ROWID: the row lives in the key's own B-tree, one look-up instead of two.
    return f"CREATE TABLE {name} (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID"


_FIRST_TABLES: Final = (
    "account",
    "identities",
    "sessions",
    "prekeys",
    "sender_keys",
    "sender_key_holders",
    "lids",
    "devices",
    "sent",
    "sent_log",
    "received",
    "received_log",
    "inbox",
    "contacts",
    "tokens",
    "appstate",
    "secrets",
    "secrets_log",
    "votes",
    "votes_log",
    "timers",
)

_SECOND_TABLES: Final = (
    "chats",
    "entries",
    "history",
    "history_seen",
)

STEPS: Final[tuple[tuple[str, ...], ...]] = tuple(
    tuple(_table(name) for name in tables) for tables in (_FIRST_TABLES, _SECOND_TABLES)
)
VERSION: Final = len(STEPS)


def check(database: sqlite3.Connection, where: str) -> int:
    """The schema version of an open file; 0 for an empty one. Writes nothing.

    Raises:
        StoreTooNew: a newer motte wrote it.
        StoreError: it belongs to another program.
    """
    owner: int = database.execute("PRAGMA application_id").fetchone()[0]
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    if owner != APPLICATION_ID and (owner or version or database.execute("SELECT 1 FROM sqlite_master").fetchone()):
        raise StoreError(f"{where} is a database of another program; choose another file")
    if version > VERSION:
        raise StoreTooNew(
            f"{where} was written by a newer motte (its format is {version}, this one reads up to {VERSION}); "
            "update motte, nothing was changed"
        )
    return version


def migrate(database: sqlite3.Connection, where: str) -> None:
    """Bring the file to `VERSION` in one transaction. Two processes may do so at once: the second finds it done."""
    if check(database, where) == VERSION:
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[check(database, where) :]:
            for statement in step:
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
