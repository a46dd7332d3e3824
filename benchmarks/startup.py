"""What a process costs: wall time and memory of a fresh interpreter that imports the library.

For motte that is `from motte import Client`: names are loaded when they are asked for, so `import motte` alone would
measure next to nothing.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_IMPORT = "import resource; from motte import Client; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
_BARE = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """Medians over some fresh processes: `seconds` from spawn to exit, and resident memory."""

    seconds: float
    rss_mb: float
    bare_seconds: float | None = None


def _sample(code: str, bytecode: str) -> tuple[float, float]:
    # Bytecode is kept, as after any installation, whatever this environment says about writing it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = bytecode
    command = [sys.executable, "-c", code]
    start = time.perf_counter()
    output = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    return time.perf_counter() - start, int(output) * (1 if sys.platform == "darwin" else 1024) / 1e6


def motte_startup(rounds: int) -> Startup:
    """`from motte import Client` in fresh processes; `bare_seconds` is the interpreter alone."""
    with tempfile.TemporaryDirectory() as bytecode:
        _sample(_IMPORT, bytecode)  # writes the bytecode files
        samples = [_sample(_IMPORT, bytecode) for _ in range(rounds)]
        bare = [_sample(_BARE, bytecode)[0] for _ in range(rounds)]
    return Startup(
        seconds=statistics.median(seconds for seconds, _ in samples),
        rss_mb=statistics.median(rss for _, rss in samples),
        bare_seconds=statistics.median(bare),
    )


def baileys_startup(rounds: int) -> Startup:
    """`import('baileys')` in fresh processes."""
    script = Path(__file__).parent / "baileys" / "startup.mjs"
    environment = {**os.environ, "BENCH_ROUNDS": str(rounds)}
    output = subprocess.run(["node", str(script)], capture_output=True, text=True, check=True, env=environment).stdout
    result = json.loads(output)
    return Startup(seconds=result["seconds"], rss_mb=result["rss_mb"])
