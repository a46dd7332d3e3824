"""LT-hash: a hash of a set, to which members are added and from which they are taken in any order.

    hash           128 bytes: 64 lanes of 16 bits, little-endian
    a member       HKDF-SHA256(value MAC, 128 bytes, info "WhatsApp Patch Integrity")
    add, subtract  lane by lane, modulo 65536

The lanes are added as two big integers, the even lanes and the odd ones. Each lane has 32 bits there, room for 65,536
members before a carry could reach its neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from motte.core.crypto.kdf import INNER_PAD, OUTER_PAD, Hmac

SIZE: Final = 128
INFO: Final = b"WhatsApp Patch Integrity"
EMPTY: Final = bytes(SIZE)
"""The hash of nothing."""
_LANES: Final = sum(0xFFFF << shift for shift in range(0, SIZE * 8, 32))
_CARRY: Final = sum(0x10000 << shift for shift in range(0, SIZE * 8, 32))
_ROOM: Final = 65_536
_REST: Final = bytes(32)
_EXTRACT: Final = Hmac(b"", "sha256")
_INFO: Final = tuple(INFO + bytes((number,)) for number in range(1, 5))


def change(lthash: bytes, *, remove: Iterable[bytes], add: Iterable[bytes]) -> bytes:
    """The hash of a set after members left and joined, each given by its value MAC."""
    even, odd = _lanes(lthash)
    less_even, less_odd = _sum(list(remove))
    more_even, more_odd = _sum(list(add))
    even = (even + more_even + _CARRY - less_even) & _LANES
    odd = (odd + more_odd + _CARRY - less_odd) & _LANES
    return (even | odd << 16).to_bytes(SIZE, "little")


def _member(mac: bytes) -> bytes:
    """The 128 bytes of a member. HKDF written out, as `Hmac` is: tens of thousands of members are hashed at once."""
    secret = _EXTRACT.digest(mac) + _REST
    inner, outer = secret.translate(INNER_PAD), secret.translate(OUTER_PAD)
    first = sha256(outer + sha256(inner + _INFO[0]).digest()).digest()
    second = sha256(outer + sha256(inner + first + _INFO[1]).digest()).digest()
    third = sha256(outer + sha256(inner + second + _INFO[2]).digest()).digest()
    return first + second + third + sha256(outer + sha256(inner + third + _INFO[3]).digest()).digest()


def _lanes(lthash: bytes) -> tuple[int, int]:
    number = int.from_bytes(lthash, "little")
    return number & _LANES, number >> 16 & _LANES


def _sum(macs: Sequence[bytes]) -> tuple[int, int]:
    even = odd = 0
    for start in range(0, len(macs), _ROOM - 1):
        for mac in macs[start : start + _ROOM - 1]:
            number = int.from_bytes(_member(mac), "little")
            even += number & _LANES
            odd += number >> 16 & _LANES
        even &= _LANES
        odd &= _LANES
    return even, odd
