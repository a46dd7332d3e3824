"""Background work."""

from __future__ import annotations

import asyncio
import logging

import pytest

from motte.errors import Disconnected, RequestTimeout
from motte.runtime.tasks import Tasks


async def fails(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "level", "traceback"),
    [
        (Disconnected("gone"), logging.DEBUG, False),
        (RequestTimeout("late"), logging.WARNING, False),
        (ValueError("a bug"), logging.ERROR, True),
    ],
)
async def test_failures_are_told_by_their_weight(
    caplog: pytest.LogCaptureFixture, error: Exception, level: int, traceback: bool
) -> None:
    caplog.set_level(logging.DEBUG, logger="motte.tasks")
    tasks = Tasks()
    tasks.start(fails(error), "work")
    await tasks.idle()
    [record] = [record for record in caplog.records if record.name == "motte.tasks"]
    assert (record.levelno, record.exc_info is not None) == (level, traceback)
    assert record.getMessage().startswith("work ")


async def test_idle_waits_for_what_work_starts() -> None:
    tasks = Tasks()
    done: list[str] = []

    async def second() -> None:
        done.append("second")

    async def first() -> None:
        tasks.start(second(), "second")
        done.append("first")

    tasks.start(first(), "first")
    await tasks.idle()
    assert done == ["first", "second"]


async def test_cancelling_ends_everything() -> None:
    tasks = Tasks()
    ended: list[int] = []

    async def hang(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    for number in range(3):
        tasks.start(hang(number), "hang")
    await asyncio.sleep(0)
    await tasks.cancel()
    assert sorted(ended) == [0, 1, 2]
    await tasks.idle()


async def test_nothing_begins_after_the_end() -> None:
    tasks = Tasks()
    begun: list[int] = []

    async def begin() -> None:
        begun.append(1)

    await tasks.cancel()
    tasks.start(begin(), "late")
    await tasks.idle()
    await asyncio.sleep(0)
    assert begun == []
