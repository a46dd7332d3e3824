"""Both sides of the exchange behind a passkey, held against a second way of computing each part."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from motte.core.crypto import passkey
from motte.core.crypto.curve import KeyPair, agree
from motte.core.crypto.kdf import hkdf
from motte.core.crypto.passkey import HandedOver, Introduction, PhoneHello, Prologue
from motte.errors import PairingError
from motte.proto.device_props_pb2 import DeviceProps
from motte.proto.pairing_pb2 import EncryptedPairingRequest, PrimaryEphemeralIdentity
from motte.testing.rng import SeededRng

RNG = SeededRng("passkey")
REF = "5@ref"
CHROME = int(DeviceProps.CHROME)
HANDED = HandedOver(noise=b"n" * 32, identity=b"i" * 32, adv_secret=b"s" * 32)


def begun() -> Prologue:
    return passkey.prologue(SeededRng("companion"), device_type=CHROME, ref=REF)


def answered() -> tuple[KeyPair, PhoneHello]:
    ephemeral = KeyPair.generate(SeededRng("phone"))
    return ephemeral, PhoneHello(ephemeral.public, bytes(range(32)))


def test_both_sides_come_to_the_same_code_and_key() -> None:
    mine, (theirs, hello) = begun(), answered()
    met = Introduction.parse(mine.payload)
    met.check(mine.nonce)
    assert (met.ephemeral, met.device_type, met.ref) == (mine.ephemeral.public, CHROME, REF)
    key = passkey.request_key(mine.ephemeral.private, hello.ephemeral, device_type=CHROME, ref=REF)
    assert key == passkey.request_key(theirs.private, met.ephemeral, device_type=met.device_type, ref=met.ref)
    assert passkey.unseal(key, passkey.seal(key, HANDED, RNG)) == HANDED
    assert PhoneHello.parse(hello.serialize()) == hello


def test_each_part_by_hand() -> None:
    mine, (_, hello) = begun(), answered()
    met = Introduction.parse(mine.payload)
    assert met.commitment == hashlib.sha256(met.identity + mine.nonce).digest()
    digest = hashlib.sha256(mine.nonce + hello.ephemeral).digest()
    bits = "".join(f"{a ^ b:08b}" for a, b in zip(hello.nonce[:5], digest[:5], strict=True))
    letters = "".join("123456789ABCDEFGHJKLMNPQRSTVWXYZ"[int(bits[at : at + 5], 2)] for at in range(0, 40, 5))
    assert passkey.code(mine.nonce, hello) == f"{letters[:4]}-{letters[4:]}"
    shared = agree(mine.ephemeral.private, hello.ephemeral)
    salt = b"Companion Pairing 1 with ref 5@ref"  # the text is the salt, not the info, and Chrome is 1
    expected = hkdf(shared, 32, salt=salt, info=b"Pairing Information Encryption Key")
    assert passkey.request_key(mine.ephemeral.private, hello.ephemeral, device_type=CHROME, ref=REF) == expected
    key = hkdf(b"old" * 10, 32, info=b"shortcake-passkey-handoff-v1")
    assert passkey.proof(b"old" * 10, mine.payload) == hmac.digest(key, mine.payload, "sha256")


def test_a_companion_is_held_to_its_commitment() -> None:
    met = Introduction.parse(begun().payload)
    for nonce in (bytes(32), begun().nonce[:-1], b""):
        with pytest.raises(PairingError, match="committed"):
            met.check(nonce)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        PrimaryEphemeralIdentity(publicKey=bytes(31), nonce=bytes(32)).SerializeToString(),
        PrimaryEphemeralIdentity(publicKey=bytes(32), nonce=bytes(33)).SerializeToString(),
    ],
)
def test_a_phone_that_is_not_understood(data: bytes) -> None:
    with pytest.raises(PairingError):
        PhoneHello.parse(data)
    with pytest.raises(PairingError):
        Introduction.parse(data)


def test_a_key_of_all_zeros_is_refused() -> None:
    with pytest.raises(PairingError, match="not usable"):
        passkey.request_key(begun().ephemeral.private, bytes(32), device_type=CHROME, ref=REF)


@pytest.mark.parametrize("damage", ["key", "iv", "cut", "empty", "bytes", "short secret"])
def test_a_request_that_does_not_open(damage: str) -> None:
    key = bytes(range(32))
    handed = HandedOver(noise=HANDED.noise, identity=HANDED.identity, adv_secret=b"s") if "short" in damage else HANDED
    sealed = passkey.seal(key, handed, RNG)
    if damage == "iv":
        opened = EncryptedPairingRequest.FromString(sealed)
        sealed = EncryptedPairingRequest(encryptedPayload=opened.encryptedPayload, iv=b"").SerializeToString()
    sealed = {"cut": sealed[:-1], "empty": b"", "bytes": b"\xff\xff"}.get(damage, sealed)
    with pytest.raises(PairingError):
        passkey.unseal(bytes(32) if damage == "key" else key, sealed)


def test_nothing_secret_is_shown() -> None:
    assert repr(begun()) == "Prologue(…)"
    assert repr(HANDED) == "HandedOver(…)"
