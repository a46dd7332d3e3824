"""A table of parsers; a tag that is entered twice fails at import."""

from __future__ import annotations

from typing import Generic, TypeVar

V = TypeVar("V")


class Table(dict[str, V], Generic[V]):
    """A mapping made of pairs, which refuses a key that is there already."""

    def __init__(self, *entries: tuple[str, V]) -> None:
        super().__init__()
        for key, value in entries:
            if key in self:
                raise ValueError(f"{key!r} is registered twice")
            self[key] = value
