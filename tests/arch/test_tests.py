"""House rules about tests: they await what they wait for."""

from __future__ import annotations

import ast

from tests.arch.project_files import ROOT, project_files, relative

SLEEPS = {"asyncio.sleep", "time.sleep", "sleep"}
"""A clock's own `sleep` is a port: it may be called, and faked."""


def sleeps(source: str) -> list[int]:
    """Lines that sleep; `asyncio.sleep(0)` does not, it only lets other tasks run."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return sorted(
        call.lineno
        for call in calls
        if ast.unparse(call.func) in SLEEPS and [ast.unparse(arg) for arg in call.args] != ["0"]
    )


def test_no_test_sleeps() -> None:
    tests = [path for path in project_files(".py") if path.is_relative_to(ROOT / "tests")]
    found = {relative(path): sleeps(path.read_text()) for path in tests}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_sleep_is_found_and_a_yield_is_allowed() -> None:
    assert sleeps("time.sleep(1)\nawait asyncio.sleep(0)\nawait asyncio.sleep(0.1)\nsleep(2)") == [1, 3, 4]
