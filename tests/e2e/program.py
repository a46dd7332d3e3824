"""`motte` as another process: started, read line by line, signalled, and always gone at the end of the test."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

LIMIT = 60.0
"""Seconds that one command may run on a busy machine."""


class Program:
    """One running command."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self) -> str:
        """The next line of its output; empty at the end."""
        assert self.process.stdout is not None
        return (await asyncio.wait_for(self.process.stdout.readline(), LIMIT)).decode()

    async def event(self, name: str) -> dict[str, Any]:
        """The next JSON line with this `event`; those before it are passed over."""
        while line := await self.line():
            value: dict[str, Any] = json.loads(line)
            if value["event"] == name:
                return value
        raise AssertionError(f"ended without {name}: {await self.complaints()}")

    async def complaints(self) -> str:
        """Everything on stderr, once it has ended."""
        assert self.process.stderr is not None
        return (await asyncio.wait_for(self.process.stderr.read(), LIMIT)).decode()

    async def noticed(self, words: str) -> str:
        """The next line of stderr that has these words."""
        assert self.process.stderr is not None
        while line := (await asyncio.wait_for(self.process.stderr.readline(), LIMIT)).decode():
            if words in line:
                return line
        raise AssertionError(f"ended without saying {words!r}")

    def signal(self, kind: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(kind)

    async def ended(self) -> int:
        """Its exit code."""
        return await asyncio.wait_for(self.process.wait(), LIMIT)


@asynccontextmanager
async def motte(*arguments: str, folder: Path, **env: str) -> AsyncIterator[Program]:
    """A running `motte` in `folder`, with no settings but these from the environment."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MOTTE_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "motte", *arguments),
        cwd=folder,
        env=inherited | {"COLUMNS": "80"} | env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Program(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def done(*arguments: str, folder: Path, **env: str) -> tuple[int, str, str]:
    """Run a command to its end: exit code, stdout, stderr."""
    async with motte(*arguments, folder=folder, **env) as program:
        output, complaints = await asyncio.wait_for(program.process.communicate(), LIMIT)
        return await program.ended(), output.decode(), complaints.decode()


def files(folder: Path) -> list[Path]:
    """What lies in a folder; nothing when there is none."""
    return list(folder.glob("*"))
