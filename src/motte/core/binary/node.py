"""A node: one element of the binary XML that WhatsApp speaks.

`<message id="3EB0…" to="123@lid"><enc v="2" type="msg">…bytes…</enc></message>` is
`Node("message", {"id": …, "to": …}, (Node("enc", {"v": "2", "type": "msg"}, b"…"),))`.
Attribute values are text; JIDs are written as text here and packed by the encoder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

Content: TypeAlias = "tuple[Node, ...] | bytes | str | None"
NO_ATTRS: Mapping[str, str] = MappingProxyType({})
"""The one empty mapping that all nodes without attributes share."""


class Node(NamedTuple):
    """A tag, its attributes and its content: child nodes, bytes, text that was a token, or nothing."""

    tag: str
    attrs: Mapping[str, str] = NO_ATTRS
    content: Content = None

    @property
    def children(self) -> tuple[Node, ...]:
        """The child nodes; empty when the content is data or absent."""
        return self.content if isinstance(self.content, tuple) else ()

    def child(self, tag: str) -> Node | None:
        """The first child with this tag."""
        for node in self.children:
            if node.tag == tag:
                return node
        return None

    def all(self, tag: str) -> Iterator[Node]:
        """All children with this tag, in order."""
        return (node for node in self.children if node.tag == tag)

    @property
    def data(self) -> bytes:
        """The content as bytes; a token's text as UTF-8; empty when absent."""
        content = self.content
        if isinstance(content, bytes):
            return content
        return content.encode() if isinstance(content, str) else b""
