"""The demo's steps."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from motte.cli.demo import stage as stages
from motte.cli.demo.stage import Stage, expected
from motte.cli.exits import CliError, Exit, failure
from motte.errors import SendRejected


def stage() -> tuple[Stage, io.StringIO]:
    file = io.StringIO()
    return Stage(Console(file=file, width=80, color_system=None)), file


async def test_steps_are_numbered_and_summed_up() -> None:
    acting, file = stage()
    async with acting.step("First", "that it works"):
        acting.say("hello")
    async with acting.step("Second", "that it goes on"):
        pass
    acting.summary()
    text = file.getvalue()
    assert text.index("1  First") < text.index("   hello") < text.index("2  Second") < text.index("that it works")
    assert text.count(" ms ") == 2
    assert max(len(line) for line in text.splitlines()) <= 80


async def test_a_step_that_fails_is_named_in_one_sentence() -> None:
    acting, _ = stage()
    with pytest.raises(CliError) as failed:
        async with acting.step("Ann writes", "x"):
            raise SendRejected(463, "restricted")
    code, sentence = failure(failed.value)
    assert code is Exit.FAILURE
    assert sentence == "The step 'Ann writes' failed: the server rejected the message with 463: restricted."
    assert acting.results == []


async def test_a_claim_that_does_not_hold_fails_its_step() -> None:
    acting, _ = stage()
    with pytest.raises(CliError, match=r"Ben reads.*it came live"):
        async with acting.step("Ben reads", "x"):
            expected(False, "it came live")


async def test_a_step_that_hangs_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "STEP_SECONDS", 0.01)
    acting, _ = stage()
    with pytest.raises(CliError, match="did not end within"):
        async with acting.step("Ben reads", "x"):
            await asyncio.get_running_loop().create_future()
