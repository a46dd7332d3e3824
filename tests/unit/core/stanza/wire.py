"""What the tests of stanzas share: nodes from vectors, nodes in short, who this client is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from motte.core.binary.node import Node
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.model.me import Me

VECTORS = Path(__file__).parents[3] / "vectors"
ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100000000000001:3@lid"))
PEER = Jid.parse("15550100002@s.whatsapp.net")
PEER_LID = Jid.parse("100000000000002@lid")
GROUP = Jid.parse("120363000000000001@g.us")


def vectors(name: str) -> Any:
    """A file of known answers."""
    return json.loads((VECTORS / f"{name}.json").read_text())


def node_of(written: Any) -> Node:
    """A node as a vector file spells it."""
    content = written["content"]
    if isinstance(content, list):
        return Node(written["tag"], written["attrs"], tuple(node_of(child) for child in content) or None)
    if isinstance(content, dict):
        return Node(
            written["tag"], written["attrs"], bytes.fromhex(content["hex"]) if "hex" in content else content["text"]
        )
    return Node(written["tag"], written["attrs"])


def plain(node: Node) -> tuple[str, dict[str, str], object]:
    """A node to compare: attributes as a dict, data as bytes."""
    content = node.content
    if isinstance(content, tuple):
        return node.tag, dict(node.attrs), [plain(child) for child in content]
    return node.tag, dict(node.attrs), content.encode() if isinstance(content, str) else content


def xml(tag: str, *body: Node | bytes | str, **attrs: str) -> Node:
    """A node in short; `_` in an attribute's name stays, a leading `from_` is `from`."""
    named = {name.rstrip("_"): value for name, value in attrs.items()}
    if body and not isinstance(body[0], Node):
        data = body[0]
        return Node(tag, named, data if isinstance(data, bytes) else data.encode())
    return Node(tag, named, tuple(part for part in body if isinstance(part, Node)) or None)


def reader(node: Node) -> Reader:
    """A reader at the top of a stanza."""
    return Reader(node)
