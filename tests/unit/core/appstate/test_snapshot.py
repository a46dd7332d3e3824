"""Snapshots of the server and copies from the phone."""

from __future__ import annotations

import gzip

import pytest

from motte.core.appstate import lthash, snapshot
from motte.core.appstate.snapshot import MAX_RECOVERY, Recovery, Snapshot
from motte.core.appstate.state import CollectionState
from motte.errors import AppStateError, AppStateKeyMissing, StoreCorrupt
from motte.proto.app_state_pb2 import SyncdSnapshot
from motte.proto.app_state_recovery_pb2 import SyncdSnapshotRecovery
from tests.unit.core.appstate import collection
from tests.unit.core.appstate.collection import KEY, KEYS, NAME, Device, change, index_mac


def refused(made: SyncdSnapshot) -> str:
    with pytest.raises(AppStateError) as caught:
        snapshot.apply(Snapshot.parse(NAME, made.SerializeToString()), KEYS)
    assert caught.value.collection == NAME
    return caught.value.check


def test_a_snapshot_is_what_its_patches_come_to() -> None:
    writer = Device()
    writer.write(change("star", "a"))
    made = collection.snapshot(change("star", "a"), change("star", "b"), version=9)
    applied = snapshot.apply(Snapshot.parse(NAME, made.SerializeToString()), KEYS)
    assert applied.state.version == 9
    assert applied.mutations == (change("star", "a"), change("star", "b"))
    assert set(applied.macs) == {index_mac("star", "a"), index_mac("star", "b")}
    reader = Device()
    reader.take(applied)
    writer.take(applied)
    assert list(reader.read(writer.write(change("star", "c"))).mutations) == [change("star", "c")]


def test_lies() -> None:
    made = collection.snapshot(change("star", "a"), change("star", "b"))
    del made.records[0]
    assert refused(made) == "snapshot_mac"
    made = collection.snapshot(change("star", "a"))
    made.version.version += 1
    assert refused(made) == "snapshot_mac"
    made.version.version = 0
    assert refused(made) == "version"
    made = collection.snapshot(change("star", "a"))
    made.records[0].index.blob = bytes(32)
    assert refused(made) == "index_mac"
    made = collection.snapshot(change("star", "a"))
    made.records[0].value.blob = bytes(32) + made.records[0].value.blob[32:]
    assert refused(made) == "value_mac"
    with pytest.raises(AppStateError, match="cannot be read"):
        Snapshot.parse(NAME, b"\xff")


def test_missing_keys() -> None:
    made = collection.snapshot(change("star", "a"))
    with pytest.raises(AppStateKeyMissing):
        snapshot.apply(Snapshot.parse(NAME, made.SerializeToString()), {})


def copy() -> SyncdSnapshotRecovery:
    made = SyncdSnapshotRecovery(collectionName=NAME, collectionLthash=bytes(range(128)))
    made.version.version = 12
    record = made.mutationRecords.add()
    record.value.index, record.value.version = b'["star","a"]', 2
    record.value.value.CopyFrom(change().value)
    record.keyID, record.mac = KEY.id, bytes(32)
    return made


@pytest.mark.parametrize("compressed", [True, False])
def test_the_phones_word(compressed: bool) -> None:
    data = copy().SerializeToString()
    read = Recovery.parse(gzip.compress(data) if compressed else data, compressed=compressed)
    applied = snapshot.recover(read, KEYS)
    assert applied.state == CollectionState(version=12, lthash=bytes(range(128)))
    assert applied.mutations == (change("star", "a"),)
    assert applied.macs == {index_mac("star", "a"): bytes(32)}
    with pytest.raises(AppStateKeyMissing):
        snapshot.recover(read, {})


def test_a_phones_word_that_cannot_be_used() -> None:
    made = copy()
    made.collectionLthash = bytes(127)
    for data, compressed in ((made.SerializeToString(), False), (b"\xff", False), (b"no gzip", True), (b"", False)):
        with pytest.raises(AppStateError):
            Recovery.parse(data, compressed=compressed)
    with pytest.raises(AppStateError) as caught:
        Recovery.parse(gzip.compress(bytes(MAX_RECOVERY + 1), 1), compressed=True)
    assert caught.value.check == "size"


def test_states_are_kept_as_bytes() -> None:
    state = CollectionState(version=7, lthash=bytes(range(128)))
    assert CollectionState.parse(state.serialize()) == state
    assert CollectionState() == CollectionState(version=0, lthash=lthash.EMPTY)
    with pytest.raises(StoreCorrupt):
        CollectionState.parse(b"short")
