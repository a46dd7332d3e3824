"""Keys of linking with a passkey: both sides commit to ephemeral keys, then the companion hands over its own.

The plan. The passkey proves to the server whose account it is; this exchange proves to the phone that the companion
is the one in front of its owner, without the server being able to take a place in the middle:

    companion → phone   payload (identity, commitment), perhaps a proof
    phone → companion   phone ephemeral key, phone nonce
    companion → phone   nonce
    both                show a code of eight characters; people compare, unless the proof has done that already
    companion → phone   request

    identity     CompanionEphemeralIdentity(ephemeral public key, device type, ref)
    commitment   SHA256(identity | nonce)
    code         Crockford32((phone nonce xor SHA256(nonce | phone ephemeral))[:5])
    key          HKDF(X25519(ephemeral, ephemeral), salt "Companion Pairing <type> with ref <ref>",
                 info "Pairing Information Encryption Key")
    request      iv 12, AES-256-GCM(key, PairingRequest(noise key, identity key, ADV secret))
    proof        HMAC(HKDF(ADV secret of the QR code, info "shortcake-passkey-handoff-v1"), payload)

The nonce is revealed only after the phone's is known, so neither side can steer the code. Both sides are here, since
the local server's phone is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.crypto.aead import gcm_decrypt, gcm_encrypt
from motte.core.crypto.curve import KEY_SIZE, KeyPair
from motte.core.crypto.kdf import hkdf, hmac_sha256, macs_equal, sha256
from motte.core.crypto.link_code import ALPHABET, CODE_LENGTH, shared_secret
from motte.core.crypto.rng import Rng
from motte.errors import PairingError, RemoteProtocolError
from motte.proto.pairing_pb2 import (
    CompanionCommitment,
    CompanionEphemeralIdentity,
    EncryptedPairingRequest,
    PairingRequest,
    PrimaryEphemeralIdentity,
    ProloguePayload,
)

NONCE_SIZE: Final = 32
_IV: Final = 12
_KEY_INFO: Final = b"Pairing Information Encryption Key"
_PROOF_INFO: Final = b"shortcake-passkey-handoff-v1"
_CODE_BYTES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Prologue:
    """The companion's first message and what it keeps for later; `device_type` is a DeviceProps.PlatformType."""

    ephemeral: KeyPair
    nonce: bytes
    device_type: int
    ref: str
    payload: bytes

    def __repr__(self) -> str:
        return "Prologue(…)"


