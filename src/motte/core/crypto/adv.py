"""Account-device verification (ADV): the account vouches for each companion, and the companion confirms.

The law. `details` are serialised bytes, signed as they came and never re-encoded; `D` is the companion's 32-byte
identity key, `A` the account's (the phone's identity key). XEdDSA signs, each message with a prefix of its own:

    account signature     by A   06 00 | details | D          06 05 when details.deviceType is HOSTED
    device signature      by D   06 01 | details | D | A      06 06 when the device is a hosted one
    key-index list        by A   06 02 | details
    container at pairing  HMAC-SHA256(ADV secret, signed identity); before it 06 05 when container.accountType is HOSTED

The phone issues (`issue_identity`, `sign_key_indexes`); the companion opens and countersigns; everybody verifies what
prekey messages and device lists carry. A companion is valid while the newest list names its key index, or when its
index is newer than the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

from google.protobuf.message import DecodeError, Message

from motte.core.crypto.curve import KEY_SIZE, KeyPair, sign, verifies
from motte.core.crypto.kdf import hmac_sha256, macs_equal
from motte.core.crypto.rng import Rng
from motte.errors import PairingError
from motte.proto.adv_pb2 import (
    E2EE,
    HOSTED,
    ADVDeviceIdentity,
    ADVKeyIndexList,
    ADVSignedDeviceIdentity,
    ADVSignedDeviceIdentityHMAC,
    ADVSignedKeyIndexList,
)

SECRET_SIZE: Final = 32
MAX_KEY_INDEXES: Final = 1024
"""More companions than any account may link; a longer list is refused."""

_ACCOUNT: Final = b"\x06\x00"
_DEVICE: Final = b"\x06\x01"
_KEY_INDEXES: Final = b"\x06\x02"
_HOSTED_ACCOUNT: Final = b"\x06\x05"
_HOSTED_DEVICE: Final = b"\x06\x06"
_Parsed = TypeVar("_Parsed", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceIdentity:
    """What the account says about one companion.

    `raw_id` names the account's ADV state (a new one means the phone was set up anew), `timestamp` is in unix seconds,
    `key_index` the companion's number in key-index lists.
    """

    raw_id: int
    timestamp: int
    key_index: int
    hosted_account: bool = False
    hosted_device: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIdentity:
    """A verified device identity: the signed `details`, the account's key, and the signatures (64 bytes each).

    `device_signature` is empty until the companion countersigns.
    """

    identity: DeviceIdentity
    details: bytes
    account_key: bytes
    account_signature: bytes
    device_signature: bytes = b""

    def serialize(self, *, account_key: bool) -> bytes:
        """An ADVSignedDeviceIdentity: with the account key for peers and the store, without it for the server."""
        return ADVSignedDeviceIdentity(
            details=self.details,
            accountSignatureKey=self.account_key if account_key else None,
            accountSignature=self.account_signature,
            deviceSignature=self.device_signature or None,
        ).SerializeToString()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIndexList:
    """Which companions of an account are valid; `timestamp` is in unix seconds."""

    raw_id: int
    timestamp: int
    current_index: int
    valid_indexes: frozenset[int]
    hosted_account: bool = False

    def accepts(self, key_index: int | None) -> bool:
        """Whether a companion with this key index is valid: listed, or newer than the list. (The phone has none.)"""
        return key_index is not None and (key_index in self.valid_indexes or key_index > self.current_index)


# ---- the phone's side ----


def issue_identity(account: KeyPair, device_key: bytes, secret: bytes, identity: DeviceIdentity, *, rng: Rng) -> bytes:
    """What a phone sends to a companion at pairing: an ADVSignedDeviceIdentityHMAC under the ADV secret.

    `device_key` (32 bytes) and `secret` come from the QR code, or from the pairing code's key exchange.
    """
    details = ADVDeviceIdentity(
        rawId=identity.raw_id,
        timestamp=identity.timestamp,
        keyIndex=identity.key_index,
        accountType=HOSTED if identity.hosted_account else E2EE,
        deviceType=HOSTED if identity.hosted_device else E2EE,
    ).SerializeToString()
    signature = sign(account.private, _account_message(details, device_key, hosted=identity.hosted_device), rng)
    signed = ADVSignedDeviceIdentity(
        details=details, accountSignatureKey=account.public, accountSignature=signature
    ).SerializeToString()
    return ADVSignedDeviceIdentityHMAC(
        details=signed,
        hmac=_container_mac(secret, signed, hosted=identity.hosted_account),
        accountType=HOSTED if identity.hosted_account else E2EE,
    ).SerializeToString()


def sign_key_indexes(account: KeyPair, indexes: KeyIndexList, *, rng: Rng) -> bytes:
    """The ADVSignedKeyIndexList that a phone publishes after each change of its companions."""
    details = ADVKeyIndexList(
        rawId=indexes.raw_id,
        timestamp=indexes.timestamp,
        currentIndex=indexes.current_index,
        validIndexes=sorted(indexes.valid_indexes),
        accountType=HOSTED if indexes.hosted_account else E2EE,
    ).SerializeToString()
    return ADVSignedKeyIndexList(
        details=details, accountSignature=sign(account.private, _KEY_INDEXES + details, rng)
    ).SerializeToString()


# ---- the companion's side ----


def open_identity(container: bytes, secret: bytes, device_key: bytes) -> SignedIdentity:
    """The identity that a phone issued for `device_key`, not yet countersigned.

    Raises:
        PairingError: malformed, the HMAC is not of `secret`, or the account signature does not verify.
    """
    outer = _parse(ADVSignedDeviceIdentityHMAC, container, "device identity")
    mac = _container_mac(secret, outer.details, hosted=outer.accountType == HOSTED)
    if not macs_equal(outer.hmac, mac):
        raise PairingError("the HMAC of the device identity does not verify")
    return _checked_identity(outer.details, device_key, None)


def countersign(signed: SignedIdentity, device: KeyPair, *, rng: Rng) -> SignedIdentity:
    """The identity with the companion's own signature. (A companion that pairs is never a hosted one.)"""
    message = _device_message(signed.details, device.public, signed.account_key, hosted=False)
    return SignedIdentity(
        identity=signed.identity,
        details=signed.details,
        account_key=signed.account_key,
        account_signature=signed.account_signature,
        device_signature=sign(device.private, message, rng),
    )


