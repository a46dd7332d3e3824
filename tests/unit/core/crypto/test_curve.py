import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.crypto import curve
from motte.core.crypto.curve import KeyPair
from motte.errors import InvalidKey, InvalidSignature
from tests.unit.core.signal.device import SeededRng

CASES = json.loads((Path(__file__).parents[3] / "vectors" / "xeddsa.json").read_text())["cases"]
# One of each low-order point's encoding that X25519 must refuse (RFC 7748, section 6; curve25519 "small subgroup").
LOW_ORDER = [
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    (2**255 - 20).to_bytes(32, "little"),
]


@pytest.mark.parametrize("case", CASES)
def test_a_signature_equals_that_of_curve25519_js(case: dict[str, Any]) -> None:
    private, message, random = (bytes.fromhex(case[name]) for name in ("private", "message", "random"))
    assert KeyPair.from_private(private).public.hex() == case["public"]
    assert curve.sign(private, message, lambda length: random[:length]).hex() == case["signature"]


@pytest.mark.parametrize("kind", ["signature", "deterministic_signature"])
@pytest.mark.parametrize("case", CASES)
def test_signatures_of_curve25519_js_verify(case: dict[str, Any], kind: str) -> None:
    public, message, signature = (bytes.fromhex(case[name]) for name in ("public", "message", kind))
    assert curve.verifies(public, message, signature)


@pytest.mark.parametrize("byte", range(64))
def test_a_signature_with_one_wrong_bit_does_not_verify(byte: int) -> None:
    case = CASES[5]
    public, message, signature = (bytes.fromhex(case[name]) for name in ("public", "message", "signature"))
    for bit in range(8):
        forged = bytearray(signature)
        forged[byte] ^= 1 << bit
        assert not curve.verifies(public, message, bytes(forged))


def test_a_signature_is_bound_to_its_message_and_key() -> None:
    rng = SeededRng("signer")
    signer, other = KeyPair.generate(rng), KeyPair.generate(rng)
    signature = curve.sign(signer.private, b"message", rng)
    assert curve.verifies(signer.public, b"message", signature)
    assert not curve.verifies(signer.public, b"messagf", signature)
    assert not curve.verifies(other.public, b"message", signature)
    with pytest.raises(InvalidSignature, match="a note"):
        curve.check_signature(other.public, b"message", signature, "a note")


@pytest.mark.parametrize(("public", "signature"), [(b"", bytes(64)), (bytes(31), bytes(64)), (bytes(32), b"")])
def test_wrong_sizes_do_not_verify(public: bytes, signature: bytes) -> None:
    assert not curve.verifies(public, b"message", signature)


@pytest.mark.parametrize("public", LOW_ORDER)
def test_low_order_keys_sign_nothing(public: bytes) -> None:
    assert not curve.verifies(public, b"message", bytes(64))
    assert not curve.verifies(public, b"message", b"\x01" + bytes(63))


@pytest.mark.parametrize("public", LOW_ORDER)
def test_agreement_refuses_low_order_keys(public: bytes) -> None:
    with pytest.raises(InvalidKey):
        curve.agree(KeyPair.generate(SeededRng("agree")).private, public)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_agreement_refuses_keys_of_another_size(size: int) -> None:
    with pytest.raises(InvalidKey):
        curve.agree(KeyPair.generate(SeededRng("agree")).private, b"\x09" * size)


def test_agreement_is_mutual() -> None:
    rng = SeededRng("mutual")
    one, two = KeyPair.generate(rng), KeyPair.generate(rng)
    assert curve.agree(one.private, two.public) == curve.agree(two.private, one.public)


def test_rfc_7748_agreement() -> None:
    alice = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    bob = bytes.fromhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
    assert curve.agree(alice, bob).hex() == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"


def test_public_keys_with_and_without_their_type_byte() -> None:
    public = KeyPair.generate(SeededRng("typed")).public
    assert curve.unprefixed(curve.prefixed(public)) == public == curve.unprefixed(public)
    for wrong in (b"", public[:-1], b"\x06" + public, public + b"\x05"):
        with pytest.raises(InvalidKey):
            curve.unprefixed(wrong)


def test_a_key_pair_does_not_show_its_private_key() -> None:
    pair = KeyPair.generate(SeededRng("shy"))
    assert pair.private.hex() not in repr(pair)
    assert pair.public.hex() in repr(pair)
