"""Key derivation and hashing: HKDF-SHA256 (RFC 5869), PBKDF2-SHA256 (RFC 8018), HMAC and SHA digests."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SHA256 = hashes.SHA256()
INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))
"""For `bytes.translate`: what HMAC does to a key that is as long as a block."""


def hkdf(key: bytes, length: int, *, salt: bytes = b"", info: bytes = b"") -> bytes:
    """HKDF-SHA256 of `key`, `length` bytes long."""
    return HKDF(_SHA256, length, salt or None, info).derive(key)


def pbkdf2_sha256(password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    """PBKDF2 with HMAC-SHA256."""
    return hashlib.pbkdf2_hmac("sha256", password, salt, iterations, length)


def hmac_sha256(key: bytes, data: bytes | bytearray | memoryview) -> bytes:
    """HMAC-SHA256, 32 bytes."""
    return hmac.digest(key, data, "sha256")


def hmac_sha512(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA512, 64 bytes."""
    return hmac.digest(key, data, "sha512")


class Hmac:
    """HMAC under one key for many short inputs: the key is hashed once, not twice per input.

    `hmac.digest` has OpenSSL look its algorithm up at every call, which takes longer than hashing a hundred bytes.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes, name: Literal["sha256", "sha512"]) -> None:
        block = hashlib.new(name).block_size
        padded = key.ljust(block, b"\0")
        if len(padded) > block:
            raise ValueError("a key longer than a block")
        self._inner = hashlib.new(name, padded.translate(INNER_PAD))
        self._outer = hashlib.new(name, padded.translate(OUTER_PAD))

    def digest(self, data: bytes) -> bytes:
        """The MAC of `data`."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer.digest()


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def macs_equal(left: bytes, right: bytes) -> bool:
    """Whether two MACs are equal, in constant time."""
    return hmac.compare_digest(left, right)
