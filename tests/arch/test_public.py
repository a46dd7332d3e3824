"""What `import motte` gives, and what it does not drag in."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import motte

NAMES: list[str] = list(motte.__all__)
HEAVY = {"asyncio", "cryptography", "dataclasses", "google", "nacl", "socket", "sqlite3", "ssl"}
"""What a name that needs it loads, and `import motte` does not."""
LOADED_LATE = {"aiohttp", "typer", "rich", "segno", "picows", "click", "uvloop", "filelock"}
"""What not even `Client` loads before it is used."""


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after `code`."""
    code += "; import sys; print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def typed_imports() -> dict[str, str]:
    """Public name → module, as the type checker sees it."""
    tree = ast.parse(Path(motte.__file__).read_text())
    guard = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in guard.body if isinstance(node, ast.ImportFrom)]
    assert len(imports) == len(guard.body)
    return {
        alias.name: f"motte.{alias.name}" if node.module == "motte" else str(node.module)
        for node in imports
        for alias in node.names
    }


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


def test_a_name_comes_from_where_the_type_checker_thinks() -> None:
    homes = typed_imports()
    assert set(homes) == set(NAMES)
    assert homes == motte._HOME


def test_every_public_name_is_listed_and_others_raise() -> None:
    assert set(NAMES) <= set(dir(motte))
    with pytest.raises(AttributeError, match="no attribute 'Cleint'"):
        _ = motte.Cleint  # type: ignore[attr-defined]


def test_import_motte_stays_light() -> None:
    loaded = loaded_by("import motte")
    assert "motte" in loaded
    assert (HEAVY | LOADED_LATE) & loaded == set()


def test_errors_events_and_values_need_no_libraries() -> None:
    loaded = loaded_by("import motte.errors, motte.events; from motte import Jid, Message, DisconnectReason")
    assert "dataclasses" in loaded
    assert (HEAVY - {"dataclasses"} | LOADED_LATE) & loaded == set()


def test_a_client_loads_what_it_needs_only_then() -> None:
    loaded = loaded_by("from motte import Client")
    assert loaded >= HEAVY
    assert LOADED_LATE & loaded == set()
