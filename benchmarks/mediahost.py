"""The host that both sides download from: one process of its own, with one encrypted file.

    python -m benchmarks.mediahost        prints one JSON line (`url`, `key`, …), ends when standard input does

`HOST` is the environment variable that carries that line to the tasks. `BENCH_MB` is the file's size, 64 by default.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import DATA, sample

HOST: Final = "BENCH_MEDIA"
MB: Final = int(os.environ.get("BENCH_MB", "64"))
MEDIA_KEY: Final = sample(32, 9)


def plain() -> Path:
    """The file, made once; `baileys/media.mjs` makes the same."""
    path = DATA / f"media_{MB}.bin"
    if not path.exists():
        block = sample(1 << 20, 5)
        with path.open("wb") as file:
            for number in range(MB):
                file.write(number.to_bytes(4, "little") + block[4:])
    return path


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """A host in a process of its own; gives the environment that lets a task find it."""
    command = [sys.executable, "-m", "benchmarks.mediahost"]
    root = Path(__file__).parent.parent
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield {HOST: process.stdout.readline()}
    finally:
        process.stdin.close()
        process.wait(timeout=20)


def _encrypt(target: Path) -> dict[str, Any]:
    from motte.core.media.cipher import Encryptor  # only this process needs it
    from motte.core.media.keys import MediaKeys
    from motte.core.media.kinds import MediaKind

    writer = Encryptor(MediaKeys.derive(MEDIA_KEY, MediaKind.DOCUMENT))
    with plain().open("rb") as source, target.open("wb") as file:
        while piece := source.read(1 << 20):
            writer.digest(piece)
            file.write(writer.update(piece))
        file.write(writer.finish())
    digests = writer.digests()
    assert digests.enc_sha256 is not None
    facts = {"file_sha256": digests.file_sha256.hex(), "enc_sha256": digests.enc_sha256.hex(), "size": digests.size}
    return {"key": MEDIA_KEY.hex(), **facts}


async def _serve() -> None:
    from aiohttp import web

    with tempfile.TemporaryDirectory(prefix="bench-media-") as folder:
        encrypted = Path(folder) / "file.enc"
        facts = _encrypt(encrypted)

        async def give(request: web.Request) -> web.FileResponse:
            return web.FileResponse(encrypted)

        app = web.Application()
        app.router.add_get("/x", give)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        facts["url"] = f"http://127.0.0.1:{runner.addresses[0][1]}/x"
        print(json.dumps(facts), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
