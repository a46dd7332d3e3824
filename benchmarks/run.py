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

from benchmarks import mediahost, server
from benchmarks.startup import baileys_startup, motte_startup

HERE = Path(__file__).parent
ROOT = HERE.parent
NOT_TASKS = {"harness.mjs", "accounts.mjs", "linked.mjs", "startup.mjs", "idle.mjs", "contacts.mjs", "mediamemory.mjs"}
CROWD = 1023
"""Accounts beside the own one in the largest group."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How tasks are measured: `rounds` rounds of `seconds` each, and the environment that both sides get."""

    seconds: float
    rounds: int
    environment: Mapping[str, str]


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


def compare(task: str, ours: Sequence[str], theirs: Sequence[str] | None, run: Run) -> Row:
    """Alternates rounds of one task between the two sides."""
    with side([*ours, "--serve"], run.environment) as motte:
        if theirs is None:
            mine = [motte.round(task, run.seconds) for _ in range(run.rounds)]
            return Row(
                task=task, motte_ops=_median(mine), motte_peak_mb=mine[-1]["peak_mb"], note=mine[-1].get("note", "")
            )
        with side([*theirs, "--serve"], run.environment) as baileys:
            pairs = [(motte.round(task, run.seconds), baileys.round(task, run.seconds)) for _ in range(run.rounds)]
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


def _programs(name: str, run: Run, with_baileys: bool) -> dict[str, Json]:
    """The result line of a program that measures itself, by side."""
    commands = {"motte": [sys.executable, "-m", f"benchmarks.{name}"]}
    if with_baileys:
        commands["Baileys"] = baileys_command(HERE / "baileys" / f"{name}.mjs")
    # Baileys' side does not know the local server's certificate.
    environment = {**os.environ, **run.environment, "NODE_TLS_REJECT_UNAUTHORIZED": "0", "NODE_NO_WARNINGS": "1"}
    outputs = {
        side: subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment).stdout
        for side, command in commands.items()
    }
    return {side: json.loads(output) for side, output in outputs.items()}


def _run_tasks(tasks: Mapping[str, Sequence[str]], theirs: Mapping[str, Sequence[str]], run: Run) -> list[Row]:
    rows: list[Row] = []
    _print_head()
    for task, command in tasks.items():
        try:
            rows.append(compare(task, command, theirs.get(task), run))
        except RuntimeError as error:
            print(f"{task}: failed: {error}", file=sys.stderr)
            continue
        _print_row(rows[-1])
    return rows


def main() -> None:
    """Entry point of `python -m benchmarks.run`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[""])
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    def wanted(name: str) -> bool:
        return any(word in name for word in options.only)

    theirs = baileys_tasks()
    tasks = {name: command for name, command in motte_tasks().items() if wanted(name)}
    report: Json = {"python": platform.python_version(), "machine": f"{platform.machine()}, {os.cpu_count()} cores"}
    crowd = CROWD if any(name.startswith("group.send") for name in tasks) else 0
    with server.running(crowd) as addresses, mediahost.running() as media:
        run = Run(seconds=options.seconds, rounds=options.rounds, environment=addresses | media)
        rows = _run_tasks(tasks, theirs, run)
        report["tasks"] = [asdict(row) for row in rows]
        if wanted("startup.import"):
            starts = {"motte": motte_startup(run.rounds)} | ({"Baileys": baileys_startup(run.rounds)} if theirs else {})
            report["startup"] = {name: asdict(start) for name, start in starts.items()}
            for name, start in starts.items():
                print(f"startup.import: {name}: {start.seconds * 1000:.0f} ms, {start.rss_mb:.0f} MB")
        if wanted("idle.tls"):
            report["idle"] = _programs("idle", run, bool(theirs))
            for name, result in report["idle"].items():
                print(f"idle.tls: {name}: {result['kb_per_client']:.0f} KB for each further client")
        if wanted("idle.contacts"):
            report["contacts"] = _programs("contacts", run, bool(theirs))
            for name, result in report["contacts"].items():
                print(f"idle.contacts: {name}: {result['kb'] / 1000:.1f} MB for a client with 10,000 contacts")
        if wanted("media.memory"):
            report["media_memory"] = _programs("mediamemory", run, bool(theirs))
            for name, result in report["media_memory"].items():
                peak = result["base_mb"] + result["download_mb"]
                grown = f"grows by {result['upload_mb']:.0f} MB up and {result['download_mb']:.0f} MB down"
                print(f"media.memory: {name}: {result['mb']} MiB, {grown} to {peak:.0f} MB in all")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if len(rows) < len(tasks):
        sys.exit("some tasks failed, see above")


if __name__ == "__main__":
    main()
