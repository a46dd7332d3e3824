"""Fixtures of the interop tests: the real Baileys, or a clear reason why it is left out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.interop import peer as peers
from tests.interop.peer import BaileysPeer

StartPeer = Callable[..., Awaitable[BaileysPeer]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks everything here as `interop`, and skips it where Baileys cannot run."""
    reason = peers.missing()
    for item in items:
        if "interop" not in item.path.parent.parts:
            continue
        item.add_marker(pytest.mark.interop)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
async def baileys() -> AsyncIterator[StartPeer]:
    """Starts Baileys peers, `await baileys(url, name="Ann")`, which end with the test."""
    async with AsyncExitStack() as stack:

        async def start(url: str, **options: Any) -> BaileysPeer:
            return await stack.enter_async_context(BaileysPeer(url, **options))

        yield start
