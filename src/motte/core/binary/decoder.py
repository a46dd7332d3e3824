"""From the bytes of a frame to a node.

Whatever the bytes are, the outcome is a node or a `RemoteProtocolError`; time and memory are bounded by the frame's
size and the limits in `tags`. Every size is compared with what is left before anything is allocated for it.
"""

from __future__ import annotations

from typing import Final

from motte.core.binary.inflate import inflate
from motte.core.binary.node import NO_ATTRS, Content, Node
from motte.core.binary.packing import unpack
from motte.core.binary.tags import (
    AD_JID,
    BINARY_8,
    BINARY_20,
    BINARY_32,
    DICTIONARY_0,
    DICTIONARY_3,
    DOMAINS,
    FB_JID,
    FLAG_COMPRESSED,
    HEX_8,
    HOSTED_BIT,
    INTEROP_JID,
    JID_PAIR,
    LID_BIT,
    LIST_8,
    LIST_16,
    LIST_EMPTY,
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_NODES,
    MIN_NODE,
    NIBBLE_8,
)
from motte.core.binary.tokens import DOUBLE, SINGLE
from motte.errors import RemoteProtocolError
from motte.model.jid import HOSTED, INTEROP

_SERVERS: Final = {domain: server for server, domain in DOMAINS.items()}
_INTEROP_TEXT: Final = bytes((BINARY_8, len(INTEROP))) + INTEROP.encode()
_MASK_20: Final = 0x0FFFFF


def decode(frame: bytes) -> Node:
    """The node of a frame: a flag byte, then the node, compressed if the flags say so.

    Raises:
        RemoteProtocolError: the bytes are not exactly one well-formed node within the limits.
    """
    if not frame:
        raise RemoteProtocolError("a frame is empty")
    data, start = (inflate(frame[1:]), 0) if frame[0] & FLAG_COMPRESSED else (frame, 1)
    reader = _Reader(data, start)
    try:
        node = reader.node(0)
    except IndexError as error:  # Only reading past the end of `data` raises it: the token tables are complete.
        raise RemoteProtocolError("a node is cut short") from error
    except UnicodeDecodeError as error:
        raise RemoteProtocolError("a node holds text that is not UTF-8") from error
    if reader.pos != len(data):
        raise RemoteProtocolError("a frame goes on behind its node")
    return node


