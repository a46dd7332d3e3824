"""Pairing by code: eight characters typed into the phone authenticate a key exchange through the server.

The plan. Both sides make an ephemeral X25519 key and send its public half encrypted under the code, so that a server
which does not know the code cannot sit in the middle. Then the companion proves who it is:

    companion → phone   wrapped(code, companion ephemeral)
    phone → companion   wrapped(code, phone ephemeral), phone identity
    companion → phone   bundle, companion identity
    both                ADV secret; from here on as after scanning a QR code

    wrapped     salt 32 | iv 16 | AES-256-CTR(PBKDF2-SHA256(code, salt, 131072 rounds), public key 32)
    shared      X25519(ephemeral, ephemeral)
    bundle      salt 32 | nonce 12 | AES-256-GCM(HKDF(shared, salt, "link_code_pairing_key_bundle_encryption_key"),
                companion identity 32 | phone identity 32 | random 32)
    ADV secret  HKDF(shared | X25519(identity, identity) | random, info "adv_secret")

Every function here costs one PBKDF2 (about 50 ms) or less. Both sides are here, since the local server's phone is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from motte.core.crypto.aead import TAG_SIZE, gcm_decrypt, gcm_encrypt
from motte.core.crypto.cbc import ctr
from motte.core.crypto.curve import KEY_SIZE, KeyPair, agree
from motte.core.crypto.kdf import hkdf, pbkdf2_sha256
from motte.core.crypto.rng import Rng
from motte.errors import LocalProtocolError, PairingError, RemoteProtocolError, SignalError

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""32 characters that are hard to confuse: no 0, I, O and U."""
CODE_LENGTH: Final = 8
ROUNDS: Final = 2 << 16
WRAPPED_SIZE: Final = 80

_SALT: Final = 32
_IV: Final = 16
_NONCE: Final = 12
_RANDOM: Final = 32
_BUNDLE_SIZE: Final = _SALT + _NONCE + 3 * KEY_SIZE + TAG_SIZE
_BUNDLE_INFO: Final = b"link_code_pairing_key_bundle_encryption_key"
_SECRET_INFO: Final = b"adv_secret"
_CODE = re.compile(f"[{ALPHABET}]{{{CODE_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What the companion hands over: the `sealed` bundle for the phone, and the ADV `secret` that both now share."""

    sealed: bytes
    secret: bytes

    def __repr__(self) -> str:
        return "Bundle(…)"


def new_code(rng: Rng) -> str:
    """A random code: 40 bits, five a character."""
    value = int.from_bytes(rng(CODE_LENGTH * 5 // 8), "big")
    return "".join(ALPHABET[value >> shift & 31] for shift in range((CODE_LENGTH - 1) * 5, -1, -5))


def parse_code(text: str) -> str:
    """The code that a person typed or chose: any case, with or without the hyphen in the middle.

    Raises:
        LocalProtocolError: not eight characters of the alphabet.
    """
    code = text.strip().replace("-", "").replace(" ", "").upper()
    if not _CODE.fullmatch(code):
        raise LocalProtocolError(f"a pairing code is {CODE_LENGTH} characters of {ALPHABET}")
    return code


def wrap_key(code: str, public: bytes, rng: Rng) -> bytes:
    """An ephemeral public key under the code, 80 bytes."""
    salt, iv = rng(_SALT), rng(_IV)
    return salt + iv + ctr(_code_key(code, salt), iv, public)


def unwrap_key(code: str, wrapped: bytes) -> bytes:
    """The ephemeral public key; a wrong code gives another key, which only the next step notices.

    Raises:
        PairingError: not 80 bytes.
    """
    if len(wrapped) != WRAPPED_SIZE:
        raise PairingError(f"a wrapped ephemeral key is not {WRAPPED_SIZE} bytes long")
    salt, iv = wrapped[:_SALT], wrapped[_SALT : _SALT + _IV]
    return ctr(_code_key(code, salt), iv, wrapped[_SALT + _IV :])


def seal_bundle(shared: bytes, identity: KeyPair, phone_identity: bytes, rng: Rng) -> Bundle:
    """The companion's last step, from the shared secret of the ephemeral keys.

    Raises:
        PairingError: the phone's identity key is no usable key.
    """
    random, salt, nonce = rng(_RANDOM), rng(_SALT), rng(_NONCE)
    content = identity.public + phone_identity + random
    sealed = salt + nonce + gcm_encrypt(hkdf(shared, KEY_SIZE, salt=salt, info=_BUNDLE_INFO), nonce, content)
    return Bundle(sealed, _adv_secret(shared, identity, phone_identity, random))


def open_bundle(shared: bytes, sealed: bytes, identity: KeyPair, companion_identity: bytes) -> bytes:
    """The phone's last step: the ADV secret.

    Raises:
        PairingError: the code was wrong (the bundle does not open), or the bundle names other identity keys.
    """
    if len(sealed) != _BUNDLE_SIZE:
        raise PairingError(f"a key bundle is not {_BUNDLE_SIZE} bytes long")
    salt, nonce = sealed[:_SALT], sealed[_SALT : _SALT + _NONCE]
    key = hkdf(shared, KEY_SIZE, salt=salt, info=_BUNDLE_INFO)
    try:
        content = gcm_decrypt(key, nonce, sealed[_SALT + _NONCE :])
    except RemoteProtocolError as error:
        raise PairingError("the key bundle does not open; the pairing code was wrong") from error
    if content[: 2 * KEY_SIZE] != companion_identity + identity.public:
        raise PairingError("the key bundle names other identity keys")
    return _adv_secret(shared, identity, companion_identity, content[2 * KEY_SIZE :])


def shared_secret(private: bytes, public: bytes) -> bytes:
    """X25519 between two keys of this exchange.

    Raises:
        PairingError: the peer's key is no usable key.
    """
    try:
        return agree(private, public)
    except SignalError as error:
        raise PairingError("a key of the pairing exchange is not usable") from error


def _adv_secret(shared: bytes, identity: KeyPair, peer_identity: bytes, random: bytes) -> bytes:
    return hkdf(shared + shared_secret(identity.private, peer_identity) + random, KEY_SIZE, info=_SECRET_INFO)


def _code_key(code: str, salt: bytes) -> bytes:
    return pbkdf2_sha256(code.encode(), salt, ROUNDS, KEY_SIZE)
