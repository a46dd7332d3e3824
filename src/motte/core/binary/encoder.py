"""From a node to the bytes of a frame.

A node is a list: its tag, a name and a value for each attribute, and its content if it has one. Text is written in the
shortest form that gives it back: token, packed digits, JID, plain UTF-8.

A text becomes a JID on the wire only when it spells one that can be written as such, on a server that WhatsApp has:
`user@server` (JID_PAIR), `user:device@server` for people (AD_JID, device up to 255), `user:device@msgr` (FB_JID) and
`integrator-user[:device]@interop` (INTEROP_JID). Everything else (a push name with an `@`, a device number that does
not fit) stays text, so that whatever was read can be sent back as it was.
"""

from __future__ import annotations

from motte.core.binary.node import Node
from motte.core.binary.packing import pack
from motte.core.binary.tags import (
    AD_JID,
    BINARY_8,
    BINARY_20,
    BINARY_32,
    DOMAINS,
    FB_JID,
    INTEROP_JID,
    JID_PAIR,
    LIST_8,
    LIST_16,
    LIST_EMPTY,
    MAX_AD_DEVICE,
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_LIST,
    MAX_SHORT,
)
from motte.core.binary.tokens import WIRE
from motte.errors import LocalProtocolError
from motte.model.jid import INTEROP, MESSENGER, SERVERS


def encode(node: Node) -> bytes:
    """The frame that holds `node`: a flag byte (0, not compressed), then the node.

    Raises:
        LocalProtocolError: a node that the coding cannot hold: without a tag, nested too deep, with too many
            children or attributes, or with a value that is neither text nor bytes.
    """
    out = bytearray(1)
    try:
        _write_node(out, node, 0)
    except UnicodeEncodeError as error:
        raise LocalProtocolError("a node holds text that is not Unicode (a lone surrogate)") from error
    return bytes(out)


def _write_node(out: bytearray, node: Node, depth: int) -> None:
    tag, attrs, content = node
    if not tag:
        raise LocalProtocolError("a node needs a tag")
    if depth > MAX_DEPTH:
        raise LocalProtocolError(f"nodes are nested deeper than {MAX_DEPTH}")
    if len(attrs) > MAX_ATTRIBUTES:
        raise LocalProtocolError(f"<{tag}> has more than {MAX_ATTRIBUTES} attributes")
    _write_list_size(out, 1 + 2 * len(attrs) + (content is not None))
    _write_text(out, tag)
    for name, value in attrs.items():
        _write_text(out, name)
        _write_text(out, value)
    if content is None:
        return
    if isinstance(content, bytes):
        _write_length(out, len(content))
        out += content
    elif isinstance(content, tuple):
        _write_list_size(out, len(content))
        for child in content:
            _write_node(out, child, depth + 1)
    else:
        _write_text(out, content)


def _write_list_size(out: bytearray, size: int) -> None:
    if size == 0:
        out.append(LIST_EMPTY)
    elif size < 256:
        out.append(LIST_8)
        out.append(size)
    elif size <= MAX_LIST:
        out.append(LIST_16)
        out += size.to_bytes(2, "big")
    else:
        raise LocalProtocolError(f"a node cannot hold more than {MAX_LIST} children")


def _write_length(out: bytearray, length: int) -> None:
    if length < 256:
        out.append(BINARY_8)
        out.append(length)
    elif length < 1 << 20:
        out.append(BINARY_20)
        out += length.to_bytes(3, "big")
    elif length < 1 << 32:
        out.append(BINARY_32)
        out += length.to_bytes(4, "big")
    else:
        raise LocalProtocolError("a node cannot hold 4 GB")


def _write_text(out: bytearray, text: str) -> None:
    token = WIRE.get(text)
    if token is not None:
        out += token
        return
    if not isinstance(text, str):
        raise LocalProtocolError(f"a node holds {type(text).__name__} where text belongs")
    packed = pack(text)
    if packed is not None:
        out += packed
        return
    if "@" in text and _write_jid(out, text):
        return
    data = text.encode()
    _write_length(out, len(data))
    out += data


def _write_jid(out: bytearray, text: str) -> bool:
    """Write a text that is a JID in its wire form; whether it was one."""
    name, at, server = text.partition("@")
    if not at or server not in SERVERS:
        return False
    user, colon, digits = name.partition(":")
    device = _short(digits) if colon else 0
    if device is None or (colon and not user):
        return False
    if server == INTEROP and "-" in user:
        return _write_interop_jid(out, user, device)
    if not colon:
        _write_jid_pair(out, user, server)
    elif server == MESSENGER:
        out.append(FB_JID)
        _write_text(out, user)
        out += device.to_bytes(2, "big")
        _write_text(out, server)
    elif server in DOMAINS and device <= MAX_AD_DEVICE:
        out += bytes((AD_JID, DOMAINS[server], device))
        _write_text(out, user)
    else:
        return False
    return True


def _write_jid_pair(out: bytearray, user: str, server: str) -> None:
    out.append(JID_PAIR)
    if user:
        _write_text(out, user)
    else:
        out.append(LIST_EMPTY)
    _write_text(out, server)


def _write_interop_jid(out: bytearray, name: str, device: int) -> bool:
    """User, device, integrator. It goes out without its server, as WhatsApp Web writes it; servers send it with one."""
    digits, _, user = name.partition("-")
    integrator = _short(digits)
    if integrator is None or not user:
        return False
    out.append(INTEROP_JID)
    _write_text(out, user)
    out += device.to_bytes(2, "big") + integrator.to_bytes(2, "big")
    return True


def _short(digits: str) -> int | None:
    """The 16-bit number that `digits` spell the one way that the decoder spells it, or nothing."""
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 5 or (digits[0] == "0" and digits != "0"):
        return None
    number = int(digits)
    return number if number <= MAX_SHORT else None
