"""A collection to test with: a key, changes, patches and snapshots that its devices make."""

from __future__ import annotations

from collections.abc import Callable

from motte.core.appstate import lthash
from motte.core.appstate import patch as patches
from motte.core.appstate.keys import MutationKeys
from motte.core.appstate.mutation import Mutation, Operation
from motte.core.appstate.records import seal, written
from motte.core.appstate.state import Applied, CollectionState
from motte.proto.app_state_pb2 import SyncdPatch, SyncdSnapshot
from motte.proto.sync_action_pb2 import SyncActionValue
from motte.testing.rng import SeededRng

NAME = "regular_low"
KEY = MutationKeys.derive(b"\x00\x01\x00\x00\x00\x01", b"a secret of thirty-two bytes, ok")
NEWER = MutationKeys.derive(b"\x00\x01\x00\x00\x00\x02", b"another secret of 32 bytes, ok ok")
KEYS = {KEY.id: KEY, NEWER.id: NEWER}


def change(*index: str, starred: bool = True, remove: bool = False) -> Mutation:
    """A change of the record with this index."""
    value = SyncActionValue(timestamp=1_700_000_000_000)
    value.starAction.starred = starred
    return Mutation(
        operation=Operation.REMOVE if remove else Operation.SET, index=index or ("star", "a"), value=value, version=2
    )


class Device:
    """A device that writes: it knows the collection and hands out what it wrote."""

    def __init__(self, key: MutationKeys = KEY) -> None:
        self.key, self.rng = key, SeededRng(7)
        self.state, self.macs = CollectionState(), dict[bytes, bytes]()
        self.records: dict[bytes, tuple[Mutation, bytes]] = {}

    def write(self, *mutations: Mutation) -> bytes:
        """The patch of these changes; the device has made it its own."""
        data, applied = patches.build(NAME, mutations, self.state, self.macs, key=self.key, rng=self.rng)
        self.take(applied)
        return data

    def take(self, applied: Applied) -> None:
        """Make a step its own."""
        self.state = applied.state
        for index_mac, mac in applied.macs.items():
            if mac is None:
                self.macs.pop(index_mac, None)
            else:
                self.macs[index_mac] = mac

    def read(self, data: bytes) -> Applied:
        """Apply a patch of another device."""
        applied = patches.apply(patches.Patch.parse(NAME, data), self.state, self.macs, KEYS)
        self.take(applied)
        return applied


def resigned(data: bytes, alter: Callable[[SyncdPatch], object], version: int = 1) -> bytes:
    """A patch that was altered by somebody who has the keys: its own MAC fits."""
    patch = SyncdPatch.FromString(data)
    alter(patch)
    macs = b"".join(one.record.value.blob[-32:] for one in patch.mutations)
    patch.patchMac = KEY.mac_of_patch(NAME, version, patch.snapshotMac, macs)
    return patch.SerializeToString()


def snapshot(*mutations: Mutation, version: int = 3, key: MutationKeys = KEY) -> SyncdSnapshot:
    """The snapshot of these records."""
    made = SyncdSnapshot()
    made.version.version = version
    made.keyId.id = key.id
    rng, macs = SeededRng(8), []
    for mutation in mutations:
        record = seal(mutation, key, rng)
        one = made.records.add()
        one.index.blob, one.value.blob, one.keyId.id = record.index_mac, record.blob, key.id
        macs.append(record.value_mac)
    made.mac = key.mac_of_state(NAME, version, lthash.change(lthash.EMPTY, remove=(), add=macs))
    return made


def index_mac(*index: str, key: MutationKeys = KEY) -> bytes:
    """What an index is called on the server."""
    return key.mac_of_index(written(index))
