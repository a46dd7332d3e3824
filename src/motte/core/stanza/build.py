"""Small constructors for the nodes that this client sends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from motte.core.binary.node import NO_ATTRS, Node
from motte.model.jid import Jid

Value: TypeAlias = str | int | Jid | None
Attrs: TypeAlias = Mapping[str, Value]
Body: TypeAlias = "bytes | str | Iterable[Node | None] | None"


def element(tag: str, attrs: Attrs = NO_ATTRS, body: Body = None) -> Node:
    """A node; attributes and children that are None are left out, numbers and JIDs become text."""
    content = (
        body if body is None or isinstance(body, bytes | str) else tuple(node for node in body if node is not None)
    )
    kept = {name: str(value) for name, value in attrs.items() if value is not None}
    return Node(tag, kept or NO_ATTRS, content or None)


def number(tag: str, value: int, size: int) -> Node:
    """A node whose content is a big-endian number of `size` bytes."""
    return Node(tag, NO_ATTRS, value.to_bytes(size, "big"))
