"""The keys that a device publishes: prekeys for one session each, and a signed prekey for a while.

Ids are 24 bits on the wire and start again at 1 after the last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.crypto.curve import KEY_SIZE, SIGNATURE_SIZE, KeyPair, check_signature, prefixed, sign
from motte.core.crypto.rng import Rng
from motte.errors import StoreCorrupt, StoreTooNew
from motte.proto.storage_pb2 import StoredPreKey

MAX_ID: Final = 0xFFFFFF
MAX_REGISTRATION_ID: Final = 16380
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class PreKey:
    """A one-time prekey."""

    id: int
    pair: KeyPair

    def serialize(self) -> bytes:
        """The bytes for the store."""
        return _stored(self.id, self.pair).SerializeToString()

    @classmethod
    def parse(cls, data: bytes) -> PreKey:
        """What `serialize` wrote.

        Raises:
            StoreCorrupt: the bytes are something else.
            StoreTooNew: a newer version of motte wrote them.
        """
        stored = _parse(data)
        return cls(stored.id, KeyPair(stored.public, stored.private))


@dataclass(frozen=True, slots=True)
class SignedPreKey:
    """A prekey that lives for weeks; `signature` is the identity key's over `05 || public`."""

    id: int
    pair: KeyPair
    signature: bytes

    def serialize(self) -> bytes:
        """The bytes for the store."""
        stored = _stored(self.id, self.pair)
        stored.signature = self.signature
        return stored.SerializeToString()

    @classmethod
    def parse(cls, data: bytes) -> SignedPreKey:
        """What `serialize` wrote.

        Raises:
            StoreCorrupt: the bytes are something else.
            StoreTooNew: a newer version of motte wrote them.
        """
        stored = _parse(data)
        if len(stored.signature) != SIGNATURE_SIZE:
            raise StoreCorrupt("a stored signed prekey has no signature")
        return cls(stored.id, KeyPair(stored.public, stored.private), stored.signature)


def next_id(last: int) -> int:
    """The id after `last`; 1 after the highest, and 1 after 0 (none yet)."""
    return last % MAX_ID + 1


def generate_prekeys(first_id: int, count: int, rng: Rng) -> list[PreKey]:
    """`count` prekeys with consecutive ids from `first_id` on, wrapping after the highest id."""
    secrets = rng(count * KEY_SIZE)
    return [
        PreKey((first_id - 1 + i) % MAX_ID + 1, KeyPair.from_private(secrets[i * KEY_SIZE : (i + 1) * KEY_SIZE]))
        for i in range(count)
    ]


def generate_signed_prekey(identity: KeyPair, key_id: int, rng: Rng) -> SignedPreKey:
    """A signed prekey, signed with the identity key."""
    pair = KeyPair.generate(rng)
    return SignedPreKey(key_id, pair, sign(identity.private, prefixed(pair.public), rng))


def check_signed_prekey(identity: bytes, public: bytes, signature: bytes) -> None:
    """Accept a peer's signed prekey; both keys are 32 bytes.

    Raises:
        InvalidSignature: the identity key did not sign it.
    """
    check_signature(identity, prefixed(public), signature, "a signed prekey")


def generate_registration_id(rng: Rng) -> int:
    """A registration id, even over 1 to 16380."""
    limit = 0x10000 - 0x10000 % MAX_REGISTRATION_ID
    while (value := int.from_bytes(rng(2), "big")) >= limit:
        pass
    return value % MAX_REGISTRATION_ID + 1


def bundle_digest(identity: bytes, signed: SignedPreKey, prekeys: Iterable[bytes]) -> bytes:
    """SHA-1 over what the server should hold: 20 bytes to compare with `<digest><hash/></digest>`.

    Args:
        identity: the own identity key, 32 bytes.
        signed: the current signed prekey; its public key and signature count.
        prekeys: the public keys (32 bytes) of the prekeys that the server listed, in its order.
    """
    return hashlib.sha1(b"".join((identity, signed.pair.public, signed.signature, *prekeys))).digest()


def _stored(key_id: int, pair: KeyPair) -> StoredPreKey:
    return StoredPreKey(version=_FORMAT, id=key_id, public=pair.public, private=pair.private)


def _parse(data: bytes) -> StoredPreKey:
    try:
        stored = StoredPreKey.FromString(data)
    except DecodeError as error:
        raise StoreCorrupt("a stored prekey cannot be read") from error
    if stored.version > _FORMAT:
        raise StoreTooNew(f"a stored prekey has format {stored.version}; this version of motte reads up to {_FORMAT}")
    if not stored.version or len(stored.public) != KEY_SIZE or len(stored.private) != KEY_SIZE:
        raise StoreCorrupt("a stored prekey lacks a part")
    return stored
