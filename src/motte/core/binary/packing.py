"""Packed text: two characters in a byte.

Nibble packing takes digits, `-` and `.`; hex packing takes digits and `A` to `F` (upper case only, since the reader
cannot know the case). Behind the tag, one byte counts the packed bytes; its top bit says that the last half byte is
filler (15).
"""

from __future__ import annotations

from typing import Final

from motte.core.binary.tags import HEX_8, MAX_PACKED, NIBBLE_8
from motte.errors import RemoteProtocolError

_NIBBLES: Final = "0123456789-."
_HEX: Final = "0123456789ABCDEF"
_ODD: Final = 0x80
_TO_HEX: Final = str.maketrans("-.", "ab")
_FROM_HEX: Final = str.maketrans("abcdef", "-.????")


def pack(text: str) -> bytes | None:
    """`text` with tag and count in front, or nothing when neither packing fits."""
    length = len(text)
    if not 0 < length <= MAX_PACKED:
        return None
    # Stripping every allowed character off both ends leaves nothing exactly when no other character occurs.
    if not text.strip(_NIBBLES):
        tag, digits = NIBBLE_8, text if text.isdecimal() else text.translate(_TO_HEX)
    elif not text.strip(_HEX):
        tag, digits = HEX_8, text
    else:
        return None
    if length & 1:
        return bytes((tag, _ODD | (length + 1) >> 1)) + bytes.fromhex(digits + "f")
    return bytes((tag, length >> 1)) + bytes.fromhex(digits)


def unpack(tag: int, odd: int, packed: bytes) -> str:
    """The text of packed bytes; `odd` is non-zero when the last half byte is filler.

    Raises:
        RemoteProtocolError: a half byte that stands for no character.
    """
    digits = packed.hex()
    if odd:
        digits = digits[:-1]
    if tag == HEX_8:
        return digits.upper()
    if digits.isdecimal():
        return digits
    text = digits.translate(_FROM_HEX)
    if "?" in text:
        raise RemoteProtocolError("a packed text holds a half byte that stands for no character")
    return text
