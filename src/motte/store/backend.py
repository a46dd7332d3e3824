"""What a database must offer: four methods over tables of text keys and byte values.

    get_many(table, keys)   the values that exist
    scan(table, prefix)     all rows whose key begins so, in key order
    commit(batch)           all of it or nothing
    close()

Everything else (types, accounts, caches) is built above, once for all databases. A backend of your own proves itself
with `motte.testing.contracts.BackendContract`.

Accounts share a backend: their rows begin with the account's name and a slash, which is no business of the backend.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol, runtime_checkable

from motte.store.batch import Batch

TABLES: Final = (
    "account",
    "identities",
    "sessions",
    "prekeys",
    "sender_keys",
    "sender_key_holders",
    "lids",
    "devices",
    "sent",
    "sent_log",
    "received",
    "received_log",
    "inbox",
    "contacts",
    "tokens",
    "appstate",
    "secrets",
    "secrets_log",
    "votes",
    "votes_log",
    "timers",
    "chats",
    "entries",
    "history",
    "history_seen",
)
"""Every table there is. A new one needs a migration."""


class Backend(Protocol):
    """A database for one or more accounts. All four methods raise `StoreError` when the database fails."""

    async def get_many(self, table: str, keys: Iterable[str]) -> dict[str, bytes]:
        """The values of those keys that exist."""
        ...

    async def scan(self, table: str, prefix: str) -> list[tuple[str, bytes]]:
        """Key and value of every row whose key begins with `prefix`, ordered by key (code point order)."""
        ...

    async def commit(self, batch: Batch) -> None:
        """Write `batch.changes()` in one transaction: after an error, or a crash, nothing of it is there."""
        ...

    async def close(self) -> None:
        """Let go of the database. Closing twice is fine."""
        ...


class Lease(Protocol):
    """The sole right to one account of a backend."""

    def release(self) -> None:
        """Let others have it. Releasing twice is fine."""
        ...


@runtime_checkable
class Leasing(Protocol):
    """A backend that can also keep two clients from opening one account. Optional."""

    def lease(self, account: str) -> Lease:
        """The sole right to `account`.

        Raises:
            StoreInUse: somebody else has it.
        """
        ...
