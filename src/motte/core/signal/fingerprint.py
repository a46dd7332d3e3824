"""Safety numbers: sixty digits that two people compare to know that nobody sits between them.

    hash_0 = 00 00 || key || identifier,  hash_n = SHA-512(hash_{n-1} || key)  for n = 1 … 5200
    each side gives six groups of five digits: five bytes of hash_5200 each, modulo 100000

The lower half comes first, so that both sides show the same number.

Source: libsignal's NumericFingerprint, version 0; a person with several devices counts with all their keys, sorted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from motte.core.crypto.curve import prefixed

ITERATIONS: Final = 5200
_VERSION: Final = b"\x00\x00"


def safety_number(own: str, own_keys: Iterable[bytes], peer: str, peer_keys: Iterable[bytes]) -> str:
    """The sixty digits for two people.

    Args:
        own, peer: what names them, the same on both sides: the user part of both PNs, or of both LIDs.
        own_keys, peer_keys: the identity keys (32 bytes) of all devices of each.
    """
    return "".join(sorted((_half(own, own_keys), _half(peer, peer_keys))))


def grouped(number: str) -> str:
    """The digits of a safety number as people read them: groups of five, four to a line."""
    groups = [number[i : i + 5] for i in range(0, len(number), 5)]
    return "\n".join(" ".join(groups[i : i + 4]) for i in range(0, len(groups), 4))


def _half(identifier: str, keys: Iterable[bytes]) -> str:
    key = b"".join(sorted(prefixed(public) for public in keys))
    digest = _VERSION + key + identifier.encode()
    for _ in range(ITERATIONS):
        digest = hashlib.sha512(digest + key).digest()
    return "".join(f"{int.from_bytes(digest[i : i + 5], 'big') % 100_000:05d}" for i in range(0, 30, 5))
