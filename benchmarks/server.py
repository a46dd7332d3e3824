"""The local server that end-to-end tasks of both sides run against: one process of its own.

    python -m benchmarks.server        prints one JSON line with its addresses, ends when standard input does

`SERVER` is the environment variable that carries that line to the tasks.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER = "BENCH_SERVER"


def addresses() -> dict[str, str]:
    """Where the server is (`ws`, `wss`, `http`, `https`, `root_key`, `ca`). Raises: `RuntimeError` without one."""
    if SERVER not in os.environ:
        raise RuntimeError("end-to-end tasks need the local server: run them by `scripts/bench --only e2e`")
    found: dict[str, str] = json.loads(os.environ[SERVER])
    return found


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """A server in a process of its own; gives the environment that lets a task find it."""
    command = [sys.executable, "-m", "benchmarks.server"]
    root = Path(__file__).parent.parent
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield {SERVER: process.stdout.readline()}
    finally:
        process.stdin.close()
        process.wait(timeout=20)


async def _serve() -> None:
    from motte.testing import LocalServer  # only this process needs it

    async with LocalServer() as server:
        print(json.dumps(server.describe()), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
