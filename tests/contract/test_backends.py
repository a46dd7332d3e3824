"""Each backend against the contract that third parties run too."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from motte.store.memory import MemoryBackend
from motte.store.sqlite import SqliteBackend
from motte.testing.contracts import BackendContract


class TestMemory(BackendContract):
    @pytest.fixture
    async def backend(self) -> AsyncIterator[MemoryBackend]:
        backend = MemoryBackend()
        yield backend
        await backend.close()


class TestSqlite(BackendContract):
    @pytest.fixture
    async def backend(self, tmp_path: Path) -> AsyncIterator[SqliteBackend]:
        backend = SqliteBackend(tmp_path / "bot.db")
        yield backend
        await backend.close()
