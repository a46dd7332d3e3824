"""The database below the archive: one thread that writes, some that read, and what can go wrong.

SQLAlchemy's calls block, so they run in threads. One connection writes: on SQLite only one can, and what comes at the
same time goes into one transaction anyway. Readers have connections of their own, which in WAL mode wait for nobody.
A database in memory has one connection for everything.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.pool import StaticPool

from motte.archive.schema import upgrade
from motte.errors import ArchiveError

T = TypeVar("T")

READERS: Final = 4
"""Threads that answer queries."""
LOCK_WAIT: Final = 10.0
"""Seconds that a write waits while another program writes to the same SQLite file."""
_WRITES: Final = "motte_writes"


class Refused(ArchiveError):
    """The database does not take a value, and never will; others may pass."""


class Database:
    """Runs work on an archive's connections."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine, self.place = engine, place
        in_memory = isinstance(engine.pool, StaticPool)
        self._writer = ThreadPoolExecutor(1, "motte-archive")
        self._readers = self._writer if in_memory else ThreadPoolExecutor(READERS, "motte-archive-reader")

    @classmethod
    async def open(cls, where: str | Path | None) -> Database:
        """The database at a path or URL, or in memory (None), with its tables.

        Raises:
            ArchiveError: it cannot be opened; the message says why.
        """
        url = _url(where)
        place = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
        database = cls(_engine(url), place or "the archive in memory")
        try:
            await database.write(lambda connection: upgrade(connection, database.place))
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` gives, whose changes are kept together, or not at all when it raises.

        Raises:
            Refused: a value in it will never be taken.
            ArchiveError: the database failed; it may work later.
        """
        return await self._run(self._writer, lambda: self._in_transaction(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` reads, all of it from one state of the database.

        Raises:
            ArchiveError: the database failed.
        """
        return await self._run(self._readers, lambda: self._reading(work))

    async def close(self) -> None:
        """Finish what runs, and close all connections."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._engine.dispose)
        for pool in {self._writer, self._readers}:
            pool.shutdown(wait=False)

    def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})
            with connection.begin():
                return work(connection)

    def _reading(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection, connection.begin():
            return work(connection)

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work)
        except SQLAlchemyError as error:
            # Not `from error`: its text may hold what was to be written.
            raise self._explained(error) from None

    def _explained(self, error: SQLAlchemyError) -> ArchiveError:
        if not isinstance(error, DBAPIError):
            return ArchiveError(f"{self.place}: {type(error).__name__}")
        if self.dialect == "sqlite":
            refused = isinstance(error, IntegrityError | DataError | ProgrammingError | InterfaceError)
            said = _sqlite(error.orig)
        else:
            code, said = _postgresql(error.orig)
            # Classes 22 and 23 of SQLSTATE: a value that is none, or that the tables forbid.
            refused = code[:2] in ("22", "23") or isinstance(error, NotSupportedError)
        return (Refused if refused else ArchiveError)(f"{self.place}: {said}")


def _url(where: str | Path | None) -> URL:
    if where is None:
        return URL.create("sqlite")
    if isinstance(where, Path) or "://" not in where:
        path = Path(where).expanduser().resolve()
        if path.is_dir():
            raise ArchiveError(f"{path} is a folder; give the name of a file in it")
        if not path.parent.is_dir():
            raise ArchiveError(f"the folder {path.parent} does not exist; make it first")
        return URL.create("sqlite", database=str(path))
    try:
        url = make_url(where)
    except ArgumentError:
        raise ArchiveError("the archive's URL cannot be read; it is like postgresql://user@host/database") from None
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+pg8000")
    if url.get_backend_name() in ("sqlite", "postgresql"):
        return url
    raise ArchiveError(f"an archive is in SQLite or PostgreSQL, not in {url.get_backend_name()}")


def _engine(url: URL) -> Engine:
    options: dict[str, Any] = {"hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"check_same_thread": False, "timeout": LOCK_WAIT}
        if url.database is None:
            options["poolclass"] = StaticPool
        elif not Path(url.database).exists():
            _make(Path(url.database))
    else:
        options |= {"pool_pre_ping": True, "pool_size": READERS + 1}
    try:
        engine = create_engine(url, **options)
    except ModuleNotFoundError as error:
        raise ArchiveError(f"PostgreSQL needs the extra: pip install 'motte[postgres]' ({error.name})") from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepared)
        event.listen(engine, "begin", _begun)
    return engine


def _make(path: Path) -> None:
    """It will hold what people wrote: for its owner only. SQLite gives its -wal and -shm files the same mode."""
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise ArchiveError(f"cannot create {path}: {error.strerror or error}") from None


def _prepared(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins and ends transactions, not the driver
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "cache_size = -16000"):
        connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Connection) -> None:
    # A write takes its lock at once: one that began by reading would fail when another program wrote meanwhile.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _sqlite(error: BaseException | None) -> str:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return "no space left to write it; nothing of this step was stored"
        case sqlite3.SQLITE_NOTADB:
            return "it is not a SQLite database; choose another file, it was left as it is"
        case sqlite3.SQLITE_CORRUPT:
            return "it is damaged; restore a copy, or begin a new one"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return "it cannot be opened for writing; check its permissions and those of its folder"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"it has been locked by another program for {LOCK_WAIT:.0f} seconds"
        case _:
            return str(error)


def _postgresql(error: BaseException | None) -> tuple[str, str]:
    """The code and what the server says, without the detail in which it repeats values."""
    told = error.args[0] if error is not None and error.args else None
    if isinstance(told, dict):
        return str(told.get("C", "")), str(told.get("M", ""))
    return "", str(told)
