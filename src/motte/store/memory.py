"""A backend in memory: for tests, and for sessions that may be forgotten."""

from __future__ import annotations

from collections.abc import Iterable

from motte.errors import StoreError
from motte.store.backend import TABLES, Lease
from motte.store.batch import Batch
from motte.store.lease import MemoryLease


class MemoryBackend:
    """Rows in dictionaries. They outlive `close()`, so a test can open the same object again."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, bytes]] = {table: {} for table in TABLES}
        self._taken: set[str] = set()

    async def get_many(self, table: str, keys: Iterable[str]) -> dict[str, bytes]:
        """The values of those keys that exist."""
        rows = self._rows(table)
        return {key: rows[key] for key in keys if key in rows}

    async def scan(self, table: str, prefix: str) -> list[tuple[str, bytes]]:
        """Every row whose key begins with `prefix`, ordered by key."""
        return sorted(row for row in self._rows(table).items() if row[0].startswith(prefix))

    async def commit(self, batch: Batch) -> None:
        """Write all changes; an unknown table is found before anything is written."""
        changes = [(self._rows(table), rows) for table, rows in batch.changes().items()]
        for stored, rows in changes:
            for key, value in rows.items():
                if value is None:
                    stored.pop(key, None)
                else:
                    stored[key] = value

    async def close(self) -> None:
        """Nothing to let go of."""

    def lease(self, account: str) -> Lease:
        """The sole right to an account.

        Raises:
            StoreInUse: another client has it.
        """
        return MemoryLease(self._taken, account)

    def _rows(self, table: str) -> dict[str, bytes]:
        try:
            return self._tables[table]
        except KeyError:
            raise StoreError(f"there is no table {table!r}") from None
