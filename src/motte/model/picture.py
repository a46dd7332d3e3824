"""The picture of a person or a group."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Where a picture is: its `id`, which changes with it, and a `url` that serves a JPEG for a while.

    `is_full` tells the picture in full size from the small one. `client.media.load` fetches it.
    """

    id: str
    url: str
    is_full: bool
    direct_path: str | None = None
