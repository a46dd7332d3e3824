"""Bounded rows: never more than the limit (once it has caught up), never older than allowed, and no gaps in service."""

from hypothesis import given
from hypothesis import strategies as st

from motte.store.batch import Batch
from motte.store.bounded import Bounded
from motte.store.codec import TEXT
from motte.store.memory import MemoryBackend
from motte.store.table import Space


class Fixture:
    def __init__(self, backend: MemoryBackend, limit: int = 5, max_age: float = 100.0) -> None:
        space = Space(backend, "x")
        self.backend = backend
        self.rows = space.table("sent", TEXT, cached=3)
        self.log = space.table("sent_log", TEXT, cached=0)
        self.bounded = Bounded(self.rows, self.log, limit=limit, max_age=max_age)

    async def put(self, key: str, now: float, value: str = "v") -> None:
        batch = Batch()
        await self.bounded.put(batch, key, value, now=now)
        await self.backend.commit(batch)
        batch.kept()

    async def keys(self) -> set[str]:
        rows, log = set(await self.rows.scan()), await self.log.scan()
        assert sorted(entry.partition(" ")[2] for entry in log.values()) == sorted(rows)
        return rows


async def test_the_oldest_go_when_there_are_too_many() -> None:
    fixture = Fixture(MemoryBackend())
    for number in range(12):
        await fixture.put(f"k{number}", now=1.0)
        assert len(await fixture.keys()) <= 5
    assert await fixture.keys() == {"k7", "k8", "k9", "k10", "k11"}


async def test_the_oldest_go_when_they_are_too_old() -> None:
    fixture = Fixture(MemoryBackend())
    for number in range(4):
        await fixture.put(f"k{number}", now=1.0)
    await fixture.put("late", now=102.0)
    assert await fixture.keys() == {"k2", "k3", "late"}
    await fixture.put("later", now=102.0)
    assert await fixture.keys() == {"late", "later"}


async def test_writing_again_keeps_the_place_in_the_order() -> None:
    fixture = Fixture(MemoryBackend())
    for key in ("a", "b", "a", "c", "d", "e"):
        await fixture.put(key, now=1.0, value=f"{key}!")
    assert await fixture.keys() == {"a", "b", "c", "d", "e"}
    await fixture.put("f", now=1.0)
    assert await fixture.keys() == {"b", "c", "d", "e", "f"}


async def test_the_order_outlives_a_restart_and_a_lower_limit_is_reached_in_time() -> None:
    backend = MemoryBackend()
    fixture = Fixture(backend, limit=20)
    for number in range(20):
        await fixture.put(f"k{number}", now=1.0)
    fixture = Fixture(backend, limit=3)
    for number in range(20, 40):
        await fixture.put(f"k{number}", now=1.0)
    assert await fixture.keys() == {"k37", "k38", "k39"}


async def test_a_batch_that_is_never_committed_does_no_harm() -> None:
    fixture = Fixture(MemoryBackend())
    for number in range(5):
        await fixture.put(f"k{number}", now=1.0)
    await fixture.bounded.put(Batch(), "lost", "v", now=1.0)
    for number in range(5, 12):
        await fixture.put(f"k{number}", now=1.0)
    assert "lost" not in await fixture.keys()
    assert {"k9", "k10", "k11"} <= await fixture.keys()
    restarted = Fixture(fixture.backend)
    for number in range(12, 20):
        await restarted.put(f"k{number}", now=1.0)
    assert len(await restarted.keys()) <= 5


async def test_many_entries_in_one_batch() -> None:
    fixture = Fixture(MemoryBackend())
    batch = Batch()
    for number in range(12):
        await fixture.bounded.put(batch, f"k{number}", "v", now=1.0)
    await fixture.backend.commit(batch)
    batch.kept()
    assert await fixture.keys() == {"k7", "k8", "k9", "k10", "k11"}


@given(times=st.lists(st.floats(min_value=0, max_value=400), max_size=30), limit=st.integers(1, 6))
async def test_any_clock(times: list[float], limit: int) -> None:
    fixture = Fixture(MemoryBackend(), limit=limit)
    for number, now in enumerate(times):
        await fixture.put(f"k{number}", now=now)
        keys = await fixture.keys()
        assert len(keys) <= limit
        assert f"k{number}" in keys
