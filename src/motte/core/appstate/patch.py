"""Patches: one step of a collection, from a version to the next.

    SyncdPatch { version, mutations | externalMutations, snapshotMac, patchMac, keyId, exitCode }

What is checked, always and in this order: the version follows on ours; the patch MAC (these values, in this order, and
the snapshot MAC); the MAC of each value and of each index; the LT-hash of the collection afterwards, which the snapshot
MAC vouches for. A device that lies about any of it is found out before anything is kept.

A record that is removed without having been there is no error by itself: phones write such removals. What was hidden by
one shows in the LT-hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.appstate import lthash, records
from motte.core.appstate.keys import MutationKeys
from motte.core.appstate.mutation import Mutation, Operation
from motte.core.appstate.records import MAX_RECORDS, Keys, Record
from motte.core.appstate.state import Applied, CollectionState, Macs
from motte.core.crypto.kdf import macs_equal
from motte.core.crypto.rng import Rng
from motte.errors import AppStateError, AppStateKeyMissing
from motte.proto.app_state_pb2 import ExternalBlobReference, SyncdMutations, SyncdPatch

MAX_PATCH: Final = 8 * 1024 * 1024
"""Bytes of a patch inside a stanza."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A patch as it was received; `version` is the one that it leads to, None when the patch does not say.

    `blob` tells where the records are, when they are too many for the stanza: download them, then `with_records`.
    """

    collection: str
    version: int | None
    records: tuple[Record, ...]
    snapshot_mac: bytes = field(repr=False)
    patch_mac: bytes = field(repr=False)
    key_id: bytes
    blob: ExternalBlobReference | None = None
    exit_code: int | None = None

    @classmethod
    def parse(cls, collection: str, data: bytes) -> Patch:
        """The patch that the server handed out.

        Raises:
            AppStateError: `size` or `format`.
        """
        if len(data) > MAX_PATCH:
            raise AppStateError(collection, "size", "a patch is too large")
        try:
            patch = SyncdPatch.FromString(data)
        except DecodeError:
            raise AppStateError(collection, "format", "a patch cannot be read") from None
        return cls(
            collection=collection,
            version=patch.version.version if patch.version.HasField("version") else None,
            records=_records(collection, patch),
            snapshot_mac=patch.snapshotMac,
            patch_mac=patch.patchMac,
            key_id=patch.keyId.id,
            blob=patch.externalMutations if patch.HasField("externalMutations") else None,
            exit_code=patch.exitCode.code if patch.HasField("exitCode") else None,
        )

    def with_records(self, data: bytes) -> Patch:
        """The patch with the records that its blob holds. Raises like `parse`."""
        try:
            mutations = SyncdMutations.FromString(data)
        except DecodeError:
            raise AppStateError(self.collection, "format", "the records of a patch cannot be read") from None
        return replace(self, records=_records(self.collection, mutations), blob=None)

    @property
    def index_macs(self) -> set[bytes]:
        """The records that it touches, whose present values `apply` has to know."""
        return {record.index_mac for record in self.records}

    def key_ids(self) -> set[bytes]:
        """The keys that `apply` needs."""
        return {self.key_id} | {record.key_id for record in self.records}


def apply(patch: Patch, state: CollectionState, known: Macs, keys: Keys) -> Applied:
    """What follows from a patch on a collection at `state`.

    Args:
        patch: with its records.
        state: the collection as it is.
        known: the value MACs of the records in `patch.index_macs`, of those that exist.
        keys: at least those of `patch.key_ids`.

    Raises:
        AppStateKeyMissing: a key is not among them.
        AppStateError: it does not verify; `check` says where.
    """
    name = patch.collection
    if patch.exit_code is not None:
        raise AppStateError(name, "terminal", f"a device ended the collection with code {patch.exit_code}")
    if patch.version is not None and patch.version != state.version + 1:
        raise AppStateError(name, "version", f"version {patch.version} does not follow on {state.version}")
    if lacking := patch.key_ids() - keys.keys():
        raise AppStateKeyMissing(name, lacking)
    version, key = state.version + 1, keys[patch.key_id]
    value_macs = b"".join([record.value_mac for record in patch.records])
    if not macs_equal(key.mac_of_patch(name, version, patch.snapshot_mac, value_macs), patch.patch_mac):
        raise AppStateError(name, "patch_mac", f"the MAC of patch {version} does not match")
    opened = records.open_all(name, patch.records, keys)
    applied = _step(patch.records, opened, state, known)
    if not macs_equal(key.mac_of_state(name, version, applied.state.lthash), patch.snapshot_mac):
        raise AppStateError(name, "snapshot_mac", f"the hash at version {version} is not what the patch says")
    return applied


def build(
    collection: str,
    mutations: Sequence[Mutation],
    state: CollectionState,
    known: Macs,
    *,
    key: MutationKeys,
    rng: Rng,
    replaced: Sequence[tuple[Mutation, MutationKeys]] = (),
) -> tuple[bytes, Applied]:
    """A patch of our own on a collection at `state`, and what follows from it once the server has taken it.

    Args:
        collection: its name.
        mutations: one or more.
        state: the collection as it is.
        known: the value MACs of the records that are touched, of those that exist.
        key: the newest app-state key.
        rng: for the IVs.
        replaced: records of the same indexes under older keys, with these keys. An index has another MAC under each
            key, so that the old record would stay beside the new one; they are removed in the same patch.
    """
    removals = [records.seal(replace(old, operation=Operation.REMOVE), old_key, rng) for old, old_key in replaced]
    sealed = (*removals, *(records.seal(mutation, key, rng) for mutation in mutations))
    applied = replace(_step(sealed, (), state, known), mutations=tuple(mutations))
    version = applied.state.version
    patch = SyncdPatch(mutations=[records.write(record) for record in sealed])
    patch.snapshotMac = key.mac_of_state(collection, version, applied.state.lthash)
    value_macs = b"".join([record.value_mac for record in sealed])
    patch.patchMac = key.mac_of_patch(collection, version, patch.snapshotMac, value_macs)
    patch.keyId.id = key.id
    return patch.SerializeToString(), applied


def _step(changed: Sequence[Record], opened: Sequence[Mutation | None], state: CollectionState, known: Macs) -> Applied:
    macs: dict[bytes, bytes | None] = {}
    joined, left, unknown = [], [], 0
    for record in changed:
        index_mac = record.index_mac
        before = macs[index_mac] if index_mac in macs else known.get(index_mac)
        if before is not None:
            left.append(before)
        if record.operation is Operation.SET:
            macs[index_mac] = record.value_mac
            joined.append(record.value_mac)
        else:
            macs[index_mac] = None
            unknown += before is None
    present = {
        one.index
        for record, one in zip(changed, opened, strict=False)
        if one is not None and one.operation is Operation.SET and macs[record.index_mac] is not None
    }
    mutations = tuple(
        one
        for one in opened
        # Not the removals of records whose index lives on under a newer key.
        if one is not None and (one.operation is Operation.SET or one.index not in present)
    )
    return Applied(
        state=CollectionState(version=state.version + 1, lthash=lthash.change(state.lthash, remove=left, add=joined)),
        mutations=mutations,
        macs=macs,
        unreadable=opened.count(None),
        unknown_removals=unknown,
    )


def _records(collection: str, holder: SyncdPatch | SyncdMutations) -> tuple[Record, ...]:
    if len(holder.mutations) > MAX_RECORDS:
        raise AppStateError(collection, "size", "a patch has too many records")
    return tuple(records.read(collection, holder.mutations))
