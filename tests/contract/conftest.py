"""A store on each backend."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from motte.store.backend import Backend
from motte.store.memory import MemoryBackend
from motte.store.sqlite import SqliteBackend
from motte.store.store import Store

Reopen = Callable[[], Awaitable[Store]]


@pytest.fixture(params=["memory", "sqlite"])
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backend]:
    backend = MemoryBackend() if request.param == "memory" else SqliteBackend(tmp_path / "bot.db")
    yield backend
    await backend.close()


@pytest.fixture
async def reopen(backend: Backend) -> AsyncIterator[Reopen]:
    """Closes the store and opens it again: what it gives afterwards was really written."""
    opened: list[Store] = []

    async def reopen() -> Store:
        while opened:
            await opened.pop().close()
        opened.append(await Store.open(backend))
        return opened[-1]

    yield reopen
    for store in opened:
        await store.close()


@pytest.fixture
async def store(reopen: Reopen) -> Store:
    return await reopen()
