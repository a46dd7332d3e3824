"""The server's own small view of nodes: what it reads, and the answers it writes.

<iq id="…" from="s.whatsapp.net" type="result">…</iq>
<iq id="…" from="s.whatsapp.net" type="error"><error code="400" text="bad-request"/></iq>
"""

from __future__ import annotations

from typing import Final

from motte.core.binary.node import Node
from motte.errors import InvalidJid
from motte.model.jid import GROUP, Jid

SERVER: Final = "@s.whatsapp.net"
"""The server as a sender: a JID pair with an empty user, the form that clients compare with."""

MAX_DIGITS: Final = 10
ERROR_TEXTS: Final = {
    400: "bad-request",
    401: "not-authorized",
    403: "forbidden",
    404: "item-not-found",
    405: "not-allowed",
    406: "not-acceptable",
    408: "request-timeout",
    409: "conflict",
    410: "gone",
    419: "resource-limit",
    429: "rate-overlimit",
    500: "internal-server-error",
    501: "feature-not-implemented",
    503: "service-unavailable",
}


class Refused(Exception):
    """A stanza that the server answers with an error.

    `code` is the error's number, `text` its name on the wire, `why` a sentence for the log.
    """

    def __init__(self, code: int, why: str = "") -> None:
        self.code = code
        self.text = ERROR_TEXTS.get(code, "error")
        self.why = why or self.text
        super().__init__(f"{code} {self.why}")


def attr(node: Node, name: str) -> str:
    """A required attribute; `Refused(400)` when absent."""
    value = node.attrs.get(name)
    if value is None:
        raise Refused(400, f"<{node.tag}> lacks the attribute {name}")
    return value


def child(node: Node, tag: str) -> Node:
    """A required child; `Refused(400)` when absent."""
    found = node.child(tag)
    if found is None:
        raise Refused(400, f"<{node.tag}> lacks a <{tag}>")
    return found


def jid(node: Node, name: str) -> Jid:
    """A required attribute that is a JID."""
    return as_jid(attr(node, name))


def optional_jid(node: Node, name: str) -> Jid | None:
    """An attribute that is a JID when it is there."""
    value = node.attrs.get(name)
    return None if value is None else as_jid(value)


def as_jid(text: str) -> Jid:
    """The JID that `text` spells; `Refused(400)` when it spells none."""
    try:
        return Jid.parse(text)
    except InvalidJid as error:
        raise Refused(400, str(error)) from error


def number(node: Node, name: str, default: str | None = None) -> int:
    """An attribute that is a number of up to ten digits; `default` when it may be absent."""
    text = node.attrs.get(name, default) if default is not None else attr(node, name)
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS):
        raise Refused(400, f"the attribute {name} of <{node.tag}> is not a number")
    return int(text)


def data(node: Node, tag: str, size: int | None = None) -> bytes:
    """The bytes inside a required child, of exactly `size` when given."""
    content = child(node, tag).data
    if size is not None and len(content) != size:
        raise Refused(406, f"<{tag}> holds {len(content)} bytes instead of {size}")
    return content


def uint(content: bytes) -> int:
    """A big-endian number."""
    return int.from_bytes(content, "big")


def result(iq: Node, *children: Node) -> Node:
    """The answer to an IQ that went well."""
    return Node("iq", {"from": _asked(iq), "id": iq.attrs.get("id", ""), "type": "result"}, children or None)


def refusal(iq: Node, reason: Refused) -> Node:
    """The answer to an IQ that did not."""
    error = Node("error", {"code": str(reason.code), "text": reason.text})
    return Node("iq", {"from": _asked(iq), "id": iq.attrs.get("id", ""), "type": "error"}, (error,))


def _asked(iq: Node) -> str:
    """Who answers: the group that was asked, else the server."""
    to = iq.attrs.get("to", "")
    return to if to.endswith(GROUP) else SERVER
