"""Key derivation and hashing: HKDF-SHA256 (RFC 5869), PBKDF2-SHA256 (RFC 8018), HMAC and SHA digests."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SHA256 = hashes.SHA256()


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


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def macs_equal(left: bytes, right: bytes) -> bool:
    """Whether two MACs are equal, in constant time."""
    return hmac.compare_digest(left, right)
