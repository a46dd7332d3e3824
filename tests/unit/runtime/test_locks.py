"""Locks by key."""

from __future__ import annotations

import asyncio

import pytest

from motte.runtime.locks import KeyedLocks


async def test_one_holder_per_key_and_nothing_left_behind() -> None:
    locks: KeyedLocks[str] = KeyedLocks()
    running: dict[str, int] = {"a": 0, "b": 0}

    async def work(*keys: str) -> None:
        async with locks.hold(keys):
            for key in set(keys):
                running[key] += 1
            await asyncio.sleep(0)
            assert all(running[key] == 1 for key in keys)
            for key in set(keys):
                running[key] -= 1

    # opposite orders would deadlock without the law; a key named twice would wait for itself
    async with asyncio.timeout(5):
        await asyncio.gather(*(work(*keys) for keys in [("a", "b"), ("b", "a"), ("a",), ("b", "b")] * 20))
    assert len(locks) == 0


async def test_other_keys_are_free() -> None:
    locks: KeyedLocks[str] = KeyedLocks()
    async with locks.hold(["a"]), asyncio.timeout(5), locks.hold(["b"]):
        assert len(locks) == 2
    assert len(locks) == 0


async def test_who_gives_up_waiting_leaves_no_trace() -> None:
    locks: KeyedLocks[str] = KeyedLocks()

    async def wait() -> None:
        async with locks.hold(["b", "a"]):
            raise AssertionError("it is held")

    async with locks.hold(["b"]):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(5), locks.hold(["a"]):
            pass
    assert len(locks) == 0


async def test_an_error_inside_frees_the_keys() -> None:
    locks: KeyedLocks[str] = KeyedLocks()
    with pytest.raises(ValueError, match="inside"):
        async with locks.hold(["a"]):
            raise ValueError("inside")
    assert len(locks) == 0
