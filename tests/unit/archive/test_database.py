"""The archive's database: its tables step by step, what it refuses, full disks, crashes, readers beside the writer."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from motte.archive import Archive
from motte.archive.database import Database
from motte.archive.schema import newest, upgrade, version
from motte.archive.tables import METADATA
from motte.errors import ArchiveError
from tests.unit.archive.happenings import BEN, NOON, Teller, key, received


async def test_the_steps_lead_to_the_tables_that_the_code_knows(place: str | Path | None) -> None:
    database = await Database.open(place)
    try:

        def differences(connection: Connection) -> list[object]:
            # The index of texts is SQLite's alone, and made of several tables.
            context = MigrationContext.configure(
                connection, opts={"include_name": lambda name, kind, _: not (name or "").startswith("messages_text")}
            )
            return list(compare_metadata(context, METADATA))

        assert await database.read(differences) == []
        assert await database.read(version) == newest()
    finally:
        await database.close()


async def test_an_archive_is_opened_again_with_all_that_is_in_it(place: str | Path | None) -> None:
    if place is None:
        pytest.skip("what is in memory is gone when it is closed")
    for text in ("one", "two"):
        async with Archive.open(place) as archive:
            client = Teller()
            archive.attach(client)
            await client.tell(received(text, text))
    async with Archive.open(place) as archive:
        assert {one.text for one in await archive.messages(BEN)} == {"one", "two"}


async def test_an_archive_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    async with Archive.open(path):
        pass
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ArchiveError, match=r"archive\.db was written by a newer version"):
        await Archive.open(path).__aenter__()


async def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (x)")
    with pytest.raises(ArchiveError, match=r"other\.db is not an archive"):
        await Archive.open(path).__aenter__()
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


async def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ben, " * 500)
    with pytest.raises(ArchiveError, match=r"letter\.txt: it is not a SQLite database"):
        await Archive.open(path).__aenter__()
    with pytest.raises(ArchiveError, match="is a folder"):
        await Archive.open(tmp_path).__aenter__()
    with pytest.raises(ArchiveError, match="does not exist"):
        await Archive.open(tmp_path / "no" / "archive.db").__aenter__()
    with pytest.raises(ArchiveError, match="not in mysql"):
        await Archive.open("mysql://somewhere/x").__aenter__()


async def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(ArchiveError) as caught:
        await Archive.open("postgresql://motte:hunter2@127.0.0.1:1/archive").__aenter__()
    assert "127.0.0.1:1" in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    async with Archive.open(path) as archive:
        client = Teller()
        archive.attach(client)
        await client.tell(received("A", "secret"))
        names = await asyncio.to_thread(os.listdir, tmp_path)
        modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in names}
    assert "archive.db-wal" in modes
    assert set(modes.values()) == {0o600}


async def limit_pages(archive: Archive, pages: int | None) -> None:
    """Let SQLite believe that the disk has room for so many more pages, or (None) for any number."""
    assert archive._database is not None

    def work(connection: Connection) -> None:
        used: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {2**30 if pages is None else used + pages}")

    await archive._database.write(work)


async def test_on_a_full_disk_nothing_is_lost_or_half_written(tmp_path: Path) -> None:
    told: list[ArchiveError] = []
    full = asyncio.Event()

    def tell(error: ArchiveError) -> None:
        told.append(error)
        full.set()

    async with Archive.open(tmp_path / "archive.db", on_error=tell, first_pause=0.01) as archive:
        client = Teller()
        archive.attach(client)
        await client.tell(received("A", "fits"))
        await limit_pages(archive, 3)
        waiting = asyncio.ensure_future(
            client.tell_together(*(received(f"M{n}", f"{n} " + "x" * 5_000) for n in range(20)))
        )
        await asyncio.wait_for(full.wait(), 10)
        assert not waiting.done()
        assert "archive.db: no space left" in str(told[0])
        assert "x" * 10 not in str(told[0])
        assert [one.text for one in await archive.messages(BEN)] == ["fits"]  # questions are answered meanwhile
        await limit_pages(archive, None)
        await asyncio.wait_for(waiting, 10)
        assert len(await archive.messages(BEN)) == 21
        chat = await archive.chat(BEN)
        assert chat is not None and chat.unread == 21


async def test_closing_on_a_full_disk_says_so_to_whoever_waits(tmp_path: Path) -> None:
    full = asyncio.Event()
    archive = Archive.open(tmp_path / "archive.db", on_error=lambda _: full.set(), first_pause=60)
    await archive.__aenter__()
    client = Teller()
    archive.attach(client)
    await client.tell(received("A", "fits"))
    await limit_pages(archive, 0)
    waiting = asyncio.ensure_future(client.tell(received("B", "x" * 100_000)))
    await asyncio.wait_for(full.wait(), 10)
    await asyncio.wait_for(archive.close(), 10)
    with pytest.raises(ArchiveError, match="no space left"):
        await waiting
    async with Archive.open(tmp_path / "archive.db") as archive:
        assert [one.text for one in await archive.messages(BEN)] == ["fits"]


async def test_what_the_database_never_takes_is_told_of_and_keeps_nothing_else_out(
    place: str | Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[ArchiveError] = []
    bad = NOON + 13
    # A number that no column takes.
    monkeypatch.setattr("motte.archive.record.messages.whole", lambda number: 2**70 if number == bad else number)
    async with Archive.open(place, on_error=told.append) as archive:
        client = Teller()
        archive.attach(client)
        await client.tell_together(received("A", "good"), received("B", "bad", bad), received("C", "fine"))
        assert {one.text for one in await archive.messages(BEN)} == {"good", "fine"}
    assert len(told) == 1


async def test_an_error_handler_that_fails_stops_nothing(tmp_path: Path) -> None:
    def fail(_: ArchiveError) -> None:
        raise RuntimeError("not today")

    async with Archive.open(tmp_path / "archive.db", on_error=fail, first_pause=0.01) as archive:
        client = Teller()
        archive.attach(client)
        await client.tell(received("A", "fits"))
        await limit_pages(archive, 0)
        waiting = asyncio.ensure_future(client.tell(received("B", "x" * 100_000)))
        await limit_pages(archive, None)
        await asyncio.wait_for(waiting, 10)
        assert len(await archive.messages(BEN)) == 2


CRASHING = """
import asyncio, sys
from motte.archive import Archive
from tests.unit.archive.happenings import Teller, received, NOON

