from __future__ import annotations

import pytest

from motte.core.binary.packing import pack, unpack
from motte.core.binary.tags import HEX_8, MAX_PACKED, NIBBLE_8
from motte.errors import RemoteProtocolError

NIBBLES = "0123456789-."
HEX = "0123456789ABCDEF"


def read(packed: bytes) -> str:
    tag, count = packed[0], packed[1]
    assert len(packed) == 2 + (count & 0x7F)
    return unpack(tag, count & 0x80, packed[2:])


@pytest.mark.parametrize(("alphabet", "tag"), [(NIBBLES, NIBBLE_8), (HEX, HEX_8)])
def test_every_pair_of_characters(alphabet: str, tag: int) -> None:
    for first in alphabet:
        for second in alphabet:
            text = f"{alphabet[-1]}{first}{second}"
            for whole in (text, text + alphabet[-1]):
                packed = pack(whole)
                assert packed is not None
                assert packed[0] == tag
                assert read(packed) == whole


@pytest.mark.parametrize("text", ["", "a", "3eb0", "12 34", "12-AB", "+1", "1" * (MAX_PACKED + 1), "１２", "A" * 128])
def test_what_is_not_packed(text: str) -> None:
    assert pack(text) is None


def test_every_byte_unpacks_or_is_refused() -> None:
    for byte in range(256):
        allowed = byte >> 4 < 12 and byte & 15 < 12
        if allowed:
            assert unpack(NIBBLE_8, 0, bytes((byte,))) == NIBBLES[byte >> 4] + NIBBLES[byte & 15]
        else:
            with pytest.raises(RemoteProtocolError):
                unpack(NIBBLE_8, 0, bytes((byte,)))
        assert unpack(HEX_8, 0, bytes((byte,))) == f"{byte:02X}"
