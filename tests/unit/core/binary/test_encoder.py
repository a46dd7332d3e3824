"""What the encoder refuses, and which texts it takes for JIDs."""

from __future__ import annotations

from typing import cast

import pytest

from motte.core.binary import tags
from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import Content, Node
from motte.errors import LocalProtocolError


def nested(depth: int) -> Node:
    node = Node("x")
    for _ in range(depth):
        node = Node("x", content=(node,))
    return node


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (Node(""), "needs a tag"),
        (Node("iq", content=(Node(""),)), "needs a tag"),
        (Node("iq", {"to": cast("str", None)}), "NoneType where text belongs"),
        (Node("iq", {"to": cast("str", 5)}), "int where text belongs"),
        (Node("iq", {cast("str", b"x"): "y"}), "bytes where text belongs"),
        (Node("iq", content=cast("Content", 5)), "int where text belongs"),
        (Node("iq", {"to": "\ud800"}), "lone surrogate"),
        (nested(tags.MAX_DEPTH + 1), "nested deeper"),
        (Node("x", {f"a{n}": "" for n in range(1025)}), "more than 1024 attributes"),
        (Node("x", content=(Node("y"),) * 65_536), "more than 65535 children"),
    ],
)
def test_a_node_that_cannot_be_written(node: Node, message: str) -> None:
    with pytest.raises(LocalProtocolError, match=message):
        encode(node)


def test_whatever_is_written_can_be_read_at_the_limits() -> None:
    for node in (
        nested(tags.MAX_DEPTH),
        Node("x", {f"a{n}": "" for n in range(1024)}),
        Node("x", content=(Node("y"),) * 65_535),
    ):
        assert decode(encode(node)) == node


TAG_OF = {
    "@s.whatsapp.net": tags.JID_PAIR,
    "15550100001@s.whatsapp.net": tags.JID_PAIR,
    "15550100001:0@s.whatsapp.net": tags.AD_JID,
    "15550100001:1@s.whatsapp.net": tags.AD_JID,
    "15550100001:255@lid": tags.AD_JID,
    "15550100001:256@lid": tags.BINARY_8,
    "15550100001:01@lid": tags.BINARY_8,
    "15550100001:-1@lid": tags.BINARY_8,
    "15550100001:@lid": tags.BINARY_8,
    "15550100001:1:2@lid": tags.BINARY_8,
    "15550100001:²@lid": tags.BINARY_8,
    "15550100001:٣@lid": tags.BINARY_8,
    ":1@lid": tags.BINARY_8,
    "1@c.us": tags.JID_PAIR,
    "1:2@c.us": tags.BINARY_8,
    "1:2@g.us": tags.BINARY_8,
    "1@unknown": tags.BINARY_8,
    "@": tags.BINARY_8,
    "1@": tags.BINARY_8,
    "1@msgr": tags.JID_PAIR,
    "1:65535@msgr": tags.FB_JID,
    "1:65536@msgr": tags.BINARY_8,
    "1@interop": tags.JID_PAIR,
    "0-1@interop": tags.INTEROP_JID,
    "65535-1:65535@interop": tags.INTEROP_JID,
    "65536-1@interop": tags.BINARY_8,
    "5-@interop": tags.BINARY_8,
    "1:2@interop": tags.BINARY_8,
}


@pytest.mark.parametrize(("text", "tag"), TAG_OF.items())
def test_which_texts_are_jids(text: str, tag: int) -> None:
    frame = encode(Node("iq", {"to": text}))
    assert frame[5] == tag
    assert decode(frame).attrs["to"] == text.replace(":0@", "@")
