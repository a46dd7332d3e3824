"""One benchmark task, and the warm process that runs tasks when the driver asks.

A task module exposes `TASKS: dict[str, Task]`. A name that also exists in `baileys/*.mjs` pairs up with that task, so
the two sides must do the same work on the same inputs. Run one module by hand with

    python -m benchmarks.harness codec            every task of benchmarks/tasks/codec.py, one JSON line each
    python -m benchmarks.harness codec --only enc tasks whose name contains the word
    python -m benchmarks.harness codec --list     names only
    python -m benchmarks.harness codec --serve    {"task": .., "seconds": ..} lines in, one JSON line out per round

`--serve` and the JSON are the same as on Baileys' side (`baileys/common.mjs`), and so is the way of timing.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
WARM_SECONDS = 0.4
_CLOCK = time.perf_counter


@dataclass(frozen=True, slots=True)
class Timed:
    """What a `self_timed` task's `run` returns: it measured `items` operations in `seconds` itself."""

    seconds: float
    items: int


@dataclass(slots=True)
class Task:
    """One piece of work whose speed is measured.

    run         one operation: `run()` without `setup`, else `run(context)`; a function or a coroutine function
    per         items per operation; ops/s counts items
    setup       makes the context once, before the warm-up; a function or a coroutine function
    bytes       payload bytes per item, gives MB/s
    self_timed  `run` returns a `Timed`, because preparation inside it must not count
    cold        no warm-up round (the state ages with every run)
    teardown    ends what `setup` started; gets the context
    note        one sentence for the table
    """

    run: Callable[..., Any]
    per: int = 1
    setup: Callable[[], Any] | None = None
    bytes: int = 0
    self_timed: bool = False
    cold: bool = False
    teardown: Callable[[Any], Any] | None = None
    note: str = ""
    context: Any = field(default=None, repr=False)
    ready: bool = False


Tasks = Mapping[str, Task]


def fixture(name: str) -> bytes:
    """The bytes of an input that both sides share (made by the Baileys side, see `baileys/common.mjs`)."""
    path = DATA / name
    if not path.exists():
        raise FileNotFoundError(f"{name} is missing; make it: node benchmarks/baileys/wabinary.mjs --list")
    return path.read_bytes()


def xorshift(seed: int) -> Callable[[], int]:
    """The deterministic generator of `baileys/common.mjs`, so that both sides build equal inputs."""
    state = seed & 0xFFFFFFFF or 1

    def step() -> int:
        nonlocal state
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        return state

    return step


def sample(size: int, seed: int = 7) -> bytes:
    """`size` deterministic bytes, equal to `bytes(size, seed)` of `baileys/common.mjs`."""
    step = xorshift(seed)
    return bytes(step() & 0xFF for _ in range(size))


async def _settle(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def prepare(task: Task) -> None:
    """Makes the task's context and warms it up, once."""
    if task.ready:
        return
    if task.setup is not None:
        task.context = await _settle(task.setup())
    task.ready = True
    if not task.cold:
        await measure(task, WARM_SECONDS)


async def measure(task: Task, seconds: float) -> float:
    """Items per second over one round of about `seconds`."""
    run = task.run
    operation = (lambda: run(task.context)) if task.setup is not None else run
    if task.self_timed:
        return await _measure_self_timed(operation, seconds)
    if inspect.iscoroutinefunction(run):
        return task.per * await _measure_async(operation, seconds)
    return task.per * _measure_sync(operation, seconds)


async def _measure_self_timed(operation: Callable[[], Any], seconds: float) -> float:
    spent, items = 0.0, 0
    while spent < seconds:
        timed: Timed = await _settle(operation())
        spent += timed.seconds
        items += timed.items
    return items / spent


async def _measure_async(operation: Callable[[], Any], seconds: float) -> float:
    count, start = 0, _CLOCK()
    while True:
        await operation()
        count += 1
        if (spent := _CLOCK() - start) >= seconds:
            return count / spent


def _measure_sync(operation: Callable[[], Any], seconds: float) -> float:
    """Runs in growing chunks, so that reading the clock costs nothing beside a fast operation."""
    count, chunk, start = 0, 1, _CLOCK()
    while True:
        for _ in range(chunk):
            operation()
        count += chunk
        if (spent := _CLOCK() - start) >= seconds:
            return count / spent
        if spent < 0.01:
            chunk = min(chunk * 2, 4096)


def peak_mb() -> float:
    """The most memory this process ever held, in MB (`ru_maxrss` is in KiB on Linux and in bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def line(name: str, task: Task, rates: Sequence[float]) -> dict[str, Any]:
    """One result as the JSON object that both sides print."""
    rate = statistics.median(rates)
    result: dict[str, Any] = {"task": name, "side": "motte", "ops_per_s": rate, "us_per_op": 1e6 / rate}
    result |= {"rounds": len(rates), "peak_mb": peak_mb()}
    if task.bytes:
        result["mb_per_s"] = rate * task.bytes / 1e6
    return result | ({"note": task.note} if task.note else {})


def _print(value: Mapping[str, Any]) -> None:
    print(json.dumps(value), flush=True)


async def _answer(tasks: Tasks, query: Mapping[str, Any]) -> dict[str, Any]:
    name = str(query.get("task"))
    if name not in tasks:
        return {"task": name, "error": "no such task"}
    try:
        await prepare(tasks[name])
        return line(name, tasks[name], [await measure(tasks[name], float(query.get("seconds", 0.5)))])
    except Exception as error:
        return {"task": name, "error": f"{type(error).__name__}: {error}"}


async def serve(tasks: Tasks) -> None:
    """Answers queries on standard input until it ends."""
    _print({"ready": list(tasks)})
    loop = asyncio.get_running_loop()
    while text := await loop.run_in_executor(None, sys.stdin.readline):
        if text.strip():
            _print(await _answer(tasks, json.loads(text)))
    await teardown(tasks)


async def run_all(tasks: Tasks, *, seconds: float, rounds: int) -> None:
    """Runs every task `rounds` times and prints one JSON line each."""
    for name, task in tasks.items():
        await prepare(task)
        _print(line(name, task, [await measure(task, seconds) for _ in range(rounds)]))
    await teardown(tasks)


async def teardown(tasks: Tasks) -> None:
    """Ends what the tasks' set-ups started."""
    for task in tasks.values():
        if task.ready and task.teardown is not None:
            await _settle(task.teardown(task.context))


def load(module: str) -> dict[str, Task]:
    """The tasks of `benchmarks/tasks/<module>.py`."""
    tasks: dict[str, Task] = importlib.import_module(f"benchmarks.tasks.{module}").TASKS
    return tasks


def main() -> None:
    """Entry point of `python -m benchmarks.harness`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()
    tasks = {name: task for name, task in load(options.module).items() if options.only in name}
    if options.list:
        for name in tasks:
            _print({"task": name})
    elif options.serve:
        asyncio.run(serve(tasks))
    else:
        asyncio.run(run_all(tasks, seconds=options.seconds, rounds=options.rounds))


if __name__ == "__main__":
    # `python -m` names this module __main__; task modules import it by its real name, and both must share one `Task`.
    importlib.import_module("benchmarks.harness").main()