class _Reader:
    """The bytes of one frame and the place of the next value."""

    __slots__ = ("data", "nodes", "pos")

    def __init__(self, data: bytes, pos: int) -> None:
        self.data = data
        self.pos = pos
        self.nodes = 1

    def node(self, depth: int) -> Node:
        """The node that starts here."""
        size = self.list_size()
        tag = self.text() if size else ""
        if not tag:
            raise RemoteProtocolError("a node has no tag")
        attrs = self.attrs(size - 1 >> 1) if size > 2 else NO_ATTRS
        return Node(tag, attrs, None if size & 1 else self.content(depth))

    def list_size(self) -> int:
        """The size of the list that starts here."""
        data, pos = self.data, self.pos
        tag = data[pos]
        if tag == LIST_8:
            self.pos = pos + 2
            return data[pos + 1]
        if tag == LIST_EMPTY:
            self.pos = pos + 1
            return 0
        if tag == LIST_16:
            self.pos = pos + 3
            return data[pos + 1] << 8 | data[pos + 2]
        raise RemoteProtocolError(f"a list starts with tag {tag}")

    def attrs(self, count: int) -> dict[str, str]:
        """`count` names and values; of a name that comes twice the last value counts, as in every client."""
        if count > MAX_ATTRIBUTES:
            raise RemoteProtocolError(f"a node has more than {MAX_ATTRIBUTES} attributes")
        attrs: dict[str, str] = {}
        for _ in range(count):
            name = self.text()
            attrs[name] = self.text()
        return attrs

    def content(self, depth: int) -> Content:
        """Children, bytes, or the text of a token, a packed text or a JID."""
        tag = self.data[self.pos]
        if tag in (LIST_8, LIST_16, LIST_EMPTY):
            return self.children(depth)
        if tag in (BINARY_8, BINARY_20, BINARY_32):
            return self.binary(tag)
        return self.text()

    def children(self, depth: int) -> tuple[Node, ...]:
        """The nodes of the list that starts here."""
        count = self.list_size()
        self.nodes += count
        if count * MIN_NODE > len(self.data) - self.pos:
            raise RemoteProtocolError("a list promises more than its frame can hold")
        if self.nodes > MAX_NODES:
            raise RemoteProtocolError(f"a frame holds more than {MAX_NODES} nodes")
        if count and depth >= MAX_DEPTH:
            raise RemoteProtocolError(f"nodes are nested deeper than {MAX_DEPTH}")
        return tuple([self.node(depth + 1) for _ in range(count)])

    def text(self) -> str:
        """The text that starts here."""
        data, pos = self.data, self.pos
        tag = data[pos]
        if tag < DICTIONARY_0:
            self.pos = pos + 1
            return SINGLE[tag]
        if tag <= DICTIONARY_3:
            self.pos = pos + 2
            return DOUBLE[tag - DICTIONARY_0][data[pos + 1]]
        if tag in (NIBBLE_8, HEX_8):
            return self.packed(tag)
        if tag in (BINARY_8, BINARY_20, BINARY_32):
            return self.binary(tag).decode()
        return self.jid(tag)

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        pos = self.pos
        end = pos + count
        if end > len(self.data):
            raise RemoteProtocolError("a node is cut short")
        self.pos = end
        return self.data[pos:end]

    def binary(self, tag: int) -> bytes:
        """The bytes behind a BINARY tag."""
        self.pos += 1
        if tag == BINARY_8:
            return self.take(self.take(1)[0])
        if tag == BINARY_20:
            return self.take(int.from_bytes(self.take(3), "big") & _MASK_20)
        return self.take(int.from_bytes(self.take(4), "big"))

    def packed(self, tag: int) -> str:
        """The text behind a packing tag."""
        head = self.data[self.pos + 1]
        self.pos += 2
        return unpack(tag, head & 0x80, self.take(head & 0x7F))

    def jid(self, tag: int) -> str:
        """The text of the JID that starts here, `:0` left out."""
        self.pos += 1
        if tag == JID_PAIR:
            user, server = self.part(), self.part()
            if not server:
                raise RemoteProtocolError("a JID has no server")
            return f"{user}@{server}"
        if tag == AD_JID:
            domain, device = self.take(2)
            return _spell(self.part(), device, _server(domain))
        if tag == FB_JID:
            return _spell(self.part(), self.short(), self.part())
        if tag == INTEROP_JID:
            return self.interop_jid()
        raise RemoteProtocolError(f"a text starts with tag {tag}")

    def interop_jid(self) -> str:
        """User, device, integrator, and from servers also the server, which clients leave out."""
        user, device, integrator = self.part(), self.short(), self.short()
        if not user:
            raise RemoteProtocolError("a JID of another network has no user")
        if self.data.startswith(_INTEROP_TEXT, self.pos):
            self.pos += len(_INTEROP_TEXT)
        return _spell(f"{integrator}-{user}", device, INTEROP)

    def part(self) -> str:
        """The user or server of a JID: any text but another JID, which could nest without end."""
        if self.data[self.pos] in (JID_PAIR, AD_JID, FB_JID, INTEROP_JID):
            raise RemoteProtocolError("a JID holds a JID")
        return self.text()

    def short(self) -> int:
        """A 16-bit number."""
        return int.from_bytes(self.take(2), "big")


def _server(domain: int) -> str:
    """The server that an AD_JID's domain byte names; all even ones with the top bit are hosted."""
    server = _SERVERS.get(domain)
    if server is not None:
        return server
    if domain & HOSTED_BIT and not domain & LID_BIT:
        return HOSTED
    raise RemoteProtocolError(f"a JID has the unknown domain {domain}")


def _spell(user: str, device: int, server: str) -> str:
    if not user or not server:
        raise RemoteProtocolError("a JID with a device lacks its user or server")
    return f"{user}:{device}@{server}" if device else f"{user}@{server}"
