"""LT-hash: a hash of a set, to which members are added and from which they are taken in any order.

    hash           128 bytes: 64 lanes of 16 bits, little-endian
    a member       HKDF-SHA256(value MAC, 128 bytes, info "WhatsApp Patch Integrity")
    add, subtract  lane by lane, modulo 65536

The lanes are added as two big integers, the even lanes and the odd ones. Each lane has 32 bits there, room for 65,536
members before a carry could reach its neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from motte.core.crypto.kdf import hkdf

SIZE: Final = 128
INFO: Final = b"WhatsApp Patch Integrity"
EMPTY: Final = bytes(SIZE)
"""The hash of nothing."""
_LANES: Final = sum(0xFFFF << shift for shift in range(0, SIZE * 8, 32))
_CARRY: Final = sum(0x10000 << shift for shift in range(0, SIZE * 8, 32))
_ROOM: Final = 65_536


def change(lthash: bytes, *, remove: Iterable[bytes], add: Iterable[bytes]) -> bytes:
    """The hash of a set after members left and joined, each given by its value MAC."""
    even, odd = _lanes(lthash)
    less_even, less_odd = _sum(list(remove))
    more_even, more_odd = _sum(list(add))
    even = (even + more_even + _CARRY - less_even) & _LANES
    odd = (odd + more_odd + _CARRY - less_odd) & _LANES
    return (even | odd << 16).to_bytes(SIZE, "little")


def _lanes(lthash: bytes) -> tuple[int, int]:
    number = int.from_bytes(lthash, "little")
    return number & _LANES, number >> 16 & _LANES


def _sum(macs: Sequence[bytes]) -> tuple[int, int]:
    even = odd = 0
    for start in range(0, len(macs), _ROOM - 1):
        for mac in macs[start : start + _ROOM - 1]:
            number = int.from_bytes(hkdf(mac, SIZE, info=INFO), "little")
            even += number & _LANES
            odd += number >> 16 & _LANES
        even &= _LANES
        odd &= _LANES
    return even, odd
