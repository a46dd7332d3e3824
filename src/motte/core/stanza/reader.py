"""Typed access to a node that came from outside; whatever is missing or malformed raises with its path.

<iq type="set"><pair-success><device jid="not a jid"/></pair-success></iq>

Reader(iq).child("pair-success").child("device").jid("jid")
→ RemoteProtocolError: iq/pair-success/device@jid: not a JID
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from motte.core.binary.node import Node
from motte.errors import InvalidJid, RemoteProtocolError
from motte.model.jid import Jid

MAX_INTEGER: Final = 2**63 - 1
_TRUE: Final = frozenset({"true", "1"})
_jid = lru_cache(maxsize=2048)(Jid.parse)
"""Few people write most stanzas: a known text is parsed once."""


class Reader:
    """A node and the way that led to it.

    Every method that returns a value raises `RemoteProtocolError` when the node does not hold such a value.
    """

    __slots__ = ("_parent", "node")

    def __init__(self, node: Node, parent: Reader | None = None) -> None:
        self.node = node
        self._parent = parent

    @property
    def tag(self) -> str:
        """The node's tag."""
        return self.node.tag

    @property
    def path(self) -> str:
        """The tags from the stanza down to this node: `iq/pair-success/device`."""
        return f"{self._parent.path}/{self.tag}" if self._parent else self.tag

    def error(self, message: str, attr: str = "") -> RemoteProtocolError:
        """An error that names this place, to be raised by the caller."""
        return RemoteProtocolError(message, path=f"{self.path}@{attr}" if attr else self.path)

    def has(self, attr: str) -> bool:
        """Whether the attribute is there at all."""
        return attr in self.node.attrs

    def text(self, attr: str) -> str:
        """An attribute that has to be there and not be empty."""
        value = self.node.attrs.get(attr)
        if not value:
            raise self.error("missing", attr)
        return value

    def optional_text(self, attr: str) -> str | None:
        """An attribute, or None when it is absent or empty."""
        return self.node.attrs.get(attr) or None

    def flag(self, attr: str) -> bool:
        """Whether the attribute says true."""
        return self.node.attrs.get(attr) in _TRUE

    def integer(self, attr: str, *, low: int = 0, high: int = MAX_INTEGER) -> int:
        """A decimal attribute between `low` and `high`."""
        return self._integer(self.text(attr), attr, low, high)

    def optional_integer(self, attr: str, *, low: int = 0, high: int = MAX_INTEGER) -> int | None:
        """A decimal attribute, or None when it is absent; a malformed one still raises."""
        value = self.optional_text(attr)
        return None if value is None else self._integer(value, attr, low, high)

    def _integer(self, value: str, attr: str, low: int, high: int) -> int:
        digits = value.removeprefix("-")
        if len(value) > 20 or not (digits.isascii() and digits.isdigit()):
            raise self.error("not a number", attr)
        number = int(value)
        if not low <= number <= high:
            raise self.error(f"not between {low} and {high}", attr)
        return number

    def jid(self, attr: str) -> Jid:
        """An attribute that is a JID."""
        try:
            return _jid(self.text(attr))
        except InvalidJid:
            raise self.error("not a JID", attr) from None

    def optional_jid(self, attr: str) -> Jid | None:
        """A JID, or None when the attribute is absent; a malformed one still raises."""
        return self.jid(attr) if self.node.attrs.get(attr) else None

    def child(self, tag: str) -> Reader:
        """The first child with this tag, which has to be there."""
        child = self.node.child(tag)
        if child is None:
            raise self.error(f"has no <{tag}>")
        return Reader(child, self)

    def optional_child(self, tag: str) -> Reader | None:
        """The first child with this tag, or None."""
        child = self.node.child(tag)
        return None if child is None else Reader(child, self)

    def children(self, tag: str | None = None) -> Iterator[Reader]:
        """All children, or those with this tag, in order."""
        return (Reader(child, self) for child in self.node.children if tag is None or child.tag == tag)

    def first(self) -> Reader | None:
        """The first child, which in many stanzas says what it is about."""
        children = self.node.children
        return Reader(children[0], self) if children else None

    def data(self, size: int | None = None, *, limit: int | None = None) -> bytes:
        """The content as bytes: not empty, of exactly `size` bytes or of at most `limit`, when these are given."""
        if isinstance(self.node.content, tuple):
            raise self.error("holds nodes instead of data")
        data = self.node.data
        if not data:
            raise self.error("holds no data")
        if size is not None and len(data) != size:
            raise self.error(f"holds {len(data)} bytes instead of {size}")
        if limit is not None and len(data) > limit:
            raise self.error(f"holds {len(data)} bytes, more than {limit}")
        return data

    def number(self, size: int) -> int:
        """The content as a big-endian number of `size` bytes."""
        return int.from_bytes(self.data(size), "big")

    def string(self) -> str:
        """The content as UTF-8 text; empty when there is none."""
        if isinstance(self.node.content, tuple):
            raise self.error("holds nodes instead of text")
        try:
            return self.node.data.decode()
        except UnicodeDecodeError:
            raise self.error("holds bytes that are not UTF-8") from None
