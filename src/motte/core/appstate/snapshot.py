"""Snapshots: a whole collection at a version, as the server hands it out, or as the phone does.

    SyncdSnapshot          { version, records, mac, keyId }: encrypted, from the media servers
    SyncdSnapshotRecovery  { version, collectionName, mutationRecords, collectionLthash }: what a phone tells a
                           companion that cannot make sense of the server's copy, in an encrypted message

A snapshot of the server is checked whole: the MAC of each value and of each index, and the LT-hash of all records, for
which the snapshot MAC vouches. The phone's copy comes from the one device that is in charge of the state; its records
arrive in the clear, so there is nothing to check but their form.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.appstate import lthash, records
from motte.core.appstate.keys import MAC_SIZE
from motte.core.appstate.mutation import Operation
from motte.core.appstate.records import MAX_RECORDS, Keys, Record
from motte.core.appstate.state import MAX_VERSION, Applied, CollectionState
from motte.core.crypto.kdf import macs_equal
from motte.errors import AppStateError, AppStateKeyMissing
from motte.proto.app_state_pb2 import SyncdSnapshot
from motte.proto.app_state_recovery_pb2 import SyncdPlainTextRecord, SyncdSnapshotRecovery

MAX_RECOVERY: Final = 64 * 1024 * 1024
"""Bytes of a phone's copy, unpacked."""
_GZIP: Final = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot as it was received."""

    collection: str
    version: int
    records: tuple[Record, ...]
    mac: bytes = field(repr=False)
    key_id: bytes

    @classmethod
    def parse(cls, collection: str, data: bytes) -> Snapshot:
        """The snapshot that was downloaded.

        Raises:
            AppStateError: `size`, `version` or `format`.
        """
        try:
            snapshot = SyncdSnapshot.FromString(data)
        except DecodeError:
            raise AppStateError(collection, "format", "a snapshot cannot be read") from None
        if len(snapshot.records) > MAX_RECORDS:
            raise AppStateError(collection, "size", "a snapshot has too many records")
        return cls(
            collection=collection,
            version=_version(collection, snapshot.version.version),
            records=tuple(records.read_set(collection, snapshot.records)),
            mac=snapshot.mac,
            key_id=snapshot.keyId.id,
        )

    def key_ids(self) -> set[bytes]:
        """The keys that `apply` needs."""
        return {self.key_id} | {record.key_id for record in self.records}


def apply(snapshot: Snapshot, keys: Keys) -> Applied:
    """What a collection holds, whatever was known of it before. Its `macs` are all that there are.

    Raises:
        AppStateKeyMissing: a key is not among `keys`.
        AppStateError: it does not verify; `check` says where.
    """
    name = snapshot.collection
    if lacking := snapshot.key_ids() - keys.keys():
        raise AppStateKeyMissing(name, lacking)
    total = lthash.change(lthash.EMPTY, remove=(), add=[record.value_mac for record in snapshot.records])
    if not macs_equal(keys[snapshot.key_id].mac_of_state(name, snapshot.version, total), snapshot.mac):
        raise AppStateError(name, "snapshot_mac", f"the hash of the snapshot {snapshot.version} is not what it says")
    opened = records.open_all(name, snapshot.records, keys)
    mutations = tuple(mutation for mutation in opened if mutation is not None)
    return Applied(
        state=CollectionState(version=snapshot.version, lthash=total),
        mutations=mutations,
        macs={record.index_mac: record.value_mac for record in snapshot.records},
        unreadable=len(opened) - len(mutations),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """A phone's own copy of a collection."""

    collection: str
    version: int
    lthash: bytes = field(repr=False)
    records: tuple[SyncdPlainTextRecord, ...] = field(repr=False)

    @classmethod
    def parse(cls, data: bytes, *, compressed: bool) -> Recovery:
        """The copy that a phone sent.

        Raises:
            AppStateError: `size`, `version` or `format`.
        """
        try:
            copy = SyncdSnapshotRecovery.FromString(_unpacked(data) if compressed else data)
        except (DecodeError, zlib.error):
            raise AppStateError("", "format", "the phone's copy cannot be read") from None
        if len(copy.mutationRecords) > MAX_RECORDS:
            raise AppStateError(copy.collectionName, "size", "the phone's copy has too many records")
        if len(copy.collectionLthash) != lthash.SIZE or any(len(one.mac) != MAC_SIZE for one in copy.mutationRecords):
            raise AppStateError(copy.collectionName, "format", "the phone's copy has a hash of a wrong size")
        return cls(
            collection=copy.collectionName,
            version=_version(copy.collectionName, copy.version.version),
            lthash=copy.collectionLthash,
            records=tuple(copy.mutationRecords),
        )

    def key_ids(self) -> set[bytes]:
        """The keys that `recover` needs."""
        return {record.keyID for record in self.records}


def recover(copy: Recovery, keys: Keys) -> Applied:
    """What a collection holds by the phone's word. Raises `AppStateKeyMissing`."""
    if lacking := copy.key_ids() - keys.keys():
        raise AppStateKeyMissing(copy.collection, lacking)
    mutations = [records.readable(Operation.SET, record.value) for record in copy.records]
    return Applied(
        # The hash is taken as it is. It may well not be that of the records: that is what needs recovery.
        state=CollectionState(version=copy.version, lthash=copy.lthash),
        mutations=tuple(mutation for mutation in mutations if mutation is not None),
        macs={keys[record.keyID].mac_of_index(record.value.index): record.mac for record in copy.records},
        unreadable=mutations.count(None),
    )


def _version(collection: str, version: int) -> int:
    if not 0 < version <= MAX_VERSION:
        raise AppStateError(collection, "version", f"{version} is not the version of a snapshot")
    return version


def _unpacked(data: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=_GZIP)
    unpacked = inflater.decompress(data, MAX_RECOVERY)
    if inflater.unconsumed_tail:
        raise AppStateError("", "size", "the phone's copy is too large")
    return unpacked
