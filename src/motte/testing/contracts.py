"""What every store backend must do, as a test class that you run on your own.

    import pytest
    from motte.testing.contracts import BackendContract

    class TestMyBackend(BackendContract):
        @pytest.fixture
        async def backend(self):
            backend = MyBackend(...)          # empty
            yield backend
            await backend.close()

The tests are coroutines: run them with pytest-asyncio (`asyncio_mode = "auto"`) or anyio.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from motte.errors import StoreError, StoreInUse
from motte.store.backend import TABLES, Backend, Leasing
from motte.store.batch import Batch

ODD_KEYS: Final = (
    "",
    " ",
    "%",
    "_",
    "a%",
    "A",
    "a",
    "a'b",
    'a"b',
    "a\\b",
    "a/b",
    "é",
    "\ud7ff",
    "\ue000",
    "\U0010ffff",
    "a\n",
    "a\x00",
    "a\x00b",
)
"""Keys that a careless query mistakes for something else."""


def batch_of(table: str, rows: Mapping[str, bytes | None]) -> Batch:
    """A batch that puts `rows` into a table; `None` deletes."""
    batch = Batch()
    for key, value in rows.items():
        if value is None:
            batch.delete(table, key)
        else:
            batch.put(table, key, value)
    return batch


class Unwritable:
    """A typed table whose values cannot be written: a batch that holds one fails while it is turned into bytes."""

    name = "sessions"

    def encode(self, value: Any) -> bytes:
        """Always raises `StoreError`."""
        raise StoreError("this value cannot be written")

    def kept(self, values: Mapping[str, Any]) -> None:
        """Never called."""
        raise AssertionError("a value that cannot be written was kept")

    def doubted(self, keys: Iterable[str]) -> None:
        """The commit failed, as it must."""


class BackendContract:
    """Tests of `motte.store.backend.Backend`. They need a fixture `backend` that gives an empty one."""

    async def test_an_empty_backend_has_no_rows(self, backend: Backend) -> None:
        """Every table is there and empty."""
        for table in TABLES:
            assert await backend.scan(table, "") == []
            assert await backend.get_many(table, ["a"]) == {}
        assert await backend.get_many(TABLES[0], []) == {}

    async def test_what_is_put_can_be_read(self, backend: Backend) -> None:
        """Exactly the bytes, as `bytes`; an empty value is a value."""
        rows = {"a": b"\x00\xff", "b": b"", "c": bytes(range(256))}
        await backend.commit(batch_of("sessions", rows))
        found = await backend.get_many("sessions", [*rows, "absent"])
        assert found == rows
        assert all(type(value) is bytes for value in found.values())

    async def test_a_key_asked_for_twice(self, backend: Backend) -> None:
        """Is answered once; `keys` may be any iterable."""
        await backend.commit(batch_of("sessions", {"a": b"1"}))
        assert await backend.get_many("sessions", iter(["a", "a"])) == {"a": b"1"}

    async def test_the_last_write_wins(self, backend: Backend) -> None:
        """Within a batch and from batch to batch."""
        batch = batch_of("sessions", {"a": b"1", "b": b"1"})
        batch.put("sessions", "a", b"2")
        batch.delete("sessions", "b")
        await backend.commit(batch)
        assert await backend.get_many("sessions", ["a", "b"]) == {"a": b"2"}
        await backend.commit(batch_of("sessions", {"a": b"3"}))
        assert await backend.get_many("sessions", ["a"]) == {"a": b"3"}

    async def test_deleting(self, backend: Backend) -> None:
        """Removes the row; what is not there can be deleted too."""
        await backend.commit(batch_of("sessions", {"a": b"1", "b": b"2"}))
        await backend.commit(batch_of("sessions", {"a": None, "absent": None}))
        assert await backend.scan("sessions", "") == [("b", b"2")]

    async def test_tables_are_apart(self, backend: Backend) -> None:
        """One key may be in each of them."""
        batch = Batch()
        for table in TABLES:
            batch.put(table, "key", table.encode())
        await backend.commit(batch)
        for table in TABLES:
            assert await backend.scan(table, "k") == [("key", table.encode())]

    async def test_scan_gives_a_prefix_in_order(self, backend: Backend) -> None:
        """Code point order, whatever the order of writing."""
        keys = ["b/2", "b/10", "b", "a/1", "c", "b/", "b0"]
        await backend.commit(batch_of("lids", {key: key.encode() for key in keys}))
        assert [key for key, _ in await backend.scan("lids", "b/")] == ["b/", "b/10", "b/2"]
        assert [key for key, _ in await backend.scan("lids", "")] == sorted(keys)

    async def test_odd_keys(self, backend: Backend) -> None:
        """Every text is a key, and a prefix is taken literally."""
        await backend.commit(batch_of("lids", {key: repr(key).encode() for key in ODD_KEYS}))
        assert await backend.get_many("lids", ODD_KEYS) == {key: repr(key).encode() for key in ODD_KEYS}
        for prefix in ODD_KEYS:
            expected = sorted(key for key in ODD_KEYS if key.startswith(prefix))
            assert [key for key, _ in await backend.scan("lids", prefix)] == expected

    async def test_many_rows_and_large_values(self, backend: Backend) -> None:
        """5000 rows in one batch and in one read; a value of 2 MB."""
        rows = {f"{number:05d}": number.to_bytes(2) for number in range(5000)}
        await backend.commit(batch_of("prekeys", rows))
        assert await backend.get_many("prekeys", rows) == rows
        assert await backend.scan("prekeys", "") == list(rows.items())
        await backend.commit(batch_of("appstate", {"large": bytes(2_000_000)}))
        assert await backend.get_many("appstate", ["large"]) == {"large": bytes(2_000_000)}

    async def test_a_batch_is_written_whole_or_not_at_all(self, backend: Backend) -> None:
        """An unknown table, or a value that cannot be written, leaves nothing of the batch."""
        unknown = batch_of("sessions", {"a": b"1"})
        unknown.put("no_such_table", "a", b"1")
        unwritable = batch_of("sessions", {"a": b"1"})
        unwritable.stage(Unwritable(), "b", object())
        for batch in (unknown, unwritable):
            try:
                await backend.commit(batch)
            except StoreError:
                pass
            else:
                raise AssertionError("a batch that cannot be written was committed")
        assert await backend.scan("sessions", "") == []
        await backend.commit(batch_of("sessions", {"a": b"2"}))
        assert await backend.scan("sessions", "") == [("a", b"2")]

    async def test_an_unknown_table_cannot_be_read(self, backend: Backend) -> None:
        """It is a `StoreError`, also when its name is no name at all."""
        for table in ("no_such_table", "sessions; DROP TABLE sessions"):
            for call in (backend.get_many(table, ["a"]), backend.scan(table, "")):
                try:
                    await call
                except StoreError:
                    continue
                raise AssertionError(f"a table {table!r} was read")

    async def test_an_empty_batch(self, backend: Backend) -> None:
        """Is fine."""
        await backend.commit(Batch())

    async def test_commits_at_the_same_time(self, backend: Backend) -> None:
        """None is lost, and a reader sees whole batches only."""

        async def write(number: int) -> None:
            value = number.to_bytes(2)
            await backend.commit(batch_of("sessions", {"first": value, "last": value, f"own/{number}": value}))

        async def read() -> None:
            found = await backend.get_many("sessions", ["first", "last"])
            assert found.get("first") == found.get("last")

        await asyncio.gather(*(task for number in range(50) for task in (write(number), read())))
        assert len(await backend.scan("sessions", "own/")) == 50

    async def test_closing_twice(self, backend: Backend) -> None:
        """Is fine."""
        await backend.close()
        await backend.close()

    async def test_an_account_has_one_holder(self, backend: Backend) -> None:
        """Where the backend gives leases: a second one is refused until the first is released."""
        if not isinstance(backend, Leasing):
            return
        await backend.get_many("account", ())
        first = backend.lease("default")
        other = backend.lease("an other/account")
        try:
            backend.lease("default")
        except StoreInUse:
            pass
        else:
            raise AssertionError("two holders of one account")
        first.release()
        first.release()
        again = backend.lease("default")
        again.release()
        other.release()
