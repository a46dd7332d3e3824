# ruff: noqa: ASYNC240  (a test may look at its small files while nothing else runs)
"""The SQLite file: made, recognised, migrated, shared, and every way in which it can be no good."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from motte.errors import StoreCorrupt, StoreError, StoreTooNew
from motte.store import migrations, sqlite
from motte.store.backend import TABLES
from motte.store.batch import Batch
from motte.store.location import open_backend
from motte.store.memory import MemoryBackend
from motte.store.sqlite import SqliteBackend
from motte.store.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


def _put(key: str, value: bytes) -> Batch:
    batch = Batch()
    batch.put("sessions", key, value)
    return batch


async def _made(path: Path) -> None:
    backend = SqliteBackend(path)
    await backend.commit(_put("a", b"1"))
    await backend.close()


async def test_a_new_file_has_the_schema_and_is_for_its_owner_only(path: Path) -> None:
    await _made(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(path) as database:
        sql = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
        assert set(sql) == set(TABLES)
        assert all("WITHOUT ROWID" in text for text in sql.values())
        assert database.execute("PRAGMA user_version").fetchone() == (migrations.VERSION,)
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


async def test_closing_leaves_one_file(path: Path) -> None:
    async with await Store.open(path):
        pass
    assert sorted(file.name for file in path.parent.iterdir() if not file.name.endswith(".lock")) == ["bot.db"]


async def test_an_empty_file_is_a_new_one(path: Path) -> None:
    path.touch()
    async with await Store.open(path) as store:
        assert await store.account.get() is None


async def test_a_newer_file_is_refused_and_not_touched(path: Path) -> None:
    await _made(path)
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {migrations.VERSION + 1}")
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match="newer motte") as caught:
        await Store.open(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["bot.db"]


@pytest.mark.parametrize("version", [0, 1])
async def test_the_database_of_another_program_is_refused_and_not_touched(path: Path, version: int) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (x)")
        database.execute(f"PRAGMA user_version = {version}")
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        await Store.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"hello, this is a letter\n" * 100, b"SQLite format 3\x00", b"\x00" * 4096])
async def test_a_file_that_is_no_database_is_named_and_not_touched(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"bot\.db"):
        await Store.open(path)
    assert path.read_bytes() == content


async def test_a_damaged_file_is_corrupt(path: Path) -> None:
    backend = SqliteBackend(path)
    batch = Batch()
    for number in range(500):
        batch.put("sessions", f"{number:04d}", bytes(300))
    await backend.commit(batch)
    await backend.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    backend = SqliteBackend(path)
    with pytest.raises(StoreCorrupt, match="damaged"):
        await backend.scan("sessions", "")
    await backend.close()


async def test_a_place_that_cannot_be(path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        await Store.open(path / "deeper" / "bot.db")
    with pytest.raises(StoreError, match="is a folder"):
        await Store.open(path.parent)
    assert list(path.parent.iterdir()) == []


async def test_a_failed_migration_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await _made(path)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, ("CREATE TABLE added (x)", "CREATE nonsense")))
    monkeypatch.setattr(migrations, "VERSION", migrations.VERSION + 1)
    with pytest.raises(StoreError):
        await Store.open(path)
    monkeypatch.undo()
    backend = SqliteBackend(path)
    assert await backend.get_many("sessions", ["a"]) == {"a": b"1"}
    await backend.close()
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT 1 FROM sqlite_master WHERE name = 'added'").fetchone() is None
    database.close()


async def test_an_old_file_is_migrated_with_its_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await _made(path)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, ("CREATE TABLE added (x)",)))
    monkeypatch.setattr(migrations, "VERSION", migrations.VERSION + 1)
    backend = SqliteBackend(path)
    assert await backend.get_many("sessions", ["a"]) == {"a": b"1"}
    await backend.close()
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (migrations.VERSION,)
        assert database.execute("SELECT count(*) FROM added").fetchone() == (0,)
    database.close()


async def test_holders_of_one_file_share_a_connection(path: Path) -> None:
    (path.parent / "link.db").symlink_to(path)
    first, second = SqliteBackend(path), SqliteBackend(path.parent / "link.db")
    await first.commit(_put("a", b"1"))
    assert await second.get_many("sessions", ["a"]) == {"a": b"1"}
    assert first._file is second._file
    await first.close()
    await second.commit(_put("a", b"2"))
    with pytest.raises(StoreError, match="closed"):
        await first.get_many("sessions", ["a"])
    await second.close()
    third = SqliteBackend(path)
    assert await third.get_many("sessions", ["a"]) == {"a": b"2"}
    await third.close()


async def test_a_commit_waits_for_another_program_without_blocking_the_loop(path: Path) -> None:
    backend = SqliteBackend(path)
    await backend.commit(_put("a", b"0"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    commits = [asyncio.create_task(backend.commit(_put("a", bytes((number,))))) for number in range(5)]
    done, _ = await asyncio.wait(commits, timeout=0.1)
    assert not done
    assert await backend.get_many("sessions", ["a"]) == {"a": b"0"}
    other.execute("COMMIT")
    other.close()
    await asyncio.gather(*commits)
    # In the order in which they were asked for.
    assert await backend.get_many("sessions", ["a"]) == {"a": b"\x04"}
    await backend.close()


async def test_a_commit_that_is_cancelled_while_it_waits_writes_nothing(path: Path) -> None:
    store = await Store.open(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    batch = store.batch()
    store.appstate.put_version(batch, "regular", b"1")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(store.commit(batch), 0.05)
    other.execute("COMMIT")
    other.close()
    assert await store.appstate.get_version("regular") is None
    await store.commit(batch)
    assert await store.appstate.get_version("regular") == b"1"
    await store.close()


async def test_a_lock_that_nobody_releases_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = SqliteBackend(path)
    await backend.commit(_put("a", b"0"))
    monkeypatch.setattr(sqlite, "PATIENCE", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another program"):
        await backend.commit(_put("a", b"1"))
    other.close()
    await backend.commit(_put("a", b"2"))
    await backend.close()


async def test_a_full_disk_loses_nothing(path: Path) -> None:
    store = await Store.open(path)
    batch = store.batch()
    store.appstate.put_version(batch, "regular", b"small")
    await store.commit(batch)
    assert isinstance(store.backend, SqliteBackend)
    # The connection, so that the limit that stands for a full disk can be set and lifted.
    database = store.backend._opened().connection()
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages + 2}")
    batch = store.batch()
    store.appstate.put_version(batch, "regular", bytes(100_000))
    store.appstate.put_version(batch, "other", b"2")
    with pytest.raises(StoreError, match="no space left"):
        await store.commit(batch)
    assert await store.appstate.get_version("regular") == b"small"
    assert await store.appstate.get_version("other") is None
    database.execute("PRAGMA max_page_count = 1000000")
    await store.commit(batch)
    await store.close()
    async with await Store.open(path) as again:
        assert await again.appstate.get_version("regular") == bytes(100_000)


def test_where_a_user_says_the_session_is(path: Path) -> None:
    assert isinstance(open_backend(None), MemoryBackend)
    assert isinstance(open_backend(":memory:"), MemoryBackend)
    assert isinstance(open_backend(str(path)), SqliteBackend)
    assert isinstance(open_backend(path), SqliteBackend)
    assert not path.exists()


def test_one_file_after_another_event_loop(path: Path) -> None:
    async def once(value: bytes) -> dict[str, bytes]:
        async with await Store.open(path) as store:
            found = await store.backend.get_many("sessions", ["a"])
            await store.backend.commit(_put("a", value))
        return found

    assert asyncio.run(once(b"1")) == {}
    assert asyncio.run(once(b"2")) == {"a": b"1"}


async def test_a_file_of_the_first_version_gains_the_later_tables(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "STEPS", migrations.STEPS[:1])
    monkeypatch.setattr(migrations, "VERSION", 1)
    await _made(path)
    monkeypatch.undo()
    backend = SqliteBackend(path)
    assert await backend.get_many("sessions", ["a"]) == {"a": b"1"}
    for table in TABLES:
        await backend.scan(table, "")
    await backend.close()
