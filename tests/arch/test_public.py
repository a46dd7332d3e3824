"""What `import motte` gives, and what it does not drag in."""

from __future__ import annotations

import inspect
import subprocess
import sys

import motte

NAMES: list[str] = list(vars(motte).get("__all__", ()))
LOADED_LATE = {"aiohttp", "typer", "rich", "segno", "picows", "click", "uvloop"}
"""Imported on first use only, since `import motte` must stay quick."""


def test_every_public_name_exists_once() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert [name for name in NAMES if not hasattr(motte, name)] == []


def test_every_public_name_has_a_docstring() -> None:
    objects = {name: getattr(motte, name) for name in NAMES if not name.startswith("__")}
    documented = {name: value for name, value in objects.items() if inspect.isclass(value) or callable(value)}
    assert [name for name, value in documented.items() if not inspect.getdoc(value)] == []


def test_nothing_public_is_missing_from_all() -> None:
    ours = {name for name, value in vars(motte).items() if getattr(value, "__module__", "").startswith("motte")}
    assert {name for name in ours if not name.startswith("_")} - set(NAMES) == set()


def test_import_motte_stays_light() -> None:
    code = "import motte, sys; print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "motte" in loaded
    assert LOADED_LATE & set(loaded) == set()
