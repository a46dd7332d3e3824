"""A file on its way: a bar for people, and for time-outs how long nothing has moved."""

from __future__ import annotations

import time
from types import TracebackType

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from motte.cli import render


class Transfer:
    """Shows how far one file is, on stderr when that is a terminal; goes away at the end. Use as a context manager.

    Call it with the bytes done and the bytes in all, as `motte.model.progress.Progress` is called.
    """

    def __init__(self, what: str, *, quiet: bool = False) -> None:
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=render.err,
            transient=True,
            disable=quiet or not render.err.is_terminal,
        )
        self._task = self._bar.add_task(render.plain(what), total=None)
        self._moved = time.monotonic()

    def __enter__(self) -> Transfer:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int | None) -> None:
        """So far it has come."""
        self._moved = time.monotonic()
        self._bar.update(self._task, completed=done, total=total)

    def idle(self) -> float:
        """Seconds since anything moved."""
        return time.monotonic() - self._moved
