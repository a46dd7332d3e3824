"""How much memory a long file takes on its way up and down, by the real client over TLS. Needs the local server.

    python -m benchmarks.mediamemory            prints one JSON line; `baileys/mediamemory.mjs` is its twin
    BENCH_MB=256 python -m benchmarks.mediamemory

What is counted is how far the peak of the process rises, above what a linked client takes. The file is one hole on the
disk with a few marks in it, 2,000 MiB long when `BENCH_MB` does not say otherwise.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path

from benchmarks.harness import peak_mb
from benchmarks.linked import Linked
from motte.core.media.kinds import MediaKind

MB = int(os.environ.get("BENCH_MB", "2000"))


def marked(path: Path) -> Path:
    """The file: nothing but zeros, with its place written down every 10 MiB."""
    with path.open("wb") as file:
        file.truncate(MB << 20)
        for place in range(0, MB << 20, 10 << 20):
            file.seek(place)
            file.write(place.to_bytes(8, "big"))
    return path


def _same(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        return hashlib.file_digest(first, "sha256").digest() == hashlib.file_digest(second, "sha256").digest()


async def measure(folder: Path) -> None:
    """One file up and down again."""
    linked = await Linked("Memory", "wss").link()
    media = linked.client.media
    source, target = marked(folder / "source"), folder / "target"
    base, start = peak_mb(), time.perf_counter()
    file = await media.upload(MediaKind.VIDEO, source)
    up, middle = peak_mb() - base, time.perf_counter()
    await media.download(file, kind=MediaKind.VIDEO, to=target)
    down, end = peak_mb() - base, time.perf_counter()
    assert _same(source, target)
    await linked.close()
    seconds = {"upload_seconds": round(middle - start, 1), "download_seconds": round(end - middle, 1)}
    numbers = {"mb": MB, "base_mb": base, "upload_mb": up, "download_mb": down}
    print(json.dumps({"task": "media.memory", "side": "motte", **numbers, **seconds}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))
