"""Locks by key: one holder per address, several addresses at once without deadlock.

Law: keys are taken in sorted order, and nobody waits for the network while holding one. Whoever reads a record,
computes a new one and commits it holds the lock of its address from the read to the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class KeyedLocks(Generic[K]):
    """A lock per key, made when first wanted and dropped when the last holder or waiter is gone."""

    def __init__(self) -> None:
        self._locks: dict[K, asyncio.Lock] = {}
        self._users: dict[K, int] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, keys: Iterable[K]) -> AsyncIterator[None]:
        """Hold the locks of all `keys` (duplicates are fine) for the length of the block."""
        wanted = sorted(set(keys), key=_order)
        held: list[K] = []
        for key in wanted:
            self._users[key] = self._users.get(key, 0) + 1
        try:
            for key in wanted:
                await self._locks.setdefault(key, asyncio.Lock()).acquire()
                held.append(key)
            yield
        finally:
            for key in reversed(held):
                self._locks[key].release()
            for key in wanted:
                self._forget(key)

    def _forget(self, key: K) -> None:
        self._users[key] -= 1
        if not self._users[key]:
            del self._users[key]
            self._locks.pop(key, None)


def _order(key: Any) -> str:
    return str(key)
