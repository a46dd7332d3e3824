"""Memory and threads of each further idle client: logged in over TLS, silent, in one process. Needs the local server.

    python -m benchmarks.idle           prints one JSON line; `baileys/idle.mjs` is its twin
    python -m benchmarks.idle --uvloop  with the event loop of the `speed` extra

All clients share one SQLite file, as many accounts in one process would; Baileys' keys are in its memory.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import tempfile
import threading
from pathlib import Path

from benchmarks.linked import Linked

FIRST, MORE = 20, 30


def rss_kb() -> float:
    """Resident memory of this process now, or its peak where the system tells no more."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


async def _grow(clients: list[Linked], number: int, where: Path) -> None:
    clients.extend([await Linked("Idle", "wss", where).link() for _ in range(number)])


async def measure(where: Path) -> None:
    """Links a few clients first, so that what they share is not counted, then more."""
    clients: list[Linked] = []
    await _grow(clients, FIRST, where)
    gc.collect()
    before, threads = rss_kb(), threading.active_count()
    await _grow(clients, MORE, where)
    gc.collect()
    each, more_threads = (rss_kb() - before) / MORE, threading.active_count() - threads
    print(json.dumps({"task": "idle.tls", "side": "motte", "kb_per_client": each, "more_threads": more_threads}))
    await asyncio.gather(*(linked.close() for linked in clients))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        run = asyncio.run
        if "--uvloop" in sys.argv:
            import uvloop  # an extra

            run = uvloop.run
        run(measure(Path(folder) / "idle.db"))
