"""What is kept of history on its way; on every backend."""

from __future__ import annotations

from motte.store.repo.history import REMEMBERED, Announced
from motte.store.store import Store


async def test_notices_wait_in_order(store: Store) -> None:
    first, second = Announced(notification=b"first"), Announced(notification=b"second", parts=3)
    batch = store.batch()
    store.history.put(batch, 11, second)
    store.history.put(batch, 2, first)
    await store.commit(batch)
    assert list((await store.history.pending()).items()) == [(2, first), (11, second)]
    batch = store.batch()
    store.history.delete(batch, 2)
    await store.commit(batch)
    assert await store.history.pending() == {11: second}


async def test_the_newest_digests_are_known(store: Store) -> None:
    digests = [number.to_bytes(16, "big") for number in range(REMEMBERED + 1)]
    batch = store.batch()
    for digest in digests:
        await store.history.remember(batch, digest)
    await store.commit(batch)
    assert not await store.history.is_known(digests[0])
    assert await store.history.is_known(digests[1])
    assert await store.history.is_known(digests[-1])
    assert await store.damaged() == {}
