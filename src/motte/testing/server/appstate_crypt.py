"""How a phone seals and opens app state, written from the protocol alone: nothing of the client's own is in it.

    keys          HKDF-SHA256(key data, 160, "WhatsApp Mutation Keys"):
                  index ‖ value ‖ value mac ‖ snapshot mac ‖ patch mac, 32 bytes each
    value         iv 16 ‖ AES-256-CBC(value key, SyncActionData) ‖ value mac 32
    value mac     the first 32 bytes of HMAC-SHA512(value mac key, head ‖ iv ‖ ciphertext ‖ u64 length of the head)
    index mac     HMAC-SHA256(index key, the index as JSON)
    LT-hash       sum of HKDF-SHA256(value mac, 128, "WhatsApp Patch Integrity") over all records, as 64 u16
    snapshot mac  HMAC-SHA256(snapshot mac key, LT-hash ‖ u64 version ‖ name)
    patch mac     HMAC-SHA256(patch mac key, snapshot mac ‖ value macs ‖ u64 version ‖ name)

The head is the operation (1 to set, 2 to remove) and the key's id. Words of the hash are little endian, the
rest is big.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.crypto.cbc import cbc_decrypt, cbc_encrypt
from motte.core.crypto.kdf import hkdf, hmac_sha256, hmac_sha512
from motte.core.crypto.rng import Rng
from motte.errors import RemoteProtocolError
from motte.proto.app_state_pb2 import KeyId, SyncdIndex, SyncdMutation, SyncdRecord, SyncdValue
from motte.proto.sync_action_pb2 import SyncActionData, SyncActionValue

HASH_SIZE: Final = 128
EMPTY: Final = bytes(HASH_SIZE)
"""The LT-hash of a collection without records."""
MAC_SIZE: Final = 32
_IV_SIZE: Final = 16
_INDEX, _VALUE, _VALUE_MAC, _SNAPSHOT_MAC, _PATCH_MAC = range(5)
_OPERATIONS: Final = {SyncdMutation.SET: b"\x01", SyncdMutation.REMOVE: b"\x02"}
_WORDS: Final = struct.Struct("<64H")


class Forged(Exception):
    """A mutation that is not what it says: which check failed."""


@dataclass(frozen=True, slots=True)
class StateKey:
    """An app-state key with what follows from it: the five keys, in the order of their derivation."""

    id: bytes
    data: bytes = field(repr=False)
    made_at: int
    parts: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def derive(cls, key_id: bytes, data: bytes, made_at: int) -> StateKey:
        """The key with this id and these 32 bytes."""
        whole = hkdf(data, 5 * MAC_SIZE, info=b"WhatsApp Mutation Keys")
        return cls(key_id, data, made_at, tuple(whole[at : at + MAC_SIZE] for at in range(0, len(whole), MAC_SIZE)))

    def snapshot_mac(self, lthash: bytes, version: int, name: str) -> bytes:
        """The MAC of a collection at a version."""
        return hmac_sha256(self.parts[_SNAPSHOT_MAC], lthash + version.to_bytes(8, "big") + name.encode())

    def patch_mac(self, snapshot_mac: bytes, value_macs: Iterable[bytes], version: int, name: str) -> bytes:
        """The MAC of a patch that leads to a version."""
        return hmac_sha256(
            self.parts[_PATCH_MAC], b"".join((snapshot_mac, *value_macs, version.to_bytes(8, "big"), name.encode()))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a collection in the clear. `version` is the schema version of the action."""

    index: tuple[str, ...]
    value: SyncActionValue
    version: int
    remove: bool = False


def seal(key: StateKey, change: Change, rng: Rng) -> SyncdMutation:
    """A change as it goes to the server."""
    index = spelled(change.index)
    data = SyncActionData(index=index, value=change.value, padding=b"", version=change.version)
    iv = rng(_IV_SIZE)
    sealed = iv + cbc_encrypt(key.parts[_VALUE], iv, data.SerializeToString())
    operation = SyncdMutation.REMOVE if change.remove else SyncdMutation.SET
    record = SyncdRecord(
        index=SyncdIndex(blob=hmac_sha256(key.parts[_INDEX], index)),
        value=SyncdValue(blob=sealed + _value_mac(key, operation, sealed)),
        keyId=KeyId(id=key.id),
    )
    return SyncdMutation(operation=operation, record=record)


def spelled(index: tuple[str, ...]) -> bytes:
    """An index as JSON, with no space, as JavaScript writes it."""
    return json.dumps(index, separators=(",", ":"), ensure_ascii=False).encode()


def opened(key: StateKey, mutation: SyncdMutation) -> Change:
    """The change in a mutation.

    Raises:
        Forged: a MAC is wrong, or what is inside is no change.
    """
    index_mac, blob = mutation.record.index.blob, mutation.record.value.blob
    sealed, mac = blob[:-MAC_SIZE], blob[-MAC_SIZE:]
    if mac != _value_mac(key, mutation.operation, sealed):
        raise Forged("the MAC of a value is wrong")
    try:
        data = SyncActionData.FromString(cbc_decrypt(key.parts[_VALUE], sealed[:_IV_SIZE], sealed[_IV_SIZE:]))
        index = json.loads(data.index)
    except (RemoteProtocolError, DecodeError, ValueError) as error:
        raise Forged("a value does not decrypt to a change") from error
    if index_mac != hmac_sha256(key.parts[_INDEX], data.index):
        raise Forged("the MAC of an index is wrong")
    if not isinstance(index, list) or not index or not all(isinstance(part, str) for part in index):
        raise Forged("an index is not a list of texts")
    removed = mutation.operation == SyncdMutation.REMOVE
    return Change(index=tuple(index), value=data.value, version=data.version, remove=removed)


def mixed(lthash: bytes, *, without: Iterable[bytes] = (), plus: Iterable[bytes] = ()) -> bytes:
    """The LT-hash after value MACs have left and come."""
    words = list(_WORDS.unpack(lthash))
    for sign, macs in ((-1, without), (1, plus)):
        for mac in macs:
            for place, word in enumerate(_WORDS.unpack(hkdf(mac, HASH_SIZE, info=b"WhatsApp Patch Integrity"))):
                words[place] += sign * word
    return _WORDS.pack(*(word & 0xFFFF for word in words))


def mac_of(mutation: SyncdMutation | SyncdRecord) -> bytes:
    """The value MAC of a mutation or record."""
    record = mutation.record if isinstance(mutation, SyncdMutation) else mutation
    return record.value.blob[-MAC_SIZE:]


def _value_mac(key: StateKey, operation: SyncdMutation.SyncdOperation.ValueType, sealed: bytes) -> bytes:
    head = _OPERATIONS[operation] + key.id
    return hmac_sha512(key.parts[_VALUE_MAC], head + sealed + len(head).to_bytes(8, "big"))[:MAC_SIZE]
