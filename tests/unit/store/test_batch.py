"""A batch is committed once; a failed commit changes nothing and may be repeated."""

from collections.abc import Callable

import pytest

from motte.errors import LocalProtocolError, StoreError
from motte.store.batch import Batch
from motte.store.codec import TEXT, Codec
from motte.store.memory import MemoryBackend
from motte.store.store import Store
from motte.store.table import Space


class Flaky(MemoryBackend):
    """Fails when told to, before or after it has written."""

    def __init__(self) -> None:
        super().__init__()
        self.fail = ""

    async def commit(self, batch: Batch) -> None:
        if self.fail == "before":
            raise StoreError("no space left")
        await super().commit(batch)
        if self.fail == "after":
            raise StoreError("the answer got lost")


async def test_a_committed_batch_takes_no_more_changes() -> None:
    store = await Store.open(None)
    batch = store.batch()
    batch.put("contacts", "default/a", b"1")
    await store.commit(batch)
    uses: list[Callable[[], None]] = [
        lambda: batch.put("contacts", "default/a", b"2"),
        lambda: batch.delete("contacts", "default/a"),
        lambda: store.prekeys.delete(batch, 1),
    ]
    for use in uses:
        with pytest.raises(LocalProtocolError, match="committed already"):
            use()
    with pytest.raises(LocalProtocolError, match="committed already"):
        await store.commit(batch)


async def test_a_failed_commit_changes_nothing_and_can_be_repeated() -> None:
    backend = Flaky()
    store = await Store.open(backend)
    batch = store.batch()
    store.appstate.put_version(batch, "regular", b"old")
    await store.commit(batch)
    batch = store.batch()
    store.appstate.put_version(batch, "regular", b"new")
    backend.fail = "before"
    with pytest.raises(StoreError):
        await store.commit(batch)
    assert await store.appstate.get_version("regular") == b"old"
    backend.fail = ""
    store.appstate.put_version(batch, "other", b"more")
    await store.commit(batch)
    assert await store.appstate.get_version("regular") == b"new"
    assert await store.appstate.get_version("other") == b"more"


async def test_after_a_commit_in_doubt_the_backend_is_asked() -> None:
    backend = Flaky()
    store = await Store.open(backend)
    assert await store.appstate.get_version("regular") is None
    batch = store.batch()
    store.appstate.put_version(batch, "regular", b"new")
    backend.fail = "after"
    with pytest.raises(StoreError):
        await store.commit(batch)
    assert await store.appstate.get_version("regular") == b"new"


async def test_a_value_is_serialised_once_per_commit_and_only_if_touched() -> None:
    written: list[str] = []

    def encode(value: str) -> bytes:
        written.append(value)
        return value.encode()

    backend = MemoryBackend()
    table = Space(backend, "default").table("contacts", Codec(encode, bytes.decode), cached=10)
    batch = Batch()
    for value in ("1", "2", "3"):
        table.put(batch, "a", value)
    table.put(batch, "b", "4")
    await backend.commit(batch)
    batch.kept()
    assert sorted(written) == ["3", "4"]
    later = Batch()
    assert await table.get("a") == "3"
    table.put(later, "b", "5")
    await backend.commit(later)
    assert sorted(written) == ["3", "4", "5"]


def test_a_batch_knows_whether_it_is_empty() -> None:
    batch = Batch()
    assert not batch
    table = Space(MemoryBackend(), "default").table("contacts", TEXT, cached=0)
    table.put(batch, "a", "1")
    assert batch
    assert batch.changes() == {"contacts": {"default/a": b"1"}}
