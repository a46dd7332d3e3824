"""The codec against what Baileys writes and reads."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import Content, Node

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "nodes.json").read_text())


def content_of(row: Any) -> Content:
    if row is None:
        return None
    if isinstance(row, list):
        return tuple(node_of(child) for child in row)
    if "text" in row:
        return str(row["text"])
    if "byte" in row:
        return bytes((row["byte"],)) * int(row["times"])
    if "child" in row:
        return (node_of(row["child"]),) * int(row["times"])
    return bytes.fromhex(row["hex"])


def node_of(row: Any) -> Node:
    return Node(row["tag"], row["attrs"], content_of(row["content"]))


def cases(key: str) -> list[Any]:
    return [pytest.param(row, id=row["name"]) for row in VECTORS[key]]


@pytest.mark.parametrize("row", cases("encode"))
def test_we_write_the_bytes_that_baileys_writes(row: Any) -> None:
    wire = encode(node_of(row["node"]))
    if isinstance(row["wire"], str):
        assert wire.hex() == row["wire"]
    else:
        assert len(wire) == row["wire"]["length"]
        assert hashlib.sha256(wire).hexdigest() == row["wire"]["sha256"]


@pytest.mark.parametrize("row", cases("encode"))
def test_we_read_back_what_baileys_reads_back(row: Any) -> None:
    assert decode(encode(node_of(row["node"]))) == node_of(row.get("read_back", row["node"]))


@pytest.mark.parametrize("row", cases("decode"))
def test_we_read_what_baileys_reads(row: Any) -> None:
    assert decode(bytes.fromhex(row["wire"])) == node_of(row["node"])


@pytest.mark.parametrize("row", cases("traps"))
def test_where_baileys_loses_something_we_do_not(row: Any) -> None:
    node = node_of(row["node"])
    wire = encode(node)
    assert wire.hex() != row["baileys_wire"]
    assert decode(wire) == node


def test_the_traps_on_the_wire() -> None:
    """What stands there instead, byte for byte."""
    expected = {
        "user_1:2@s.whatsapp.net": "f7 00 02 fc 06 757365725f31",
        "user_1@s.whatsapp.net": "fa fc 06 757365725f31 03",
        "15550100001:300@s.whatsapp.net": "fc 1e" + b"15550100001:300@s.whatsapp.net".hex(),
        "100012345678901:2@msgr": "f6 ff 88 100012345678901f 0002 cc",
        "5-15550100001:2@interop": "f5 ff 86 15550100001f 0002 0005",
        "anna@example.org": "fc 10" + b"anna@example.org".hex(),
    }
    for text, wire in expected.items():
        assert encode(Node("message", {"to": text})).hex() == "00f8031311" + wire.replace(" ", "")
