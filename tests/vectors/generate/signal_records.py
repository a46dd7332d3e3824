"""Stored Signal state, so that later versions prove that they still read it.

    .venv/bin/python tests/vectors/generate/signal_records.py > tests/vectors/signal_records.json

Run it once for each storage format, and keep what is there: the old states are the point.
"""

import json

from motte.core.signal import group_cipher
from tests.unit.core.signal.device import SeededRng, pair


def session() -> dict[str, str]:
    alice, bob = pair()
    alice.send(b"skipped")
    bob.receive(*alice.send(b"received"))
    _, late = alice.send(b"after the record was stored")
    bob.start(alice.bundle(2))
    assert bob.record is not None
    record = bob.record.serialize().hex()
    text = "after the record was stored"
    return {"name": "archived session", "kind": "session", "record": record, "next_message": late.hex(), "text": text}


def sender_key() -> dict[str, str]:
    own = group_cipher.create(SeededRng("own"))
    member = group_cipher.process(None, group_cipher.distribution(own))
    own, skipped = group_cipher.encrypt(own, b"skipped", SeededRng("blind"))
    own, body = group_cipher.encrypt(own, b"received", SeededRng("blind"))
    member, _ = group_cipher.decrypt(member, body)
    record = member.serialize().hex()
    return {
        "name": "sender key",
        "kind": "sender key",
        "record": record,
        "next_message": skipped.hex(),
        "text": "skipped",
    }


print(json.dumps({"origin": "motte 0.1.0, storage format 1", "format_1": [session(), sender_key()]}, indent=1))
