"""A node as one line for people: its tags and attributes, never its data, which may be a key or somebody's words.

<notification type="hosted" from="s.whatsapp.net" id="1"><device jid="15550100002:9@hosted"/><key>(32 bytes)</key></…
"""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import quoteattr

from motte.core.binary.node import Node

MAX_OUTLINE: Final = 2000
"""Characters; a longer outline ends in `…`."""
_MAX_DEPTH: Final = 8
_MAX_CHILDREN: Final = 32
_MAX_VALUE: Final = 200


def outline(node: Node) -> str:
    """The outline, printable and of at most `MAX_OUTLINE` characters."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in _element(node, 0))
    return text if len(text) <= MAX_OUTLINE else text[: MAX_OUTLINE - 1] + "…"


def _element(node: Node, depth: int) -> str:
    attrs = "".join(f" {name[:_MAX_VALUE]}={quoteattr(value[:_MAX_VALUE])}" for name, value in node.attrs.items())
    inside = _inside(node, depth)
    return f"<{node.tag}{attrs}>{inside}</{node.tag}>" if inside else f"<{node.tag}{attrs}/>"


def _inside(node: Node, depth: int) -> str:
    if not isinstance(node.content, tuple):
        return f"({len(node.data)} bytes)" if node.data else ""
    if depth == _MAX_DEPTH and node.content:
        return "…"
    shown = "".join(_element(child, depth + 1) for child in node.content[:_MAX_CHILDREN])
    return shown + "…" if len(node.content) > _MAX_CHILDREN else shown
