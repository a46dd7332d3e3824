"""ADV: what the phone issues the companion opens; every forged field is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from motte.core.crypto.adv import (
    MAX_KEY_INDEXES,
    DeviceIdentity,
    KeyIndexList,
    SignedIdentity,
    countersign,
    issue_identity,
    open_identity,
    sign_key_indexes,
    verify_identity,
    verify_key_indexes,
)
from motte.core.crypto.curve import KeyPair
from motte.core.crypto.kdf import hmac_sha256
from motte.errors import PairingError
from motte.proto.adv_pb2 import (
    HOSTED,
    ADVDeviceIdentity,
    ADVKeyIndexList,
    ADVSignedDeviceIdentity,
    ADVSignedDeviceIdentityHMAC,
    ADVSignedKeyIndexList,
)


def rng(count: int) -> bytes:
    return hashlib.shake_256(b"adv").digest(count)


PHONE, DEVICE, OTHER = (KeyPair.from_private(bytes([n]) * 32) for n in (1, 2, 3))
SECRET = bytes(range(32))
WHO = DeviceIdentity(raw_id=7, timestamp=1_700_000_000, key_index=2)


def issued(identity: DeviceIdentity = WHO) -> bytes:
    return issue_identity(PHONE, DEVICE.public, SECRET, identity, rng=rng)


def resealed(change: Callable[[ADVSignedDeviceIdentity], object]) -> bytes:
    """The container after a change inside, with a good HMAC: what somebody who knows the ADV secret could send."""
    signed = ADVSignedDeviceIdentity.FromString(ADVSignedDeviceIdentityHMAC.FromString(issued()).details)
    change(signed)
    details = signed.SerializeToString()
    return ADVSignedDeviceIdentityHMAC(details=details, hmac=hmac_sha256(SECRET, details)).SerializeToString()


@pytest.mark.parametrize("hosted_account", [False, True])
@pytest.mark.parametrize("hosted_device", [False, True])
def test_the_companion_opens_what_the_phone_issued(hosted_account: bool, hosted_device: bool) -> None:
    who = DeviceIdentity(raw_id=1, timestamp=2, key_index=3, hosted_account=hosted_account, hosted_device=hosted_device)
    opened = open_identity(issued(who), SECRET, DEVICE.public)
    assert opened.identity == who
    assert opened.account_key == PHONE.public
    assert opened.device_signature == b""


def test_peers_and_the_phone_verify_the_countersigned_identity() -> None:
    signed = countersign(open_identity(issued(), SECRET, DEVICE.public), DEVICE, rng=rng)
    assert verify_identity(signed.serialize(account_key=True), DEVICE.public) == signed
    assert verify_identity(signed.serialize(account_key=False), DEVICE.public, PHONE.public) == signed


@pytest.mark.parametrize("secret", [b"", bytes(32)])
def test_another_adv_secret_is_refused(secret: bytes) -> None:
    with pytest.raises(PairingError, match="HMAC"):
        open_identity(issued(), secret, DEVICE.public)


def test_an_identity_for_another_device_is_refused() -> None:
    with pytest.raises(PairingError, match="account signature"):
        open_identity(issued(), SECRET, OTHER.public)


def test_every_flipped_bit_of_the_container_is_refused() -> None:
    good = issued()
    for index in range(len(good) * 8):
        forged = bytearray(good)
        forged[index // 8] ^= 1 << index % 8
        try:
            opened = open_identity(bytes(forged), SECRET, DEVICE.public)
        except PairingError:
            continue
        # A flip that protobuf does not look at (the spare bit of the last varint, say) changes nothing.
        assert opened == open_identity(good, SECRET, DEVICE.public)


def test_every_truncation_of_the_container_is_refused() -> None:
    good = ADVSignedDeviceIdentityHMAC.FromString(issued())
    good.ClearField("accountType")
    whole = good.SerializeToString()
    for length in range(len(whole)):
        with pytest.raises(PairingError):
            open_identity(whole[:length], SECRET, DEVICE.public)


def test_the_account_type_of_the_container_is_covered_by_the_hmac() -> None:
    container = ADVSignedDeviceIdentityHMAC.FromString(issued())
    container.accountType = HOSTED
    with pytest.raises(PairingError, match="HMAC"):
        open_identity(container.SerializeToString(), SECRET, DEVICE.public)


def _other_details(signed: ADVSignedDeviceIdentity) -> None:
    signed.details = ADVDeviceIdentity(rawId=7, timestamp=1, keyIndex=9).SerializeToString()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda s: s.ClearField("accountSignatureKey"), "account key"),
        (lambda s: setattr(s, "accountSignatureKey", PHONE.public[:31]), "account key"),
        (lambda s: setattr(s, "accountSignatureKey", b"\x05" + PHONE.public), "account key"),
        (lambda s: setattr(s, "accountSignatureKey", OTHER.public), "account signature"),
        (lambda s: setattr(s, "accountSignatureKey", bytes(32)), "account signature"),
        (lambda s: s.ClearField("accountSignature"), "account signature"),
        (lambda s: setattr(s, "accountSignature", bytes(64)), "account signature"),
        (lambda s: setattr(s, "accountSignature", s.accountSignature[:63]), "account signature"),
        (lambda s: s.ClearField("details"), "key index"),
        (lambda s: setattr(s, "details", b"\xff"), "parsed"),
        (_other_details, "account signature"),
    ],
)
def test_a_forged_field_is_refused_by_name(change: Callable[[ADVSignedDeviceIdentity], object], why: str) -> None:
    with pytest.raises(PairingError, match=why):
        open_identity(resealed(change), SECRET, DEVICE.public)


def countersigned() -> SignedIdentity:
    return countersign(open_identity(issued(), SECRET, DEVICE.public), DEVICE, rng=rng)


def test_a_peer_refuses_another_account_and_another_signature() -> None:
    whole = countersigned().serialize(account_key=True)
    with pytest.raises(PairingError, match="another account key"):
        verify_identity(whole, DEVICE.public, OTHER.public)
    with pytest.raises(PairingError, match="account key"):
        verify_identity(countersigned().serialize(account_key=False), DEVICE.public)
    with pytest.raises(PairingError, match="device signature"):
        verify_identity(whole, DEVICE.public, hosted=True)
    unsigned = open_identity(issued(), SECRET, DEVICE.public).serialize(account_key=True)
    with pytest.raises(PairingError, match="device signature"):
        verify_identity(unsigned, DEVICE.public)


def test_the_account_signature_is_not_a_device_signature() -> None:
    signed = ADVSignedDeviceIdentity.FromString(countersigned().serialize(account_key=True))
    signed.deviceSignature = signed.accountSignature
    with pytest.raises(PairingError, match="device signature"):
        verify_identity(signed.SerializeToString(), DEVICE.public)


# ---- key-index lists ----

LIST = KeyIndexList(raw_id=7, timestamp=1_700_000_000, current_index=5, valid_indexes=frozenset({0, 2, 5}))


def test_a_key_index_list_comes_back_as_signed() -> None:
    assert verify_key_indexes(sign_key_indexes(PHONE, LIST, rng=rng), PHONE.public) == LIST


@pytest.mark.parametrize(("index", "valid"), [(0, True), (2, True), (5, True), (3, False), (6, True), (None, False)])
def test_valid_companions_are_listed_or_newer(index: int | None, valid: bool) -> None:
    assert LIST.accepts(index) is valid


def test_every_flipped_bit_of_a_key_index_list_is_refused() -> None:
    good = sign_key_indexes(PHONE, LIST, rng=rng)
    for index in range(len(good) * 8):
        forged = bytearray(good)
        forged[index // 8] ^= 1 << index % 8
        with pytest.raises(PairingError):
            verify_key_indexes(bytes(forged), PHONE.public)


def test_a_key_index_list_of_another_account_is_refused() -> None:
    good = sign_key_indexes(PHONE, LIST, rng=rng)
    with pytest.raises(PairingError, match="signature"):
        verify_key_indexes(good, OTHER.public)
    named = ADVSignedKeyIndexList.FromString(good)
    named.accountSignatureKey = PHONE.public
    with pytest.raises(PairingError, match="another account key"):
        verify_key_indexes(named.SerializeToString(), OTHER.public)
    assert verify_key_indexes(named.SerializeToString(), PHONE.public) == LIST


def test_a_device_identity_is_not_a_key_index_list() -> None:
    """Both are details under the account's signature; the prefixes keep them apart."""
    signed = ADVSignedDeviceIdentityHMAC.FromString(issued()).details
    identity = ADVSignedDeviceIdentity.FromString(signed)
    forged = ADVSignedKeyIndexList(details=identity.details, accountSignature=identity.accountSignature)
    with pytest.raises(PairingError, match="signature"):
        verify_key_indexes(forged.SerializeToString(), PHONE.public)


def test_an_endless_key_index_list_is_refused() -> None:
    endless = KeyIndexList(raw_id=1, timestamp=1, current_index=0, valid_indexes=frozenset(range(MAX_KEY_INDEXES + 1)))
    with pytest.raises(PairingError, match="more than"):
        verify_key_indexes(sign_key_indexes(PHONE, endless, rng=rng), PHONE.public)


def test_wire_form_of_a_key_index_list() -> None:
    outer = ADVSignedKeyIndexList.FromString(sign_key_indexes(PHONE, LIST, rng=rng))
    assert list(ADVKeyIndexList.FromString(outer.details).validIndexes) == [0, 2, 5]
    assert len(outer.accountSignature) == 64
