"""Curve25519 as Signal uses it: X25519 for agreement, XEdDSA for signatures with the same keys.

XEdDSA (signal.org/docs/specifications/xeddsa): the Montgomery private scalar signs as an Ed25519 scalar. The twist of
libsignal's old "curve25519 signature", which WhatsApp still uses: the private scalar is not negated; instead the sign
bit of the Edwards public key travels in the top bit of the signature's last byte, and a verifier that is given the
Montgomery key restores it from there.

libsodium computes all of it in constant time; nothing here branches on a secret.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from nacl import bindings as sodium
from nacl.exceptions import BadSignatureError, CryptoError

from motte.core.crypto.rng import Rng
from motte.errors import InvalidKey, InvalidSignature

KEY_SIZE: Final = 32
SIGNATURE_SIZE: Final = 64
DJB_TYPE: Final = b"\x05"
"""Signal writes a public key as this type byte and 32 bytes."""
_P: Final = 2**255 - 19
_SIGN_PREFIX: Final = b"\xfe" + b"\xff" * 31


def clamp(secret: bytes) -> bytes:
    """The scalar that X25519 makes of 32 secret bytes."""
    return bytes((secret[0] & 248,)) + secret[1:31] + bytes((secret[31] & 127 | 64,))


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A Curve25519 key pair: 32 bytes `public` (Montgomery u), 32 bytes `private` (clamped)."""

    public: bytes
    private: bytes

    @classmethod
    def from_private(cls, private: bytes) -> KeyPair:
        """The pair that belongs to a private key."""
        scalar = clamp(private)
        return cls(sodium.crypto_scalarmult_base(scalar), scalar)

    @classmethod
    def generate(cls, rng: Rng) -> KeyPair:
        """A fresh pair from 32 random bytes."""
        return cls.from_private(rng(KEY_SIZE))

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public.hex()})"


def agree(private: bytes, public: bytes) -> bytes:
    """X25519: the 32-byte shared secret.

    Raises:
        InvalidKey: the public key has the wrong size or is of low order.
    """
    if len(public) != KEY_SIZE:
        raise InvalidKey("a Curve25519 public key is not 32 bytes long")
    try:
        return sodium.crypto_scalarmult(private, public)
    except CryptoError as error:
        raise InvalidKey("a Curve25519 public key is of low order") from error


def prefixed(public: bytes) -> bytes:
    """The 33-byte form of a public key, `05` first."""
    return DJB_TYPE + public


def unprefixed(key: bytes) -> bytes:
    """The 32 bytes of a public key given with or without its `05`.

    Raises:
        InvalidKey: it is neither.
    """
    if len(key) == KEY_SIZE + 1 and key[:1] == DJB_TYPE:
        return key[1:]
    if len(key) == KEY_SIZE:
        return key
    raise InvalidKey("a Curve25519 public key is neither 32 bytes nor 05 and 32 bytes")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key prepared for XEdDSA; where one key signs often, keeping it saves a third of each signature."""

    scalar: bytes = field(repr=False)
    reduced: bytes = field(repr=False)
    edwards: bytes

    @classmethod
    def of(cls, private: bytes) -> SigningKey:
        """The signing key of a Curve25519 private key."""
        scalar = clamp(private)
        # The scalar mod L: the product in `sign` needs a canonical factor.
        reduced = sodium.crypto_core_ed25519_scalar_reduce(scalar + bytes(32))
        return cls(scalar, reduced, sodium.crypto_scalarmult_ed25519_base_noclamp(scalar))

    def sign(self, message: bytes, rng: Rng) -> bytes:
        """The 64-byte XEdDSA signature of `message`; `rng` gives the 64 bytes that blind the nonce."""
        nonce = _scalar(_SIGN_PREFIX + self.scalar + message + rng(64))
        commitment = sodium.crypto_scalarmult_ed25519_base_noclamp(nonce)
        challenge = _scalar(commitment + self.edwards + message)
        product = sodium.crypto_core_ed25519_scalar_mul(challenge, self.reduced)
        response = sodium.crypto_core_ed25519_scalar_add(product, nonce)
        return commitment + response[:31] + bytes((response[31] | self.edwards[31] & 0x80,))


def sign(private: bytes, message: bytes, rng: Rng) -> bytes:
    """The 64-byte XEdDSA signature of `message` with a Curve25519 private key."""
    return SigningKey.of(private).sign(message, rng)


def _scalar(data: bytes) -> bytes:
    return sodium.crypto_core_ed25519_scalar_reduce(hashlib.sha512(data).digest())


@lru_cache(maxsize=1024)
def _edwards_y(public: bytes) -> bytes:
    """y = (u - 1) / (u + 1) mod p: the Edwards form of a Montgomery key, sign bit clear."""
    u = int.from_bytes(public, "little") & (2**255 - 1)
    return ((u - 1) * pow(u + 1, -1, _P) % _P).to_bytes(32, "little")


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the XEdDSA signature of `message` under the 32-byte Montgomery key `public`."""
    if len(public) != KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    try:
        y = _edwards_y(public)
        edwards = y[:31] + bytes((y[31] | signature[63] & 0x80,))
        canonical = signature[:63] + bytes((signature[63] & 0x7F,))
        sodium.crypto_sign_open(canonical + message, edwards)
    except (BadSignatureError, CryptoError, ValueError, TypeError):
        return False
    return True


def check_signature(public: bytes, message: bytes, signature: bytes, what: str) -> None:
    """Raise `InvalidSignature` naming `what` unless the signature verifies."""
    if not verifies(public, message, signature):
        raise InvalidSignature(f"the signature of {what} does not verify")
