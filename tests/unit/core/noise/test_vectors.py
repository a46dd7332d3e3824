"""Handshakes with fixed keys, byte for byte: XX against Baileys, IK and XXfallback against the specification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.crypto.curve import KeyPair
from motte.core.noise.certificate import FOREVER, ServerCertificate
from motte.core.noise.client import ClientHandshake, Pattern
from motte.core.noise.framing import HEADER, frame, intro
from motte.core.noise.server import ServerHandshake
from motte.core.noise.transport import Transport

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[3] / "vectors" / "noise.json").read_text())
PAIRS = {name: KeyPair.from_private(bytes.fromhex(private)) for name, private in VECTORS["keys"].items()}
ROOT = bytes.fromhex(VECTORS["root_public"])
PAYLOAD = bytes.fromhex(VECTORS["payload"])


def certificate(key: str) -> ServerCertificate:
    return ServerCertificate(static=PAIRS[key].public, root=ROOT, not_before=0, not_after=FOREVER)


def client(stored: ServerCertificate | None) -> ClientHandshake:
    return ClientHandshake(
        static=PAIRS["client_static"],
        payload=PAYLOAD,
        trusted_root=ROOT,
        now=VECTORS["now"],
        rng=lambda _: PAIRS["client_ephemeral"].private,
        certificate=stored,
    )


def server() -> ServerHandshake:
    return ServerHandshake(
        static=PAIRS["server_static"],
        chain=bytes.fromhex(VECTORS["chain"]),
        rng=lambda _: PAIRS["server_ephemeral"].private,
    )


def check_transport(rows: dict[str, Any], ours: Transport, theirs: Transport) -> None:
    for index, sealed in enumerate(rows["to_server"]):
        assert ours.seal(b"to server %d" % index).hex() == sealed
        assert theirs.open(bytes.fromhex(sealed)) == b"to server %d" % index
    for index, sealed in enumerate(rows["to_client"]):
        assert theirs.seal(b"to client %d" % index).hex() == sealed
        assert ours.open(bytes.fromhex(sealed)) == b"to client %d" % index


@pytest.mark.parametrize(
    ("key", "pattern", "stored"),
    [
        ("xx", Pattern.XX, None),
        ("ik", Pattern.IK, certificate("server_static")),
        ("xxfallback", Pattern.XX_FALLBACK, certificate("old_server_static")),
    ],
)
def test_both_sides_byte_for_byte(key: str, pattern: Pattern, stored: ServerCertificate | None) -> None:
    rows = VECTORS[key]
    ours, theirs = client(stored), server()
    assert ours.hello().hex() == rows["client_hello"]
    step = theirs.receive_hello(bytes.fromhex(rows["client_hello"]))
    assert step.reply.hex() == rows["server_hello"]
    result = ours.finish(bytes.fromhex(rows["server_hello"]))
    assert result.pattern is pattern
    assert (result.reply.hex() if result.reply else None) == rows.get("client_finish")
    end = step.result or theirs.receive_finish(bytes.fromhex(rows["client_finish"]))
    assert (end.pattern, end.payload, end.client_static) == (pattern, PAYLOAD, PAIRS["client_static"].public)
    check_transport(rows, result.transport, end.transport)


def test_first_bytes() -> None:
    hello = bytes.fromhex(VECTORS["xx"]["client_hello"])
    assert HEADER.hex() == VECTORS["header"]
    assert (intro() + frame(hello)).hex() == VECTORS["xx"]["first_bytes"]
    routing = bytes.fromhex(VECTORS["routing_info"])
    assert (intro(routing) + frame(hello)).hex() == VECTORS["routed_first_bytes"]


def test_what_the_chain_leaves_for_the_store() -> None:
    ours = client(None)
    ours.hello()
    left = ours.finish(bytes.fromhex(VECTORS["xx"]["server_hello"])).certificate
    assert left == ServerCertificate(
        static=PAIRS["server_static"].public, root=ROOT, not_before=1_700_000_000, not_after=1_900_000_000
    )
