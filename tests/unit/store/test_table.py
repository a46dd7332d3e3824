"""Table reads: the batch first, then the cache, then the backend; whatever happens, like a plain dict."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motte.errors import StoreCorrupt, StoreError, StoreTooNew
from motte.store.batch import Batch
from motte.store.codec import TEXT, Codec
from motte.store.memory import MemoryBackend
from motte.store.store import Store
from motte.store.table import Space

KEYS = st.sampled_from(["a", "b", "ab", "b/1", "b/2"])
VALUES = st.text(max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("put"), KEYS, VALUES),
    st.tuples(st.just("delete"), KEYS, st.just("")),
    st.tuples(st.sampled_from(["commit", "fail", "drop", "restart"]), st.just(""), st.just("")),
)


class Failing(MemoryBackend):
    fail = False

    async def commit(self, batch: Batch) -> None:
        if self.fail:
            raise StoreError("disk full")
        await super().commit(batch)


@given(steps=st.lists(STEPS, max_size=30), cached=st.sampled_from([0, 1, 2, 100]))
def test_a_table_behaves_like_a_dict_with_transactions(steps: list[tuple[str, str, str]], cached: int) -> None:
    asyncio.run(_compare(steps, cached))


async def _compare(steps: list[tuple[str, str, str]], cached: int) -> None:
    backend = Failing()
    store = await Store.open(backend)
    neighbour = Space(backend, "defaul").table("contacts", TEXT, cached=0)
    table = Space(backend, "default").table("contacts", TEXT, cached=cached)
    committed: dict[str, str] = {}
    pending: dict[str, str | None] = {}
    batch = Batch()
    for step, key, value in steps:
        match step:
            case "put":
                table.put(batch, key, value)
                pending[key] = value
            case "delete":
                table.delete(batch, key)
                pending[key] = None
            case "commit":
                await store.commit(batch)
                committed = _merged(committed, pending)
                batch, pending = Batch(), {}
            case "fail":
                backend.fail = True
                with pytest.raises(StoreError):
                    await store.commit(batch)
                backend.fail = False
            case "drop":
                batch, pending = Batch(), {}
            case "restart":
                table = Space(backend, "default").table("contacts", TEXT, cached=cached)
                batch, pending = Batch(), {}
        for view, expected in ((None, committed), (batch, _merged(committed, pending))):
            keys = ["a", "b", "ab", "b/1", "b/2"]
            assert {key: await table.get(key, view) for key in keys} == {key: expected.get(key) for key in keys}
            assert await table.get_many(keys, view) == expected
            assert await table.scan("", view) == dict(sorted(expected.items()))
            assert set(await table.scan("b", view)) == {key for key in expected if key.startswith("b")}
    assert await neighbour.scan() == {}


def _merged(committed: dict[str, str], pending: dict[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in (committed | pending).items() if value is not None}


class Slow(MemoryBackend):
    """Reads wait until they are let go, and give what they saw before."""

    def __init__(self) -> None:
        super().__init__()
        self.reading, self.go = asyncio.Event(), asyncio.Event()

    async def get_many(self, table: str, keys: Iterable[str]) -> dict[str, bytes]:
        seen = await super().get_many(table, keys)
        self.reading.set()
        await self.go.wait()
        return seen


async def test_a_read_that_a_commit_overtakes_is_done_again() -> None:
    backend = Slow()
    table = Space(backend, "default").table("contacts", TEXT, cached=10)
    read = asyncio.create_task(table.get("a"))
    await backend.reading.wait()
    batch = Batch()
    table.put(batch, "a", "new")
    await backend.commit(batch)
    batch.kept()
    backend.go.set()
    assert await read == "new"
    assert await table.get("a") == "new"


async def test_the_cache_is_bounded_and_keeps_what_is_used() -> None:
    reads: list[list[str]] = []

    class Counting(MemoryBackend):
        async def get_many(self, table: str, keys: Iterable[str]) -> dict[str, bytes]:
            wanted = list(keys)
            reads.append(wanted)
            return await super().get_many(table, wanted)

    table = Space(Counting(), "x").table("contacts", TEXT, cached=2)
    for key in ("a", "b", "a", "c", "a", "b"):
        await table.get(key)
    # "a" was used again before "c" came, so "b" had to go.
    assert reads == [["x/a"], ["x/b"], ["x/c"], ["x/b"]]


@pytest.mark.parametrize("error", [ValueError("secret"), KeyError("x"), StoreCorrupt("short"), IndexError()])
async def test_a_value_that_cannot_be_read(error: Exception) -> None:
    def decode(data: bytes) -> Any:
        raise error

    backend = MemoryBackend()
    batch = Batch()
    batch.put("contacts", "x/a", b"?")
    await backend.commit(batch)
    table = Space(backend, "x").table("contacts", Codec(bytes, decode), cached=2)
    for read in (table.get("a"), table.get_many(["a"]), table.scan()):
        with pytest.raises(StoreCorrupt) as caught:
            await read
        assert "secret" not in str(caught.value)


async def test_a_value_of_a_newer_motte_is_said_to_be_that() -> None:
    def decode(data: bytes) -> Any:
        raise StoreTooNew("written by a newer motte")

    backend = MemoryBackend()
    batch = Batch()
    batch.put("contacts", "x/a", b"?")
    await backend.commit(batch)
    with pytest.raises(StoreTooNew):
        await Space(backend, "x").table("contacts", Codec(bytes, decode), cached=2).get("a")


@pytest.mark.parametrize("table", ["account", "sessions", "prekeys", "sender_keys", "sent", "received", "devices"])
@pytest.mark.parametrize("data", [b"", b"\x00", b"\x01", b"\x01{}", b"\x01\x00\x00\x00\xff", b"\xff" * 40])
async def test_damaged_rows_of_every_kind(table: str, data: bytes) -> None:
    store = await Store.open(None)
    batch = store.batch()
    batch.put(table, "default/1", data)
    await store.commit(batch)
    views = {
        "account": store.account.table,
        "sessions": store.sessions.table,
        "prekeys": store.prekeys.table,
        "sender_keys": store.sender_keys.table,
        "sent": store.sent.table,
        "received": store.received.table,
        "devices": store.devices.table,
    }
    view: Any = views[table]
    with pytest.raises((StoreCorrupt, StoreTooNew)):
        await view.get("1")