# ---- everybody ----


def verify_identity(
    signed: bytes, device_key: bytes, account_key: bytes | None = None, *, hosted: bool = False
) -> SignedIdentity:
    """A companion's ADVSignedDeviceIdentity with both signatures verified.

    Args:
        signed: from a prekey message or bundle (with the account key), or from the companion's answer at pairing.
        device_key: the companion's 32-byte identity key.
        account_key: the account's 32-byte identity key, when it is known; a different one inside `signed` is refused.
        hosted: whether the device's JID is a hosted one.

    Raises:
        PairingError: malformed, no account key, another account's, or a signature does not verify.
    """
    identity = _checked_identity(signed, device_key, account_key)
    message = _device_message(identity.details, device_key, identity.account_key, hosted=hosted)
    if not verifies(device_key, message, identity.device_signature):
        raise PairingError("the device signature does not verify")
    return identity


def verify_key_indexes(signed: bytes, account_key: bytes) -> KeyIndexList:
    """The key-index list that the account (its 32-byte identity key) signed.

    Raises:
        PairingError: malformed, too long, another account's, or the signature does not verify.
    """
    outer = _parse(ADVSignedKeyIndexList, signed, "signed key-index list")
    if outer.accountSignatureKey and outer.accountSignatureKey != account_key:
        raise PairingError("the key-index list names another account key")
    if not verifies(account_key, _KEY_INDEXES + outer.details, outer.accountSignature):
        raise PairingError("the signature of the key-index list does not verify")
    details = _parse(ADVKeyIndexList, outer.details, "key-index list")
    if not details.HasField("rawId") or not details.HasField("timestamp"):
        raise PairingError("the key-index list lacks its raw id or its timestamp")
    if len(details.validIndexes) > MAX_KEY_INDEXES:
        raise PairingError(f"the key-index list names more than {MAX_KEY_INDEXES} devices")
    return KeyIndexList(
        raw_id=details.rawId,
        timestamp=details.timestamp,
        current_index=details.currentIndex,
        valid_indexes=frozenset(details.validIndexes),
        hosted_account=details.accountType == HOSTED,
    )


def _checked_identity(signed: bytes, device_key: bytes, account_key: bytes | None) -> SignedIdentity:
    """The parsed ADVSignedDeviceIdentity once the account signature holds."""
    outer = _parse(ADVSignedDeviceIdentity, signed, "signed device identity")
    details = _parse(ADVDeviceIdentity, outer.details, "device identity details")
    key = outer.accountSignatureKey or account_key
    if key is None or len(key) != KEY_SIZE:
        raise PairingError("the device identity carries no account key of 32 bytes")
    if account_key is not None and key != account_key:
        raise PairingError("the device identity names another account key")
    if not details.HasField("keyIndex"):
        raise PairingError("the device identity lacks its key index")
    hosted_device = details.deviceType == HOSTED
    if not verifies(key, _account_message(outer.details, device_key, hosted=hosted_device), outer.accountSignature):
        raise PairingError("the account signature does not verify")
    return SignedIdentity(
        identity=DeviceIdentity(
            raw_id=details.rawId,
            timestamp=details.timestamp,
            key_index=details.keyIndex,
            hosted_account=details.accountType == HOSTED,
            hosted_device=hosted_device,
        ),
        details=outer.details,
        account_key=key,
        account_signature=outer.accountSignature,
        device_signature=outer.deviceSignature,
    )


def _account_message(details: bytes, device_key: bytes, *, hosted: bool) -> bytes:
    return (_HOSTED_ACCOUNT if hosted else _ACCOUNT) + details + device_key


def _device_message(details: bytes, device_key: bytes, account_key: bytes, *, hosted: bool) -> bytes:
    return (_HOSTED_DEVICE if hosted else _DEVICE) + details + device_key + account_key


def _container_mac(secret: bytes, details: bytes, *, hosted: bool) -> bytes:
    return hmac_sha256(secret, (_HOSTED_ACCOUNT if hosted else b"") + details)


def _parse(kind: type[_Parsed], data: bytes, what: str) -> _Parsed:
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise PairingError(f"the {what} cannot be parsed") from error
