"""The project's own files, as git knows them: tracked, and new ones that are not ignored."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@functools.cache
def project_files(suffix: str = "") -> tuple[Path, ...]:
    """Every file of the project whose name ends with `suffix`; skips the test outside a git checkout."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in listing.stdout.decode().split("\0") if name.endswith(suffix) and name)
    return tuple(path for path in paths if path.is_file())


def is_generated(path: Path) -> bool:
    """Whether a tool wrote the file."""
    return path.name.endswith(("_pb2.py", "_pb2.pyi"))


def relative(path: Path) -> str:
    """The path as a reader would name it."""
    return str(path.relative_to(ROOT))
