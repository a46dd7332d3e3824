"""The picture of a person or a group."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

PictureSource: TypeAlias = str | Path | bytes
"""A picture to show: the path of a file, or its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Where a picture is: its `id`, which changes with it, and a `url` that serves a JPEG for a while.

    `is_full` tells the picture in full size from the small one. `client.media.load` fetches it.
    """

    id: str
    url: str
    is_full: bool
    direct_path: str | None = None
