"""The symmetric half of a handshake: chaining key, running hash, one cipher (Noise specification 5.1 and 5.2).

Two deviations that WhatsApp makes: an empty payload of the first message is not hashed, and nothing is ever encrypted
before the first key agreement, so there is no state without a key to handle.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag

from motte.core.crypto import curve
from motte.core.crypto.aead import aes_gcm
from motte.core.crypto.kdf import hkdf, sha256
from motte.errors import HandshakeError, SignalError

HASH_SIZE: Final = 32
NONCE_SIZE: Final = 12


class Symmetric:
    """The state that both sides of a handshake keep in step.

    Args:
        protocol: the Noise protocol name; one longer than 32 bytes is hashed, a shorter one padded with zeros.
        prologue: bytes that both sides must have seen alike.
    """

    __slots__ = ("_chain", "_hash", "_key", "_nonce")

    def __init__(self, protocol: bytes, prologue: bytes) -> None:
        self._hash = sha256(protocol) if len(protocol) > HASH_SIZE else protocol.ljust(HASH_SIZE, b"\0")
        self._chain = self._hash
        self._key = self._hash
        self._nonce = 0
        self.mix_hash(prologue)

    def mix_hash(self, data: bytes) -> None:
        """Add `data` to what both sides must have seen alike."""
        self._hash = sha256(self._hash + data)

    def mix_agreement(self, private: bytes, public: bytes, step: str) -> None:
        """Agree on a secret, and from it on a new chaining key and cipher key.

        Raises:
            HandshakeError: `public` is no usable Curve25519 key; its `check` is `step`.
        """
        try:
            secret = curve.agree(private, public)
        except SignalError as error:
            raise HandshakeError(step, "the key is not a usable Curve25519 key") from error
        output = hkdf(secret, 2 * HASH_SIZE, salt=self._chain)
        self._chain, self._key, self._nonce = output[:HASH_SIZE], output[HASH_SIZE:], 0

    def seal(self, plaintext: bytes) -> bytes:
        """`plaintext`, encrypted and authenticated together with all that was mixed in so far."""
        ciphertext = aes_gcm(self._key).encrypt(self._next_nonce(), plaintext, self._hash)
        self.mix_hash(ciphertext)
        return ciphertext

    def open(self, ciphertext: bytes, step: str) -> bytes:
        """The plaintext of the peer's `seal`.

        Raises:
            HandshakeError: it does not authenticate: another key, or another history; its `check` is `step`.
        """
        try:
            plaintext = aes_gcm(self._key).decrypt(self._next_nonce(), ciphertext, self._hash)
        except (InvalidTag, ValueError) as error:
            raise HandshakeError(step, "it does not authenticate") from error
        self.mix_hash(ciphertext)
        return plaintext

    def split(self) -> tuple[bytes, bytes]:
        """The transport keys: initiator to responder, responder to initiator."""
        output = hkdf(b"", 2 * HASH_SIZE, salt=self._chain)
        return output[:HASH_SIZE], output[HASH_SIZE:]

    def _next_nonce(self) -> bytes:
        nonce = self._nonce.to_bytes(NONCE_SIZE, "big")
        self._nonce += 1
        return nonce
