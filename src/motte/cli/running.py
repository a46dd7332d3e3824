"""Runs a command's coroutine: signals stop it, errors become a sentence and an exit code.

The first SIGINT or SIGTERM cancels the coroutine, so every `async with` in it closes what it opened. The second one
does not wait for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any, Final

import typer

from motte.cli.exits import Exit, failure
from motte.errors import MotteError

_STOP: Final = (signal.SIGINT, signal.SIGTERM)
_LEVELS: Final = (logging.ERROR, logging.INFO, logging.DEBUG)


def run(
    work: Coroutine[Any, Any, None], *, verbose: int = 0, debug: bool = False, stopped: Exit = Exit.INTERRUPTED
) -> None:
    """Run `work` to its end.

    Args:
        work: the command.
        verbose: 0 logs errors, 1 what happens, 2 everything; to stderr.
        debug: show tracebacks.
        stopped: the exit code after SIGINT or SIGTERM; `Exit.OK` for commands that run until they are stopped.

    Raises:
        typer.Exit: it failed or was stopped; the sentence is on stderr.
    """
    level = _LEVELS[min(verbose, len(_LEVELS) - 1)]
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_stoppable(work))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(stopped) from None
    except BrokenPipeError:
        _detach_stdout()
        raise typer.Exit(Exit.INTERRUPTED) from None
    except (MotteError, OSError) as error:
        if debug:
            logging.getLogger("motte.cli").error("traceback:", exc_info=error)
        complain(error)
        raise typer.Exit(failure(error).code) from None


def complain(error: BaseException) -> None:
    """Print an error's sentence on stderr."""
    typer.echo(f"motte: {failure(error).sentence}", err=True)


async def _stoppable(work: Coroutine[Any, Any, None]) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def stop() -> None:
        for wanted in _STOP:
            loop.remove_signal_handler(wanted)
        task.cancel()

    # Windows has no such handlers: there asyncio.run sees to Ctrl-C alone.
    with contextlib.suppress(NotImplementedError):
        for wanted in _STOP:
            loop.add_signal_handler(wanted, stop)
    await work


def _detach_stdout() -> None:
    """Whoever read our output is gone; without this the interpreter would complain once more when it flushes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
