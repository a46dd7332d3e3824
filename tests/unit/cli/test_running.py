"""How a command ends."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
import typer

from motte import errors
from motte.cli.exits import Exit
from motte.cli.running import run


async def fail(error: BaseException) -> None:
    raise error


async def wait_for_ever(closed: list[str], kind: signal.Signals) -> None:
    try:
        os.kill(os.getpid(), kind)
        await asyncio.wait_for(asyncio.get_running_loop().create_future(), 10)
    finally:
        closed.append("closed")


def test_success_raises_nothing() -> None:
    run(asyncio.sleep(0))


def test_an_error_is_one_sentence_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        run(fail(errors.StoreInUse("it is open elsewhere")))
    assert ended.value.exit_code == Exit.STORE
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", "motte: It is open elsewhere.\n")


def test_a_defect_is_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError):
        run(fail(ZeroDivisionError()))


def test_a_traceback_on_request(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(typer.Exit):
        run(fail(errors.RequestTimeout("late")), debug=True)
    assert "RequestTimeout" in caplog.text
    assert "fail" in caplog.text


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("code", [Exit.OK, Exit.INTERRUPTED])
def test_a_signal_closes_what_is_open(kind: signal.Signals, code: Exit) -> None:
    closed: list[str] = []
    with pytest.raises(typer.Exit) as ended:
        run(wait_for_ever(closed, kind), stopped=code)
    assert ended.value.exit_code == code
    assert closed == ["closed"]


def test_the_second_signal_does_not_wait() -> None:
    async def stubborn() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), 10)
        except asyncio.CancelledError:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), 10)

    with pytest.raises(typer.Exit) as ended:
        run(stubborn())
    assert ended.value.exit_code == Exit.INTERRUPTED
