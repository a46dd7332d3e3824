"""The pairing code's exchange between our companion and our phone, and what a wrong code or a forged part does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from motte.core.crypto.curve import KeyPair
from motte.core.crypto.link_code import (
    ALPHABET,
    new_code,
    open_bundle,
    parse_code,
    seal_bundle,
    shared_secret,
    unwrap_key,
    wrap_key,
)
from motte.errors import LocalProtocolError, PairingError

COMPANION, PHONE, EPHEMERAL, OTHER = (KeyPair.from_private(bytes([n]) * 32) for n in (1, 2, 3, 4))
SHARED = shared_secret(EPHEMERAL.private, OTHER.public)


def rng() -> Callable[[int], bytes]:
    state = hashlib.shake_256(b"link code")

    def draw(count: int) -> bytes:
        state.update(b"next")
        return state.digest(count)

    return draw


def test_both_sides_get_the_same_secret() -> None:
    wrapped = wrap_key("ABCD1234", EPHEMERAL.public, rng())
    assert unwrap_key("ABCD1234", wrapped) == EPHEMERAL.public
    bundle = seal_bundle(SHARED, COMPANION, PHONE.public, rng())
    assert open_bundle(SHARED, bundle.sealed, PHONE, COMPANION.public) == bundle.secret


def test_a_wrong_code_shows_only_when_the_bundle_opens() -> None:
    wrapped = wrap_key("ABCD1234", EPHEMERAL.public, rng())
    wrong = unwrap_key("ABCD1235", wrapped)
    assert wrong != EPHEMERAL.public
    bundle = seal_bundle(SHARED, COMPANION, PHONE.public, rng())
    with pytest.raises(PairingError, match="code was wrong"):
        open_bundle(shared_secret(OTHER.private, wrong), bundle.sealed, PHONE, COMPANION.public)


def test_identity_keys_swapped_by_the_server_are_noticed() -> None:
    bundle = seal_bundle(SHARED, COMPANION, PHONE.public, rng())
    with pytest.raises(PairingError, match="other identity keys"):
        open_bundle(SHARED, bundle.sealed, PHONE, OTHER.public)
    swapped = seal_bundle(SHARED, COMPANION, OTHER.public, rng())
    with pytest.raises(PairingError, match="other identity keys"):
        open_bundle(SHARED, swapped.sealed, PHONE, COMPANION.public)


def test_every_flipped_byte_and_every_truncation_of_a_bundle_is_refused() -> None:
    good = seal_bundle(SHARED, COMPANION, PHONE.public, rng()).sealed
    for index in range(len(good)):
        forged = bytearray(good)
        forged[index] ^= 1
        with pytest.raises(PairingError):
            open_bundle(SHARED, bytes(forged), PHONE, COMPANION.public)
        with pytest.raises(PairingError, match="bytes long"):
            open_bundle(SHARED, good[:index], PHONE, COMPANION.public)


@pytest.mark.parametrize("size", [0, 79, 81])
def test_a_wrapped_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(PairingError, match="80 bytes"):
        unwrap_key("ABCD1234", bytes(size))


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(32), b"\x01" + bytes(31)], ids=["empty", "short", "zero", "one"])
def test_an_unusable_key_is_a_pairing_error(key: bytes) -> None:
    with pytest.raises(PairingError, match="not usable"):
        shared_secret(EPHEMERAL.private, key)
    with pytest.raises(PairingError, match="not usable"):
        seal_bundle(SHARED, COMPANION, key, rng())


def test_codes_use_the_whole_alphabet_and_nothing_else() -> None:
    draw = rng()
    seen = {character for _ in range(200) for character in new_code(draw)}
    assert seen == set(ALPHABET)


@pytest.mark.parametrize("text", ["abcd-1234", " ABCD1234 ", "ABCD 1234"])
def test_codes_as_people_type_them(text: str) -> None:
    assert parse_code(text) == "ABCD1234"


@pytest.mark.parametrize(
    "text", ["", "ABCD123", "ABCD12345", "ABCD123O", "ABCD123I", "ABCD1230", "ABCD123U", "ÄBCD1234"]
)
def test_a_code_outside_the_alphabet_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(LocalProtocolError, match="pairing code"):
        parse_code(text)


def test_secrets_do_not_show_in_a_repr() -> None:
    bundle = seal_bundle(SHARED, COMPANION, PHONE.public, rng())
    assert repr(bundle.secret) not in repr(bundle) and bundle.secret.hex() not in repr(bundle)
