"""HMAC under a kept key is HMAC (RFC 4231, case 2), whatever the length of the key and of the input."""

from __future__ import annotations

import hmac
from typing import Literal

import pytest

from motte.core.crypto.kdf import Hmac

CASE_2 = {
    "sha256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "sha512": "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
}
NAMES: tuple[Literal["sha256", "sha512"], ...] = ("sha256", "sha512")


@pytest.mark.parametrize("name", NAMES)
def test_a_known_answer(name: Literal["sha256", "sha512"]) -> None:
    assert Hmac(b"Jefe", name).digest(b"what do ya want for nothing?").hex() == CASE_2[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [0, 1, 32, 64])
def test_one_key_for_many_inputs(name: Literal["sha256", "sha512"], size: int) -> None:
    key = bytes(range(size))
    kept = Hmac(key, name)
    for length in (0, 1, 63, 64, 65, 200):
        assert kept.digest(bytes(length)) == hmac.digest(key, bytes(length), name)


def test_a_key_longer_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        Hmac(bytes(65), "sha256")
