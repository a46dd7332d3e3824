"""A folder that real Baileys wrote, and what its friends sent afterwards (`tests/vectors/baileys_folder.json`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

VECTOR: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "baileys_folder.json").read_text())
FILES: dict[str, str] = VECTOR["files"]


def write(folder: Path, files: dict[str, str]) -> Path:
    """The files in a new folder."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ann's folder."""
    return write(tmp_path / "auth", FILES)
