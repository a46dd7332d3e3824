"""`motte demo` from its first line to its exit code."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from motte.cli.exits import Exit
from tests.e2e.program import done, files, motte

STEPS = (
    "The local server starts",
    "Ann links a device",
    "Ben links a device",
    "Ann writes to Ben",
    "Ben answers",
    "Ben loses the connection",
)
HAPPENINGS = (
    "Ann's phone scans this code.",
    "Ann is +1 555 010 0001, device 1",
    "Ben's phone scans this code.",
    "✓  the server has it",
    "Ben reads   Hello Ben",
    "✓✓ delivered",
    "✓✓ read",
    "Ann sees the quotation",
    "Ben's socket is cut. Disconnected: 428, websocket_closed",
    "what follows by itself: back_off, in",
    "Ben is back, by himself",
    "(offline)",
    "every step succeeded",
)


async def test_the_demo_shows_everything_and_ends_by_itself(tmp_path: Path) -> None:
    code, output, complaints = await done("demo", folder=tmp_path)
    assert (code, complaints) == (Exit.OK, "")
    at = 0
    for happening in HAPPENINGS:
        at = output.index(happening, at)
    table = output[at:]
    assert all(step in table for step in STEPS)
    assert len(re.findall(r"\d+ ms", table)) == len(STEPS)
    assert max(map(len, output.splitlines())) <= 80
    assert not files(tmp_path), "it leaves nothing behind"


async def test_a_second_motte_attaches_as_printed(tmp_path: Path) -> None:
    async with motte("demo", "--keep", folder=tmp_path) as demo:
        lines: list[str] = []
        while not lines or lines[-1] != "node demo.mjs\n":
            lines.append(await demo.line())
            assert lines[-1], await demo.complaints()
        env = dict(re.findall(r"^export (MOTTE_\w+)=(.+)$", "".join(lines), re.MULTILINE))
        number = re.search(r"motte send (\d+) ", "".join(lines))
        assert number is not None and "waWebSocketUrl: 'ws://127.0.0.1:" in "".join(lines)

        code, _, complaints = await done("login", "--name", "Dave", "--fake-phone", folder=tmp_path, **env)
        assert code == Exit.OK, complaints
        assert (await done("send", number[1], "Hello, Ann", folder=tmp_path, **env))[0] == Exit.OK
        code, output, _ = await done("listen", "--limit", "1", folder=tmp_path, **env)
        assert code == Exit.OK and output.endswith("Ann read: Hello, Ann\n")

        demo.signal(signal.SIGINT)
        assert await demo.ended() == Exit.OK


async def test_a_demo_that_cannot_start_says_why(tmp_path: Path) -> None:
    async with motte("server", "--tls-port", "-1", folder=tmp_path) as server:
        port = re.search(r"127\.0\.0\.1:(\d+)", await server.line())
        assert port is not None
        code, output, complaints = await done("demo", "--port", port[1], folder=tmp_path)
        assert code == Exit.FAILURE
        assert complaints.startswith("motte: The step 'The local server starts' failed: ")
        assert complaints.count("\n") == 1 and "every step succeeded" not in output
