"""The files of `useMultiFileAuthState`: one JSON file per item, `creds.json` and `<kind>-<id>.json`.

In names a slash of the id is written `__` and a colon `-`. Nothing here ever writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from motte.errors import ImportFailed
from motte.migrate.baileys.reader import Reader

CREDENTIALS: Final = "creds.json"
KINDS: Final = (
    "pre-key",
    "session",
    "sender-key-memory",
    "sender-key",
    "app-state-sync-key",
    "app-state-sync-version",
    "lid-mapping",
    "tctoken",
    "identity-key",
    "device-list",
)
"""What there can be, the longer of two names that begin alike first."""
MAX_FILE_SIZE: Final = 64 * 1024 * 1024
"""Bytes. The largest honest file is the index of a large app-state collection, a few MB."""
_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True)
class Item:
    """One file: its `kind`, the `id` as the name spells it, and where it is."""

    kind: str
    id: str
    path: Path

    def read(self) -> Reader:
        """What is in it.

        Raises:
            ImportFailed: it cannot be read, or is no JSON.
        """
        return read(self.path)


def open_folder(folder: Path) -> Reader:
    """The credentials in a folder, as a first look at whether it is one of Baileys.

    Raises:
        ImportFailed: it is none, or its credentials cannot be read.
    """
    if not folder.is_dir():
        raise ImportFailed(str(folder), "there is no such folder")
    if not (folder / CREDENTIALS).is_file():
        raise ImportFailed(str(folder), f"it has no {CREDENTIALS}, so it is not a folder of useMultiFileAuthState")
    return read(folder / CREDENTIALS)


def items(folder: Path) -> tuple[list[Item], list[str]]:
    """The items of a folder in the order of their names, and the names of files that are something else."""
    found, others = [], []
    for path in sorted(folder.iterdir()):
        if path.name == CREDENTIALS:
            continue
        item = _item(path)
        if item is None:
            others.append(path.name)
        else:
            found.append(item)
    return found, others


def _item(path: Path) -> Item | None:
    if path.suffix != _SUFFIX:
        return None
    for kind in KINDS:
        if path.stem.startswith(f"{kind}-"):
            return Item(kind, path.name[len(kind) + 1 : -len(_SUFFIX)], path)
    return None


def read(path: Path) -> Reader:
    """The JSON in a file. Raises: `ImportFailed`."""
    try:
        if path.stat().st_size > MAX_FILE_SIZE:
            raise ImportFailed(path.name, f"it is larger than {MAX_FILE_SIZE // 1024**2} MB")
        text = path.read_bytes()
    except OSError as error:
        raise ImportFailed(path.name, f"it cannot be read: {error.strerror or error}") from error
    return Reader.parse(path.name, text)


def of_kind(found: list[Item], kind: str) -> Iterator[Item]:
    """The items of one kind."""
    return (item for item in found if item.kind == kind)