@dataclass(frozen=True, slots=True)
class PhoneHello:
    """The phone's answer."""

    ephemeral: bytes
    nonce: bytes

    @classmethod
    def parse(cls, data: bytes) -> PhoneHello:
        """Read a PrimaryEphemeralIdentity.

        Raises:
            PairingError: it cannot be read, or a part has the wrong length.
        """
        try:
            identity = PrimaryEphemeralIdentity.FromString(data)
        except DecodeError as error:
            raise PairingError("the phone's ephemeral identity cannot be read") from error
        if (len(identity.publicKey), len(identity.nonce)) != (KEY_SIZE, NONCE_SIZE):
            raise PairingError("the phone's ephemeral identity has parts of the wrong length")
        return cls(identity.publicKey, identity.nonce)

    def serialize(self) -> bytes:
        """A PrimaryEphemeralIdentity."""
        return PrimaryEphemeralIdentity(publicKey=self.ephemeral, nonce=self.nonce).SerializeToString()


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a phone learns of the companion in its first message."""

    ephemeral: bytes
    device_type: int
    ref: str
    identity: bytes
    commitment: bytes

    @classmethod
    def parse(cls, payload: bytes) -> Introduction:
        """Read a ProloguePayload.

        Raises:
            PairingError: it cannot be read, or lacks a key.
        """
        try:
            prologue = ProloguePayload.FromString(payload)
            identity = CompanionEphemeralIdentity.FromString(prologue.companionEphemeralIdentity)
        except DecodeError as error:
            raise PairingError("the companion's prologue cannot be read") from error
        if len(identity.publicKey) != KEY_SIZE:
            raise PairingError("the companion's prologue lacks a key")
        return cls(
            ephemeral=identity.publicKey,
            device_type=identity.deviceType,
            ref=identity.ref,
            identity=prologue.companionEphemeralIdentity,
            commitment=prologue.commitment.hash,
        )

    def check(self, nonce: bytes) -> None:
        """Hold the companion to its commitment.

        Raises:
            PairingError: this is not the nonce that it committed to.
        """
        if len(nonce) != NONCE_SIZE or not macs_equal(sha256(self.identity + nonce), self.commitment):
            raise PairingError("the companion's nonce is not the one that it committed to")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """What the companion hands the phone: its public keys, and the ADV secret under which to vouch for it."""

    noise: bytes
    identity: bytes
    adv_secret: bytes

    def __repr__(self) -> str:
        return "HandedOver(…)"


def prologue(rng: Rng, *, device_type: int, ref: str) -> Prologue:
    """The companion's first message."""
    ephemeral, nonce = KeyPair.generate(rng), rng(NONCE_SIZE)
    identity = CompanionEphemeralIdentity(publicKey=ephemeral.public, deviceType=device_type, ref=ref)  # type: ignore[arg-type]
    written = identity.SerializeToString()
    commitment = CompanionCommitment(hash=sha256(written + nonce))
    payload = ProloguePayload(companionEphemeralIdentity=written, commitment=commitment).SerializeToString()
    return Prologue(ephemeral=ephemeral, nonce=nonce, device_type=device_type, ref=ref, payload=payload)


def proof(adv_secret: bytes, payload: bytes) -> bytes:
    """What shows the phone that the payload comes from who showed the QR code with this ADV secret."""
    return hmac_sha256(hkdf(adv_secret, KEY_SIZE, info=_PROOF_INFO), payload)


def code(nonce: bytes, phone: PhoneHello) -> str:
    """The eight characters that both sides show, `ABCD-EFGH`."""
    mixed = bytes(a ^ b for a, b in zip(phone.nonce, sha256(nonce + phone.ephemeral), strict=True))
    value = int.from_bytes(mixed[:_CODE_BYTES], "big")
    text = "".join(ALPHABET[value >> shift & 31] for shift in range((CODE_LENGTH - 1) * 5, -1, -5))
    return f"{text[:4]}-{text[4:]}"


def request_key(private: bytes, public: bytes, *, device_type: int, ref: str) -> bytes:
    """The key of the request.

    Raises:
        PairingError: the other side's key is no usable key.
    """
    salt = f"Companion Pairing {device_type} with ref {ref}".encode()
    return hkdf(shared_secret(private, public), KEY_SIZE, salt=salt, info=_KEY_INFO)


def seal(key: bytes, handed: HandedOver, rng: Rng) -> bytes:
    """The EncryptedPairingRequest."""
    request = PairingRequest(
        companionPublicKey=handed.noise, companionIdentityKey=handed.identity, advSecret=handed.adv_secret
    )
    iv = rng(_IV)
    sealed = gcm_encrypt(key, iv, request.SerializeToString())
    return EncryptedPairingRequest(encryptedPayload=sealed, iv=iv).SerializeToString()


def unseal(key: bytes, data: bytes) -> HandedOver:
    """What the companion handed over.

    Raises:
        PairingError: it does not open, or is not whole.
    """
    try:
        sealed = EncryptedPairingRequest.FromString(data)
        request = PairingRequest.FromString(gcm_decrypt(key, sealed.iv, sealed.encryptedPayload))
    except (DecodeError, RemoteProtocolError, ValueError) as error:
        raise PairingError("the companion's pairing request does not open") from error
    handed = HandedOver(
        noise=request.companionPublicKey, identity=request.companionIdentityKey, adv_secret=request.advSecret
    )
    if {len(handed.noise), len(handed.identity), len(handed.adv_secret)} != {KEY_SIZE}:
        raise PairingError("the companion's pairing request is not whole")
    return handed
