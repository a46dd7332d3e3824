"""A bounded cache: what was not used for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Lru(Generic[V]):
    """At most `limit` values by key. A limit of 0 keeps nothing."""

    __slots__ = ("_limit", "_values")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[str, V] = OrderedDict()

    def get(self, key: str, default: V) -> V:
        """The value of `key`, which now counts as used, or `default`."""
        values = self._values
        if key not in values:
            return default
        values.move_to_end(key)
        return values[key]

    def put(self, key: str, value: V) -> None:
        """Keep `value`; the least used one goes when there are too many."""
        values = self._values
        values[key] = value
        values.move_to_end(key)
        if len(values) > self._limit:
            values.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget one key."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)
