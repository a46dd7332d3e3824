import hashlib
from collections import Counter

import pytest

from motte.core.crypto.curve import KeyPair, prefixed, verifies
from motte.core.signal import keys
from motte.core.signal.keys import MAX_ID, MAX_REGISTRATION_ID
from motte.errors import InvalidSignature
from tests.unit.core.signal.device import SeededRng


def test_prekey_ids_start_again_at_one_after_the_last() -> None:
    made = keys.generate_prekeys(MAX_ID - 1, 4, SeededRng("ids"))
    assert [key.id for key in made] == [MAX_ID - 1, MAX_ID, 1, 2]
    assert len({key.pair.public for key in made}) == 4
    assert keys.next_id(MAX_ID) == 1
    assert keys.next_id(0) == 1
    assert keys.next_id(41) == 42


def test_a_signed_prekey_is_signed_with_its_type_byte() -> None:
    rng = SeededRng("signed")
    identity = KeyPair.generate(rng)
    signed = keys.generate_signed_prekey(identity, 3, rng)
    assert signed.id == 3
    assert verifies(identity.public, prefixed(signed.pair.public), signed.signature)
    keys.check_signed_prekey(identity.public, signed.pair.public, signed.signature)
    with pytest.raises(InvalidSignature, match="signed prekey"):
        keys.check_signed_prekey(identity.public, identity.public, signed.signature)


def test_registration_ids_cover_their_range_evenly() -> None:
    rng = SeededRng("registration")
    made = [keys.generate_registration_id(rng) for _ in range(8000)]
    assert all(1 <= value <= MAX_REGISTRATION_ID for value in made)
    quarters = Counter((value - 1) * 4 // MAX_REGISTRATION_ID for value in made)
    assert min(quarters.values()) > 1800


@pytest.mark.parametrize(("drawn", "expected"), [(0, 1), (16379, 16380), (16380, 1), (65519, 16380)])
def test_registration_ids_at_the_edges(drawn: int, expected: int) -> None:
    assert keys.generate_registration_id(lambda length: drawn.to_bytes(length, "big")) == expected


def test_registration_ids_draw_again_outside_the_even_part() -> None:
    draws = iter([65520, 65535, 7])
    assert keys.generate_registration_id(lambda length: next(draws).to_bytes(length, "big")) == 8


def test_the_digest_covers_identity_signed_prekey_and_prekeys_in_order() -> None:
    rng = SeededRng("digest")
    identity = KeyPair.generate(rng)
    signed = keys.generate_signed_prekey(identity, 1, rng)
    listed = [key.pair.public for key in keys.generate_prekeys(1, 3, rng)]
    expected = hashlib.sha1(identity.public + signed.pair.public + signed.signature + b"".join(listed)).digest()
    assert keys.bundle_digest(identity.public, signed, listed) == expected
    assert keys.bundle_digest(identity.public, signed, listed[::-1]) != expected
