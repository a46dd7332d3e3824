"""Writes the seeds of all targets into `corpus/`; the same files every time.

python -m tests.fuzz.make_seeds
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path

from motte.core.noise.framing import frame, intro
from motte.core.noise.server import ServerHandshake
from tests.fuzz import appstate_seeds, history_seeds, media_seeds, upper_seeds
from tests.fuzz.seeded import seeded
from tests.fuzz.targets import CHAIN, SERVER, STORED, client

HERE = Path(__file__).parent
VECTORS = json.loads((HERE.parent / "vectors" / "nodes.json").read_text())


def seeds() -> Iterator[tuple[str, bytes]]:
    """Target and input."""
    rows = [*VECTORS["encode"], *VECTORS["decode"]]
    wires = [bytes.fromhex(row["wire"]) for row in rows if isinstance(row["wire"], str) and len(row["wire"]) < 1200]
    for wire in wires:
        yield "decode", wire
    for wire in wires[::8]:
        if wire[0] == 0:
            yield "decode", b"\x02" + zlib.compress(wire[1:])
            yield "inflate", wire[1:]
    yield "decode", b"\x02" + zlib.compress(bytes(1 << 20), 9)
    yield "decode", b"\0" + bytes.fromhex("f80208f801") * 200
    yield "decode", b"\0" + bytes.fromhex("f80208f9ffff") * 50
    yield "decode", bytes.fromhex("00f8030408") + b"\xfa" * 100
    yield "frames", b"\x05" + frame(b"one") + frame(b"") + frame(b"x" * 300)
    yield "frames", b"\x03\xff\xff\xff"
    yield "intro", intro() + frame(b"hello")
    yield "intro", intro(b"routing") + frame(b"hello")
    yield "certificate", CHAIN
    for stored in (None, STORED):
        ours = client(stored)
        theirs = ServerHandshake(static=SERVER, chain=CHAIN, rng=seeded("x"))
        hello = ours.hello()
        reply = theirs.receive_hello(hello).reply
        finish = ours.finish(reply).reply
        yield "server_handshake", hello
        yield "handshake", reply
        if finish is not None:
            yield "server_handshake", finish


def main() -> None:
    for target, data in chain(
        seeds(), appstate_seeds.seeds(), history_seeds.seeds(), media_seeds.seeds(), upper_seeds.seeds()
    ):
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    main()
