"""House rules about files: small, with telling names, and speaking of nothing but the project."""

from __future__ import annotations

import json

from tests.arch.project_files import ROOT, is_generated, project_files, relative

MAX_LINES = 400
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}

# In halves, so that this file does not name them either.
FOREIGN = (
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/ho" + "me/",
    "/tmp/r" + "ef",
    "../sh" + "ared",
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "npmjs" + ".com",
)


def test_no_python_file_is_long() -> None:
    sizes = {
        relative(path): len(path.read_text().splitlines()) for path in project_files(".py") if not is_generated(path)
    }
    assert {name: lines for name, lines in sizes.items() if lines > MAX_LINES} == {}
    assert len(sizes) > 30


def test_names_tell_what_is_inside() -> None:
    parts = {part.removesuffix(path.suffix) for path in project_files() for part in path.relative_to(ROOT).parts}
    assert parts & VAGUE_NAMES == set()


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = {}
    for path in project_files():
        text = path.read_bytes().decode("utf-8", "ignore")
        if words := [word for word in FOREIGN if word in text]:
            found[relative(path)] = words
    assert found == {}


def test_locked_packages_carry_hashes_and_no_place() -> None:
    lock = json.loads((ROOT / "tests/interop/package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry or "integrity" not in entry] == []
    for path in project_files(".txt"):
        if path.parent.name == "requirements":
            lines = path.read_text().splitlines()
            assert [line for line in lines if line and not line.startswith(" ") and "==" not in line] == [], path.name
            assert any("--hash=sha256:" in line for line in lines)


def test_every_vector_file_says_where_it_comes_from() -> None:
    vectors = [path for path in project_files(".json") if path.is_relative_to(ROOT / "tests" / "vectors")]
    silent = [relative(path) for path in vectors if not json.loads(path.read_text()).get("origin")]
    assert silent == []
