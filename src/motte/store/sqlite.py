"""The default backend: one SQLite file, in WAL mode, for any number of accounts and clients.

How it stays quick and never says "database is locked":

- All clients of a thread that open the same file share one connection, so they never lock each other out.
- A call is small (tens of µs) and runs on the event loop; a thread per client would cost more than it saves.
- Another process can hold the write lock. SQLite itself waits for it a few milliseconds at most; after that the call
  waits on the event loop, with back-off, and tries again. Commits keep their order meanwhile.
- WAL with `synchronous=NORMAL`: a process that dies loses nothing that was committed. A machine that loses power may
  lose the last moments, but never a part of a batch. docs/design/storage.md says what that means for sessions.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple, TypeVar
from weakref import WeakValueDictionary

from motte.errors import StoreCorrupt, StoreError
from motte.store.backend import TABLES, Lease
from motte.store.batch import Batch
from motte.store.checkpoint import FAR_LIMIT_PAGES, Checkpoints
from motte.store.lease import FileLease
from motte.store.migrations import check, migrate

T = TypeVar("T")

LOCK_WAIT: Final = 0.005
"""Seconds that SQLite may block the event loop for another process's lock."""
FIRST_RETRY: Final = 0.002
LONGEST_RETRY: Final = 0.1
PATIENCE: Final = 60.0
"""Seconds after which a lock that nobody releases becomes a `StoreError`."""

# PROTOCOL is what many processes that open one log at the same moment can get instead of BUSY.
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})


_GROUPS: Final = (1, 16, 256)
"""A read has one statement for each of these numbers of keys, so that few statements serve any number."""


class _Statements(NamedTuple):
    get: dict[int, str]
    scan: str
    put: str
    delete: str


_SQL: Final = {
    table: _Statements(
        get={size: f"SELECT key, value FROM {table} WHERE key IN ({', '.join('?' * size)})" for size in _GROUPS},
        scan=f"SELECT key, value FROM {table} WHERE key >= ? AND (? IS NULL OR key < ?) ORDER BY key",
        # Not REPLACE: that deletes and inserts, while this writes into the row's place when the size is the same.
        put=f"INSERT INTO {table} (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        delete=f"DELETE FROM {table} WHERE key = ?",
    )
    for table in TABLES
}


class SqliteBackend:
    """One holder of a SQLite file. The file is opened, made or migrated at the first call.

    Raises (all calls):
        StoreTooNew: a newer motte wrote the file.
        StoreCorrupt: the file is damaged.
        StoreError: it is no database, or another program's, or cannot be read or written.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path).expanduser().resolve()
        self._file: _File | None = None
        self._closed = False

    async def get_many(self, table: str, keys: Iterable[str]) -> dict[str, bytes]:
        """The values of those keys that exist."""
        sql, wanted = _statements(table), list(keys)
        return await self._run(lambda database: _read(database, sql, wanted))

    async def scan(self, table: str, prefix: str) -> list[tuple[str, bytes]]:
        """Every row whose key begins with `prefix`, ordered by key."""
        sql, end = _statements(table), _after(prefix)
        return await self._run(lambda database: database.execute(sql.scan, (prefix, end, end)).fetchall())

    async def commit(self, batch: Batch) -> None:
        """Write all changes in one transaction."""
        changes = [(_statements(table), rows) for table, rows in batch.changes().items() if rows]
        if not changes:
            return
        file = self._opened()
        async with file.writing:
            await self._run(lambda database: _write(database, changes))
        file.checkpoints.wrote(sum(len(rows) for _, rows in changes))

    async def close(self) -> None:
        """Let go of the file; the last holder in this thread closes it."""
        self._closed = True
        if self._file is not None:
            file, self._file = self._file, None
            await file.leave()

    def lease(self, account: str) -> Lease:
        """The sole right to an account, among all processes.

        Raises:
            StoreInUse: another client has it.
        """
        return FileLease(self._path, account)

    def _opened(self) -> _File:
        if self._closed:
            raise StoreError(f"the store {self._path} is closed")
        if self._file is None:
            self._file = _shared.enter(self._path)
        return self._file

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` gives, tried again while another process holds the lock."""
        waited, pause = 0.0, FIRST_RETRY
        while True:
            try:
                return work(self._opened().connection())
            except sqlite3.Error as error:
                if _code(error) not in _BUSY or waited >= PATIENCE:
                    raise _explained(error, self._path) from error
            # Jitter, so that two processes that wait for each other do not meet again.
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            waited, pause = waited + pause, min(pause * 2, LONGEST_RETRY)


