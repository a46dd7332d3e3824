"""Checkpoints run beside the commits, and bring the log into the file while it is open."""

import sqlite3
from pathlib import Path

import pytest

from motte.store.batch import Batch
from motte.store.checkpoint import ROWS_PER_CHECKPOINT
from motte.store.sqlite import SqliteBackend


def _rows(start: int, count: int) -> Batch:
    batch = Batch()
    for number in range(start, start + count):
        batch.put("sessions", f"{number:06d}", number.to_bytes(4) * 250)
    return batch


async def test_the_log_gets_into_the_file_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    backend = SqliteBackend(path)
    await backend.commit(_rows(0, ROWS_PER_CHECKPOINT - 1))
    small = path.stat().st_size
    await backend.commit(_rows(ROWS_PER_CHECKPOINT, 1))
    await backend._opened().checkpoints.finish()
    assert path.stat().st_size > small + 1000 * (ROWS_PER_CHECKPOINT - 1)
    assert len(await backend.scan("sessions", "")) == ROWS_PER_CHECKPOINT
    await backend.close()


async def test_the_log_stays_small_when_much_is_written(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    backend = SqliteBackend(path)
    for _ in range(30):
        await backend.commit(_rows(0, ROWS_PER_CHECKPOINT // 2))
        await backend._opened().checkpoints.finish()
    log = path.with_name("bot.db-wal").stat().st_size
    assert log < 4 * ROWS_PER_CHECKPOINT * 1000 * 2
    await backend.close()


async def test_a_checkpoint_that_cannot_be_made_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> sqlite3.Connection:
        raise sqlite3.OperationalError("no")

    backend = SqliteBackend(tmp_path / "bot.db")
    await backend.commit(_rows(0, 1))
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", refuse)
        await backend.commit(_rows(0, ROWS_PER_CHECKPOINT))
        await backend._opened().checkpoints.finish()
    assert len(await backend.scan("sessions", "")) == ROWS_PER_CHECKPOINT
    await backend.close()