async def main():
    async with Archive.open(sys.argv[1]) as archive:
        client = Teller()
        archive.attach(client)
        for n in range(1_000_000):
            await client.tell_together(*(received(f"M{n}.{part}", f"text {n} {part}", NOON + n) for part in range(5)))
            print(n, flush=True)

asyncio.run(main())
"""


def crash(path: Path) -> int:
    """Let another process write until it is killed; gives the last round that it said was kept."""
    process = subprocess.Popen(
        [sys.executable, "-c", CRASHING, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert process.stdout is not None
    last = next((int(line) for line in process.stdout if int(line) == 50), -1)
    process.send_signal(signal.SIGKILL)
    last = max([last, *(int(line) for line in process.stdout if line.endswith("\n"))])
    process.wait(timeout=10)
    return last


async def test_a_crash_in_the_middle_of_writing_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    last = await asyncio.wait_for(asyncio.to_thread(crash, path), 60)
    assert last >= 50
    async with Archive.open(path) as archive:
        kept: list[str] = []
        before = None
        while page := await archive.messages(BEN, before=before, limit=1_000):
            kept += [one.key.id for one in page]
            before = page[-1]
        assert {f"M{n}.{part}" for n in range(last + 1) for part in range(5)} <= set(kept)
        assert {one.key.id for one in await archive.search("text 50 3")} == {"M50.3"}
        client = Teller()
        archive.attach(client)
        await client.tell(received("after", "goes on", NOON * 2))
        assert (await archive.messages(BEN, limit=1))[0].text == "goes on"


async def test_readers_and_the_writer_do_not_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    async with Archive.open(path) as archive, Archive.open(path) as other:
        client = Teller()
        archive.attach(client)
        await client.tell(received("first", "hello"))
        database = other._database
        assert database is not None
        entered, leave = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()

        def look_for_long(connection: Connection) -> int:
            count = connection.exec_driver_sql("SELECT count(*) FROM messages").scalar_one()
            loop.call_soon_threadsafe(entered.set)
            assert leave.wait(10)
            assert connection.exec_driver_sql("SELECT count(*) FROM messages").scalar_one() == count
            return int(count)

        looking = asyncio.ensure_future(database.read(look_for_long))
        await asyncio.wait_for(entered.wait(), 10)
        await asyncio.wait_for(client.tell(received("second", "hello again")), 10)
        pages = await asyncio.wait_for(asyncio.gather(*(other.messages(BEN) for _ in range(3))), 10)
        assert [len(page) for page in pages] == [2, 2, 2]
        leave.set()
        assert await looking == 1


async def test_two_programs_may_write_to_one_archive(place: str | Path | None) -> None:
    if place is None:
        pytest.skip("what is in memory has one program")
    async with Archive.open(place) as one, Archive.open(place) as other:
        first, second = Teller(), Teller()
        one.attach(first)
        other.attach(second)
        told = [received(f"M{n}", f"text {n}", NOON + n) for n in range(20)]
        await asyncio.gather(first.tell_together(*told), second.tell_together(*told))
        assert len(await one.messages(BEN)) == 20


async def test_nothing_is_taken_after_the_end(tmp_path: Path) -> None:
    async with Archive.open(tmp_path / "archive.db") as archive:
        client, other = Teller(), Teller()
        archive.attach(client).cancel()
        archive.attach(other)
        await client.tell(received("A", "not kept"))
        assert await archive.message(key("A")) is None
    assert other.handler is None


def test_upgrade_does_nothing_when_there_is_nothing_to_do() -> None:
    from sqlalchemy import create_engine

    with create_engine("sqlite://").begin() as connection:
        upgrade(connection, "here")
        before = connection.exec_driver_sql("SELECT sql FROM sqlite_master").fetchall()
        upgrade(connection, "here")
        assert connection.exec_driver_sql("SELECT sql FROM sqlite_master").fetchall() == before
