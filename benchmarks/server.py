"""The local server that end-to-end tasks of both sides run against: one process of its own.

    python -m benchmarks.server [N]    prints one JSON line with its addresses, ends when standard input does

N is how many accounts there are for groups: `Crowd 0` and on, each with a phone that looks at nothing it gets.

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

from motte.core.binary.node import Node
from motte.testing import LocalServer
from motte.testing.server.mailbox import Mailbox

SERVER = "BENCH_SERVER"


def addresses() -> dict[str, str]:
    """Where the server is (`ws`, `wss`, `http`, `https`, `root_key`, `ca`). Raises: `RuntimeError` without one."""
    if SERVER not in os.environ:
        raise RuntimeError("end-to-end tasks need the local server: run them by `scripts/bench --only e2e`")
    found: dict[str, str] = json.loads(os.environ[SERVER])
    return found


@contextmanager
def running(crowd: int = 0) -> Iterator[dict[str, str]]:
    """A server in a process of its own; gives the environment that lets a task find it."""
    command = [sys.executable, "-m", "benchmarks.server", str(crowd)]
    root = Path(__file__).parent.parent
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield {SERVER: process.stdout.readline()}
    finally:
        process.stdin.close()
        process.wait(timeout=20)


class _Unread(Mailbox):
    """Keeps nothing: what a crowd of phones does with a message is not what is measured."""

    def put(self, node: Node) -> None:
        """Drop a stanza."""


async def _serve(crowd: int) -> None:
    async with LocalServer() as server:
        for number in range(crowd):
            for device in server.account(f"Crowd {number}").devices.values():
                device.mailbox = _Unread()
        print(json.dumps(server.describe()), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
