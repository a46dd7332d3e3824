"""The bar of a file on its way: for terminals alone, and the measure of a time-out."""

from __future__ import annotations

import asyncio
import io

import pytest
from rich.console import Console

from motte.cli import render
from motte.cli.linked import while_connected
from motte.cli.transfer import Transfer
from motte.errors import RequestTimeout


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool, quiet: bool = False) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    monkeypatch.setattr(render, "err", console)
    with Transfer("cat \x1b[31m.jpg", quiet=quiet) as transfer:
        transfer(500_000, 2_000_000)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    output = shown(monkeypatch, terminal=True)
    assert "0.5/2.0 MB" in output and "cat \ufffd[31m.jpg" in output


def test_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, terminal=False).strip() == ""
    assert shown(monkeypatch, terminal=True, quiet=True).strip() == ""


class Forever:
    """A client whose connection stays."""

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()


class Moving(Transfer):
    """A transfer that moved just now, so many times that it is asked."""

    def __init__(self, times: int) -> None:
        super().__init__("", quiet=True)
        self.left = times

    def idle(self) -> float:
        self.left -= 1
        return 0.0 if self.left else 1.0


async def test_time_runs_since_the_last_bytes() -> None:
    moving = Moving(3)
    never = asyncio.get_running_loop().create_future()
    with pytest.raises(RequestTimeout, match="late"):
        await while_connected(Forever(), never, timeout=0.001, late="late", transfer=moving)  # type: ignore[arg-type]
    assert moving.left == 0
