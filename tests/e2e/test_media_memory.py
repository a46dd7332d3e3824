"""A long file takes no more memory than a short one. Measured by the program of the benchmark, with a shorter file."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from motte.testing import LocalServer

ROOT = Path(__file__).parents[2]
FILE_MB = 128
LIMIT_MB = 64.0
"""What the process may grow by, its libraries for HTTP and TLS included."""
PATIENCE = 120.0


async def test_a_long_file_fits_in_a_fixed_amount_of_memory() -> None:
    async with LocalServer() as server:
        environment = {**os.environ, "BENCH_SERVER": json.dumps(server.describe()), "BENCH_MB": str(FILE_MB)}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.mediamemory",
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env=environment,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode == 0
    result = json.loads(output)
    assert result["mb"] == FILE_MB
    assert result["upload_mb"] < LIMIT_MB
    assert result["download_mb"] < LIMIT_MB