class _File:
    """The connection that all holders of a file share within one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.holders = 0
        self.writing = asyncio.Lock()
        self.checkpoints = Checkpoints(path)
        self._connection: sqlite3.Connection | None = None

    def connection(self) -> sqlite3.Connection:
        """The open connection; opened now if need be."""
        if self._connection is None:
            self._connection = _open(self.path)
        return self._connection

    async def leave(self) -> None:
        """One holder less; the last one closes the connection."""
        self.holders -= 1
        if self.holders:
            return
        _shared.files.pop(str(self.path), None)
        await self.checkpoints.finish()
        if self._connection is not None:
            self._connection.close()


class _Shared(threading.local):
    """The open files of this thread. SQLite connections belong to their thread, and clients do not know of each other,
    so this is the one place that has to remember."""

    def __init__(self) -> None:
        self.files: WeakValueDictionary[str, _File] = WeakValueDictionary()

    def enter(self, path: Path) -> _File:
        """The file at `path` with one holder more."""
        file = self.files.get(str(path))
        if file is None:
            file = self.files[str(path)] = _File(path)
        file.holders += 1
        return file


_shared: Final = _Shared()


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise StoreError(f"{path} is a folder; give the name of a file in it")
    if not path.parent.is_dir():
        raise StoreError(f"the folder {path.parent} does not exist; make it first")


def _open(path: Path) -> sqlite3.Connection:
    _check_place(path)
    try:
        if not path.exists():
            # It will hold private keys: for the owner only. SQLite gives its -wal and -shm files the same mode.
            path.touch(mode=0o600)
    except OSError as error:
        raise StoreError(f"cannot create {path}: {error.strerror or error}") from error
    database = sqlite3.connect(path, timeout=LOCK_WAIT, isolation_level=None)
    try:
        check(database, str(path))
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(f"PRAGMA wal_autocheckpoint = {FAR_LIMIT_PAGES}")
        migrate(database, str(path))
    except BaseException:
        database.close()
        raise
    return database


def _read(database: sqlite3.Connection, sql: _Statements, keys: list[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for start in range(0, len(keys), _GROUPS[-1]):
        group = keys[start : start + _GROUPS[-1]]
        size = next(size for size in _GROUPS if size >= len(group))
        # Filled up to the statement's size with a key that is asked for anyway.
        found.update(database.execute(sql.get[size], group + group[-1:] * (size - len(group))))
    return found


def _write(database: sqlite3.Connection, changes: list[tuple[_Statements, dict[str, bytes | None]]]) -> None:
    if len(changes) == 1 and len(changes[0][1]) == 1:
        _change(database, *changes[0])  # One statement is a transaction of its own, and a sixth cheaper.
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        for sql, rows in changes:
            _change(database, sql, rows)
        database.execute("COMMIT")
    except BaseException:
        # SQLite rolls back by itself after some errors (disk full), not after all.
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _change(database: sqlite3.Connection, sql: _Statements, rows: dict[str, bytes | None]) -> None:
    for key, value in rows.items():
        if value is None:
            database.execute(sql.delete, (key,))
        else:
            database.execute(sql.put, (key, value))


def _statements(table: str) -> _Statements:
    try:
        return _SQL[table]
    except KeyError:
        raise StoreError(f"there is no table {table!r}") from None


def _after(prefix: str) -> str | None:
    """The least text above everything that begins with `prefix`; `None` when there is none."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    following = ord(stem[-1]) + 1
    # Surrogates are no text in UTF-8; the next letter after U+D7FF is U+E000.
    return stem[:-1] + chr(0xE000 if following == 0xD800 else following)


def _code(error: sqlite3.Error) -> int:
    # The low byte is the primary code, the rest tells variants of it apart.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _explained(error: sqlite3.Error, path: Path) -> StoreError:
    match _code(error):
        case sqlite3.SQLITE_NOTADB:
            return StoreError(f"{path} is not a motte database; choose another file, it was left as it is")
        case sqlite3.SQLITE_CORRUPT:
            return StoreCorrupt(f"{path} is damaged; restore a copy, or link the device again with a new file")
        case sqlite3.SQLITE_FULL:
            return StoreError(f"no space left to write {path}; nothing of this step was stored")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StoreError(f"{path} cannot be written; check its permissions and those of its folder")
        case code if code in _BUSY:
            return StoreError(f"{path} has been locked by another program for {PATIENCE:.0f} seconds")
        case _:
            return StoreError(f"{path}: {error}")
