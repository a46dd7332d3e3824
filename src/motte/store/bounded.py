"""Rows that go by themselves: the oldest, when they are too many or too old.

A second table, the log, holds one row per entry, numbered in order of arrival: `000000000042` → time and key. Each new
entry looks at the two oldest rows of the log and removes what is due. So the cost of a put never grows, there is no
clean-up that makes everybody wait, and a limit that was lowered is reached in time.
"""

from __future__ import annotations

from typing import Final, Generic, TypeVar

from motte.store.batch import Batch
from motte.store.table import Table

V = TypeVar("V")

REMOVED_PER_PUT: Final = 2
"""More than one, or a backlog would never shrink."""


class Bounded(Generic[V]):
    """A table with a limit on count (`limit`) and on age (`max_age`, seconds).

    Args:
        rows: the entries by key.
        log: the order of their arrival; nobody else may use it.
    """

    def __init__(self, rows: Table[V], log: Table[str], *, limit: int, max_age: float) -> None:
        self.rows = rows
        self._log = log
        self._limit = limit
        self._max_age = max_age
        # Numbers in the log: the oldest that may exist, and the next to give. Unknown until the first put.
        self._span: tuple[int, int] | None = None

    async def put(self, batch: Batch, key: str, value: V, *, now: float) -> None:
        """Write an entry. One that exists keeps its place in the order, and so its age."""
        known = await self.rows.get(key, batch) is not None
        self.rows.put(batch, key, value)
        if known:
            return
        if self._span is None:
            await self._find_span()
        await self._remove_due(batch, now)
        oldest, following = self._bounds()
        self._span = oldest, following + 1
        self._log.put(batch, _number(following), f"{now:.0f} {key}")

    async def _find_span(self) -> None:
        numbers = [int(number) for number in await self._log.scan()]
        if self._span is None:
            self._span = (numbers[0], numbers[-1] + 1) if numbers else (0, 0)

    async def _remove_due(self, batch: Batch, now: float) -> None:
        for _ in range(REMOVED_PER_PUT):
            oldest, following = self._bounds()
            if oldest == following:
                return
            entry = await self._log.get(_number(oldest), batch)
            if entry is not None:
                written, _, key = entry.partition(" ")
                if following - oldest < self._limit and now - float(written) <= self._max_age:
                    return
                self.rows.delete(batch, key)
                self._log.delete(batch, _number(oldest))
            # Another put may have removed the same entry meanwhile; doing it twice harms nobody.
            self._span = max(oldest + 1, self._bounds()[0]), self._bounds()[1]

    def _bounds(self) -> tuple[int, int]:
        assert self._span is not None
        return self._span


def _number(index: int) -> str:
    return f"{index:012d}"
