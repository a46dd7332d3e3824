"""AES-256-GCM with 16-byte tags appended to the ciphertext."""

from __future__ import annotations

from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from motte.errors import RemoteProtocolError

TAG_SIZE = 16


class Aead(Protocol):
    """What an AEAD cipher object offers: `encrypt(nonce, data, aad)` and `decrypt`."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext with its tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Plaintext, or `InvalidTag`."""
        ...


def aes_gcm(key: bytes) -> Aead:
    """An AES-GCM cipher object; keep it, since making one costs more than a small message."""
    return AESGCM(key)


def gcm_encrypt(key: bytes, nonce: bytes, data: bytes, aad: bytes = b"") -> bytes:
    """One-shot encryption: ciphertext and tag."""
    return AESGCM(key).encrypt(nonce, data, aad)


def gcm_decrypt(key: bytes, nonce: bytes, data: bytes, aad: bytes = b"") -> bytes:
    """One-shot decryption.

    Raises:
        RemoteProtocolError: the tag does not verify.
    """
    try:
        return AESGCM(key).decrypt(nonce, data, aad)
    except (InvalidTag, ValueError) as error:
        raise RemoteProtocolError("an AES-GCM tag does not verify") from error
