"""A batch: everything that one step changes, written together or not at all.

Decrypting one stanza moves a ratchet, uses up a prekey, learns a name and marks the message as seen. All of it goes
into one batch, and `Store.commit` writes it in one transaction. Until then nobody but the holder of the batch sees it.

A value stays an object in here. It becomes bytes once, at the commit, however often it was put.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from motte.errors import LocalProtocolError


class Target(Protocol):
    """Where typed values go: a table that writes them as bytes and hears when they are kept."""

    @property
    def name(self) -> str:
        """The backend's table."""
        ...

    def encode(self, value: Any) -> bytes:
        """The bytes of one value."""
        ...

    def kept(self, values: Mapping[str, Any]) -> None:
        """The commit succeeded: these are now the values by key, `None` for deleted."""
        ...

    def doubted(self, keys: Iterable[str]) -> None:
        """The commit failed: what these keys hold now, only the backend knows."""
        ...


class Batch:
    """Puts and deletes by table and key; the last one of a key wins.

    A batch is committed once. Using it afterwards raises `LocalProtocolError`, so that no write is ever lost silently.
    """

    __slots__ = ("_raw", "_spent", "_typed")

    def __init__(self) -> None:
        self._raw: dict[str, dict[str, bytes | None]] = {}
        self._typed: dict[Target, dict[str, Any]] = {}
        self._spent = False

    def put(self, table: str, key: str, value: bytes) -> None:
        """Write `value` under `key`: for rows that no typed table caches. The views use `stage`."""
        self._open()._raw.setdefault(table, {})[key] = value

    def delete(self, table: str, key: str) -> None:
        """Remove `key`; fine if it is not there."""
        self._open()._raw.setdefault(table, {})[key] = None

    def stage(self, target: Target, key: str, value: Any) -> None:
        """Write the object `value` under `key` of a typed table, or remove the key when it is `None`."""
        self._open()._typed.setdefault(target, {})[key] = value

    def staged(self, target: Target) -> Mapping[str, Any]:
        """What this batch holds for a typed table so far."""
        return self._typed.get(target, _NOTHING)

    def __bool__(self) -> bool:
        return bool(self._raw or self._typed)

    def changes(self) -> dict[str, dict[str, bytes | None]]:
        """What a backend has to write: table → key → bytes, or `None` to delete."""
        changes = {table: dict(rows) for table, rows in self._raw.items()}
        for target, values in self._typed.items():
            rows = changes.setdefault(target.name, {})
            for key, value in values.items():
                rows[key] = None if value is None else target.encode(value)
        return changes

    def seal(self) -> None:
        """Take no more changes: the commit begins."""
        self._open()._spent = True

    def kept(self) -> None:
        """The commit succeeded: tell every typed table."""
        for target, values in self._typed.items():
            target.kept(values)

    def failed(self) -> None:
        """The commit failed: tell every typed table. The batch may be changed and committed again."""
        self._spent = False
        for target, values in self._typed.items():
            target.doubted(values)

    def _open(self) -> Batch:
        if self._spent:
            raise LocalProtocolError("this batch was committed already; take a new one from store.batch()")
        return self


_NOTHING: Mapping[str, Any] = {}
