"""Whatever a phone or a server sends at pairing gives a value or a PairingError."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from motte.core.crypto.adv import (
    DeviceIdentity,
    KeyIndexList,
    countersign,
    issue_identity,
    open_identity,
    sign_key_indexes,
    verify_identity,
    verify_key_indexes,
)
from motte.core.crypto.curve import KeyPair
from motte.core.crypto.link_code import open_bundle
from motte.errors import PairingError
from motte.proto.adv_pb2 import ADVSignedDeviceIdentity, ADVSignedDeviceIdentityHMAC

PHONE, DEVICE = KeyPair.from_private(b"p" * 32), KeyPair.from_private(b"d" * 32)
SECRET = b"s" * 32
U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
IDENTITIES = st.builds(
    DeviceIdentity,
    raw_id=U32,
    timestamp=U64,
    key_index=U32,
    hosted_account=st.booleans(),
    hosted_device=st.booleans(),
)
LISTS = st.builds(
    KeyIndexList,
    raw_id=U32,
    timestamp=U64,
    current_index=U32,
    valid_indexes=st.frozensets(U32, max_size=20),
    hosted_account=st.booleans(),
)


@given(IDENTITIES, st.binary(min_size=32, max_size=32))
def test_identities_survive_the_way_to_a_peer(who: DeviceIdentity, secret: bytes) -> None:
    opened = open_identity(issue_identity(PHONE, DEVICE.public, secret, who, rng=bytes), secret, DEVICE.public)
    signed = countersign(opened, DEVICE, rng=bytes)
    assert opened.identity == who
    assert verify_identity(signed.serialize(account_key=True), DEVICE.public, PHONE.public).identity == who


@given(LISTS)
def test_key_index_lists_survive(indexes: KeyIndexList) -> None:
    assert verify_key_indexes(sign_key_indexes(PHONE, indexes, rng=bytes), PHONE.public) == indexes


@given(st.binary(max_size=300), st.binary(max_size=40), st.binary(max_size=40))
def test_garbage_is_a_pairing_error(data: bytes, device_key: bytes, account_key: bytes) -> None:
    for attempt in (
        lambda: open_identity(data, SECRET, device_key),
        lambda: verify_identity(data, device_key, account_key),
        lambda: verify_key_indexes(data, account_key),
        lambda: open_bundle(SECRET, data, PHONE, device_key),
    ):
        with suppress(PairingError):
            attempt()
            raise AssertionError("garbage verified")


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=70), st.binary(max_size=70), st.booleans())
def test_parts_of_any_size_are_a_pairing_error(
    details: bytes, key: bytes, account_signature: bytes, device_signature: bytes, wrapped: bool
) -> None:
    signed = ADVSignedDeviceIdentity(
        details=details,
        accountSignatureKey=key,
        accountSignature=account_signature,
        deviceSignature=device_signature,
    ).SerializeToString()
    with suppress(PairingError):
        if wrapped:
            container = ADVSignedDeviceIdentityHMAC(details=signed, hmac=key).SerializeToString()
            open_identity(container, SECRET, DEVICE.public)
        else:
            verify_identity(signed, DEVICE.public)
        raise AssertionError("forged parts verified")
