"""Batches through both halves: in order, one at a time, and never after the end."""

from __future__ import annotations

import asyncio
import threading

import pytest

from motte.runtime.media.pipeline import SMALL, Pipeline

LONG = bytes(SMALL + 1)


async def test_both_halves_see_every_piece_in_order() -> None:
    one: list[bytes] = []
    two: list[bytes] = []
    batches = [(b"a",), (LONG, b"b"), (b"c", b"d"), (LONG,), ()]
    async with Pipeline(one.append, two.append) as pipeline:
        for batch in batches:
            await pipeline.put(batch)
        await pipeline.drain()
    assert one == two == [piece for batch in batches for piece in batch]


async def test_the_next_batch_is_taken_while_one_is_worked_on() -> None:
    go_on = threading.Event()
    async with Pipeline(lambda piece: go_on.wait(10)) as pipeline:
        await pipeline.put((LONG,))  # would not return if it waited for the work
        waiting = asyncio.create_task(pipeline.put((LONG,)))
        await asyncio.sleep(0)
        assert not waiting.done()
        go_on.set()
        await waiting


async def test_what_a_half_raises_comes_out_of_the_next_call() -> None:
    def fail(piece: bytes) -> None:
        raise ValueError("wrong")

    async with Pipeline(lambda piece: None, fail) as pipeline:
        await pipeline.put((LONG,))
        with pytest.raises(ValueError, match="wrong"):
            await pipeline.put((LONG,))
        with pytest.raises(ValueError, match="wrong"):
            await pipeline.put((b"short",))


async def test_who_is_cancelled_waits_for_the_threads() -> None:
    started, go_on, ended = asyncio.Event(), threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work(piece: bytes) -> None:
        loop.call_soon_threadsafe(started.set)
        go_on.wait(10)
        ended.set()

    async def run() -> None:
        async with Pipeline(work) as pipeline:
            await pipeline.put((LONG,))
            await pipeline.drain()

    task = asyncio.create_task(run())
    await started.wait()
    task.cancel()
    loop.call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
