"""Runs every benchmark task for motte and for Baileys in turn, and prints them side by side.

    python -m benchmarks.run                        all tasks
    python -m benchmarks.run --only signal noise    tasks whose name contains one of the words
    python -m benchmarks.run --json results.json    the numbers as JSON too

Each task gets a fresh process a side, so that its peak memory is its own. Both warm up, then rounds alternate, so that
whatever slows the machine slows both; the ratio of a round is Baileys' time divided by ours, and the median is shown.
A ratio is only worth something within one run. Tasks that Baileys has no twin for are shown alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.startup import Startup, baileys_startup, motte_startup

HERE = Path(__file__).parent
ROOT = HERE.parent
NOT_TASKS = {"harness.mjs", "accounts.mjs", "linked.mjs", "startup.mjs", "idle.mjs"}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One task's outcome; Baileys' numbers and the ratio are `None` where it has no such task."""

    task: str
    motte_ops: float
    motte_peak_mb: float
    baileys_ops: float | None = None
    baileys_peak_mb: float | None = None
    ratio: float | None = None
    note: str = ""


class Side:
    """A warm process that runs rounds of tasks on request."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        self._read()

    def _read(self) -> Json:
        assert self._process.stdout is not None
        text = self._process.stdout.readline()
        if not text:
            raise RuntimeError(f"a benchmark process ended early with code {self._process.wait()}")
        answer: Json = json.loads(text)
        return answer

    def round(self, task: str, seconds: float) -> Json:
        """One round's result line. Raises: `RuntimeError` when the task failed."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"task": task, "seconds": seconds}) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        if "error" in answer:
            raise RuntimeError(f"{task}: {answer['error']}")
        return answer

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)


@contextmanager
def side(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Side]:
    """A side that ends with the block."""
    process = Side(command, environment)
    try:
        yield process
    finally:
        process.close()


def motte_command(module: str) -> list[str]:
    """How to start the motte side of a task module."""
    return [sys.executable, "-m", "benchmarks.harness", module]


def baileys_command(script: Path) -> list[str]:
    """How to start Baileys' side of a script."""
    return ["node", str(script)]


def _names(command: Sequence[str]) -> list[str]:
    lines = subprocess.run([*command, "--list"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return [json.loads(line)["task"] for line in lines.splitlines()]


def baileys_tasks() -> dict[str, list[str]]:
    """Task name → command, for everything that Baileys' side offers. It also makes the shared inputs."""
    if shutil.which("node") is None:
        print("no Node.js: Baileys' side is left out", file=sys.stderr)
        return {}
    commands = [
        baileys_command(path) for path in sorted((HERE / "baileys").glob("*.mjs")) if path.name not in NOT_TASKS
    ]
    return {name: command for command in commands for name in _names(command)}


def motte_tasks() -> dict[str, list[str]]:
    """Task name → command, for every module in `benchmarks/tasks`."""
    modules = [path.stem for path in sorted((HERE / "tasks").glob("*.py")) if path.stem != "__init__"]
    return {name: motte_command(module) for module in modules for name in _names(motte_command(module))}


def compare(task: str, ours: Sequence[str], theirs: Sequence[str] | None, *, seconds: float, rounds: int) -> Row:
    """Alternates rounds of one task between the two sides."""
    with side([*ours, "--serve"]) as motte:
        if theirs is None:
            mine = [motte.round(task, seconds) for _ in range(rounds)]
            return Row(
                task=task, motte_ops=_median(mine), motte_peak_mb=mine[-1]["peak_mb"], note=mine[-1].get("note", "")
            )
        with side([*theirs, "--serve"]) as baileys:
            pairs = [(motte.round(task, seconds), baileys.round(task, seconds)) for _ in range(rounds)]
    mine, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return Row(
        task=task,
        motte_ops=_median(mine),
        motte_peak_mb=mine[-1]["peak_mb"],
        baileys_ops=_median(other),
        baileys_peak_mb=other[-1]["peak_mb"],
        ratio=statistics.median(a["ops_per_s"] / b["ops_per_s"] for a, b in pairs),
        note=mine[-1].get("note", ""),
    )


def _median(results: Sequence[Mapping[str, Any]]) -> float:
    return statistics.median(float(result["ops_per_s"]) for result in results)


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _print_row(row: Row) -> None:
    cells = [
        f"{row.task:<34}",
        f"{_number(row.motte_ops):>12}",
        f"{_number(row.baileys_ops):>12}",
        f"{_number(row.ratio, 2):>8}",
        f"{_number(row.motte_peak_mb):>8}",
        f"{_number(row.baileys_peak_mb):>8}",
    ]
    print("| " + " | ".join(cells) + " |" + (f" {row.note}" if row.note else ""), flush=True)


def _print_head() -> None:
    print(
        f"| {'task':<34} | {'motte op/s':>12} | {'Baileys op/s':>12} | {'ratio':>8} | {'motte MB':>8} | {'B. MB':>8} |"
    )
    print(f"|{'-' * 36}|{'-' * 14}|{'-' * 14}|{'-' * 10}|{'-' * 10}|{'-' * 10}|", flush=True)


def _print_startup(ours: Startup, theirs: Startup | None) -> None:
    for name, value in (("motte", ours), ("Baileys", theirs)):
        if value is not None:
            print(f"process with its import, {name}: {value.seconds * 1000:.0f} ms, {value.rss_mb:.0f} MB")


def main() -> None:
    """Entry point of `python -m benchmarks.run`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[""])
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    theirs = baileys_tasks()
    rows: list[Row] = []
    failures: list[str] = []
    _print_head()
    for task, command in motte_tasks().items():
        if not any(word in task for word in options.only):
            continue
        try:
            row = compare(task, command, theirs.get(task), seconds=options.seconds, rounds=options.rounds)
        except RuntimeError as error:
            failures.append(f"{task}: {error}")
            continue
        rows.append(row)
        _print_row(row)
    ours_start, theirs_start = motte_startup(options.rounds), baileys_startup(options.rounds) if theirs else None
    _print_startup(ours_start, theirs_start)
    if options.json:
        options.json.write_text(json.dumps(_report(rows, ours_start, theirs_start), indent=1) + "\n")
    if failures:
        sys.exit("failed:\n" + "\n".join(failures))


def _report(rows: Sequence[Row], ours: Startup, theirs: Startup | None) -> Json:
    return {
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "tasks": [asdict(row) for row in rows],
        "startup": {"motte": asdict(ours), "baileys": asdict(theirs) if theirs else None},
    }


if __name__ == "__main__":
    main()
