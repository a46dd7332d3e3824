"""A typed table of one account: the rows of a backend's table, as values, behind a bounded cache.

    get     what the batch in hand has put, else the cache, else the backend
    put     into a batch; nobody else sees it before the commit
    kept    after the commit: the cache now holds the new values

The cache holds the objects themselves, so a session is parsed once and written when it changes. It also remembers what
is not there. That is right because an account has one client at a time (its lease), and every write comes by here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

from motte.errors import StoreCorrupt, StoreError
from motte.store.backend import Backend
from motte.store.batch import Batch
from motte.store.cache import Lru
from motte.store.codec import Codec

V = TypeVar("V")


class _Unknown:
    """Neither a value nor its absence."""


_UNKNOWN: Final = _Unknown()


class Space:
    """One account's part of a backend: the rows whose keys begin with its name and a slash."""

    def __init__(self, backend: Backend, account: str) -> None:
        self.backend = backend
        self.prefix = f"{account}/"
        self._tables: list[Table[Any]] = []

    def table(self, name: str, codec: Codec[V], *, cached: int) -> Table[V]:
        """A typed view of the backend's table `name`.

        Args:
            name: one of `backend.TABLES`.
            codec: how a value is written.
            cached: how many values the cache holds, 0 for tables whose rows are read once.
        """
        table = Table(self.backend, self.prefix, name, codec, cached=cached)
        self._tables.append(table)
        return table

    async def damaged(self) -> dict[str, list[str]]:
        """The keys of rows that cannot be read, by table, for tables that have any."""
        found = {table.name: await table.damaged() for table in self._tables}
        return {name: keys for name, keys in found.items() if keys}

    def forget(self) -> None:
        """Empty all caches."""
        for table in self._tables:
            table.forget()


class Table(Generic[V]):
    """Values of type `V` by text key.

    Made by `Space.table`.
    """

    def __init__(self, backend: Backend, prefix: str, name: str, codec: Codec[V], *, cached: int) -> None:
        self.name = name
        self._backend = backend
        self._prefix = prefix
        self._codec = codec
        self._cache: Lru[V | _Unknown | None] = Lru(cached)
        # Counts the commits that touched this table, so that a read which was overtaken by one is done again.
        self._commits = 0

    async def get(self, key: str, batch: Batch | None = None) -> V | None:
        """The value of `key`, or `None`.

        Raises:
            StoreCorrupt: the stored bytes cannot be read.
        """
        key = self._prefix + key
        value = self._known(key, batch)
        if isinstance(value, _Unknown):
            return (await self._load([key]))[key]
        return value

    async def get_many(self, keys: Iterable[str], batch: Batch | None = None) -> dict[str, V]:
        """The values of those keys that exist, read together."""
        found = {key: self._known(self._prefix + key, batch) for key in keys}
        missing = [self._prefix + key for key, value in found.items() if isinstance(value, _Unknown)]
        loaded = await self._load(missing) if missing else {}
        values = {}
        for key, known in found.items():
            value = loaded[self._prefix + key] if isinstance(known, _Unknown) else known
            if value is not None:
                values[key] = value
        return values

    async def scan(self, prefix: str = "", batch: Batch | None = None) -> dict[str, V]:
        """All values whose key begins with `prefix`, by key, in key order. Reads past the cache."""
        prefix, cut = self._prefix + prefix, len(self._prefix)
        rows = {key: self._decode(key, data) for key, data in await self._backend.scan(self.name, prefix)}
        staged = batch.staged(self) if batch is not None else {}
        if not staged:
            return {key[cut:]: value for key, value in rows.items()}
        newest = rows | {key: value for key, value in staged.items() if key.startswith(prefix)}
        return {key[cut:]: newest[key] for key in sorted(newest) if newest[key] is not None}

    async def damaged(self) -> list[str]:
        """The keys of rows that cannot be read, in key order."""
        damaged = []
        for key, data in await self._backend.scan(self.name, self._prefix):
            try:
                self._decode(key, data)
            except StoreError:
                damaged.append(key[len(self._prefix) :])
        return damaged

    def put(self, batch: Batch, key: str, value: V) -> None:
        """Write `value` under `key` when the batch is committed."""
        batch.stage(self, self._prefix + key, value)

    def delete(self, batch: Batch, key: str) -> None:
        """Remove `key` when the batch is committed."""
        batch.stage(self, self._prefix + key, None)

    def encode(self, value: V) -> bytes:
        """The bytes of a value."""
        return self._codec.encode(value)

    def kept(self, values: Mapping[str, V | None]) -> None:
        """A commit succeeded: these are the values now."""
        self._commits += 1
        for key, value in values.items():
            self._cache.put(key, value)

    def doubted(self, keys: Iterable[str]) -> None:
        """A commit failed, perhaps after the backend wrote it: ask the backend next time."""
        self._commits += 1
        for key in keys:
            self._cache.drop(key)

    def forget(self) -> None:
        """Empty the cache."""
        self._commits += 1
        self._cache.clear()

    def _known(self, key: str, batch: Batch | None) -> V | _Unknown | None:
        if batch is not None:
            staged = batch.staged(self)
            if key in staged:
                value: V | None = staged[key]
                return value
        return self._cache.get(key, _UNKNOWN)

    async def _load(self, keys: list[str]) -> dict[str, V | None]:
        while True:
            commits = self._commits
            rows = await self._backend.get_many(self.name, keys)
            if commits == self._commits:
                break
        values: dict[str, V | None] = {}
        for key in keys:
            value = values[key] = self._decode(key, rows[key]) if key in rows else None
            self._cache.put(key, value)
        return values

    def _decode(self, key: str, data: bytes) -> V:
        try:
            return self._codec.decode(data)
        except StoreError:
            raise
        except Exception as error:  # whatever a damaged value makes a parser do, it is one thing to the caller
            raise StoreCorrupt(f"the stored {self.name} of {key!r} cannot be read ({type(error).__name__})") from error
