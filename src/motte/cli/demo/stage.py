"""The demo's steps: each is announced, timed, bounded, and noted for the table at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from motte.cli.exits import CliError
from motte.errors import MotteError

STEP_SECONDS: Final = 60.0
"""How long one step may take, on however slow a machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A step that succeeded: what it proved, and its seconds."""

    title: str
    proved: str
    seconds: float


class Stage:
    """Where the demo plays."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.results: list[Result] = []

    @asynccontextmanager
    async def step(self, title: str, proved: str) -> AsyncIterator[None]:
        """One step.

        Raises:
            CliError: it failed or took too long; the text names it.
        """
        self.console.print()
        self.console.print(Rule(Text(f"{len(self.results) + 1}  {title}", style="bold"), align="left"))
        started = time.perf_counter()
        try:
            async with asyncio.timeout(STEP_SECONDS):
                yield
        except TimeoutError:
            raise CliError(f"the step {title!r} did not end within {STEP_SECONDS:.0f} s") from None
        except (MotteError, OSError) as error:
            raise CliError(f"the step {title!r} failed: {error}") from error
        self.results.append(Result(title=title, proved=proved, seconds=time.perf_counter() - started))

    def say(self, text: str, *, style: str = "") -> None:
        """One line of what happens."""
        self.console.print(Text(f"   {text}", style=style))

    def summary(self) -> None:
        """The table of all steps."""
        table = Table(title="motte demo: every step succeeded", title_justify="left", title_style="bold green")
        table.add_column("step", style="bold", no_wrap=True)
        table.add_column("what it proved")
        table.add_column("time", justify="right", no_wrap=True)
        for result in self.results:
            table.add_row(result.title, result.proved, f"{result.seconds * 1000:.0f} ms")
        self.console.print()
        self.console.print(table)


def expected(claim: bool, otherwise: str) -> None:
    """A check of the demo. Raises `CliError` with `otherwise`."""
    if not claim:
        raise CliError(otherwise)
