"""Conversations of libsignal-node with itself, replayed: every byte sent is reproduced, every message decrypts."""

import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.crypto.curve import KeyPair
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.keys import PreKey, SignedPreKey
from motte.core.signal.record import SessionRecord
from tests.unit.core.signal.device import Device

VECTORS = Path(__file__).parents[3] / "vectors"
CASES = [
    pytest.param(case, id=f"{name}: {case['name']}")
    for name in ("x3dh", "ratchet")
    for case in json.loads((VECTORS / f"{name}.json").read_text())["cases"]
]


class Draws:
    """The randomness that libsignal-node used."""

    def __init__(self, draws: list[str]) -> None:
        self._draws = iter(draws)

    def __call__(self, length: int) -> bytes:
        drawn = bytes.fromhex(next(self._draws))
        assert len(drawn) == length
        return drawn


def device(described: dict[str, Any], draws: list[str]) -> Device:
    made = Device("replaced below")
    made.own = OwnIdentity(pair=_pair(described["identity"]), registration_id=described["registration_id"])
    signed_id, prekey_id = described["signed_prekey_id"], described["prekey_id"]
    signature = bytes.fromhex(described["signature"])
    made.signed = {signed_id: SignedPreKey(signed_id, _pair(described["signed_prekey"]), signature)}
    made.prekeys = {prekey_id: PreKey(prekey_id, _pair(described["prekey"]))}
    made.rng = Draws(draws)  # type: ignore[assignment]
    return made


def _pair(private: str) -> KeyPair:
    return KeyPair.from_private(bytes.fromhex(private))


@pytest.mark.parametrize("stored", [False, True], ids=["in memory", "through the store at each step"])
@pytest.mark.parametrize("case", CASES)
def test_a_transcript_is_reproduced(case: dict[str, Any], stored: bool) -> None:
    devices = {who: device(case["devices"][who], case["draws"][who]) for who in "ab"}
    sent: list[dict[str, Any]] = []
    for step in case["steps"]:
        if step["op"] == "start":
            peer = devices["b" if step["who"] == "a" else "a"]
            devices[step["who"]].start(peer.bundle(7 if step["prekey"] else None))
        elif step["op"] == "send":
            kind, body = devices[step["who"]].send(step["text"].encode())
            assert (kind, body.hex()) == (step["kind"], step["body"])
            sent.append(step)
        else:
            message = sent[step["message"]]
            receiver = devices["b" if message["who"] == "a" else "a"]
            assert receiver.receive(message["kind"], bytes.fromhex(message["body"])) == message["text"].encode()
        if stored:
            for each in devices.values():
                each.record = SessionRecord.parse(each.record.serialize()) if each.record else None
