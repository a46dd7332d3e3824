"""Nodes to bytes and back, on the nodes of `baileys/wabinary.mjs`."""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import Any

from benchmarks.harness import Task, fixture
from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import Content, Node

KINDS = ("message", "groupmsg", "fanout500", "usync500")


def node_of(row: Any) -> Node:
    """The node of the JSON form that both sides share."""
    content: Content = row["content"]
    if isinstance(content, list):
        content = tuple(map(node_of, content))
    elif isinstance(content, dict):
        content = base64.b64decode(content["b64"])
    return Node(row["tag"], row["attrs"], content)


def _read(kind: str) -> tuple[Node, bytes]:
    node, wire = node_of(json.loads(fixture(f"node_{kind}.json"))), fixture(f"node_{kind}.bin")
    if encode(node) != wire or decode(wire) != node:
        raise ValueError(f"the two sides differ on the node {kind}")
    return node, wire


def _encode(pair: tuple[Node, bytes]) -> bytes:
    return encode(pair[0])


def _decode(pair: tuple[Node, bytes]) -> Node:
    return decode(pair[1])


TASKS = {
    **{f"wabinary.encode.{kind}": Task(_encode, setup=partial(_read, kind)) for kind in KINDS},
    **{f"wabinary.decode.{kind}": Task(_decode, setup=partial(_read, kind)) for kind in KINDS},
}
