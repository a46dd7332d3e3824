"""Patches: what follows from one, and everything that a device may lie about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from motte.core.appstate import lthash, patch
from motte.core.appstate.patch import Patch
from motte.core.appstate.records import MAX_RECORDS, seal, write
from motte.core.appstate.state import CollectionState
from motte.core.crypto.cbc import cbc_encrypt
from motte.errors import AppStateError, AppStateKeyMissing
from motte.proto.app_state_pb2 import SyncdMutation, SyncdMutations, SyncdPatch
from motte.proto.sync_action_pb2 import SyncActionData
from motte.testing.rng import SeededRng
from tests.unit.core.appstate.collection import KEY, KEYS, NAME, NEWER, Device, change, index_mac, resigned


def refused(data: bytes, state: CollectionState | None = None) -> str:
    """What check refuses a patch; it names the collection."""
    with pytest.raises(AppStateError) as caught:
        patch.apply(Patch.parse(NAME, data), state or CollectionState(), {}, KEYS)
    assert caught.value.collection == NAME
    assert NAME in str(caught.value)
    return caught.value.check


def test_two_devices_agree() -> None:
    writer, reader = Device(), Device()
    for mutations in (
        [change("star", "a"), change("star", "b")],
        [change("star", "a", starred=False)],
        [change("star", "b", remove=True), change("star", "c")],
    ):
        applied = reader.read(writer.write(*mutations))
        assert list(applied.mutations) == mutations
        assert (reader.state, reader.macs) == (writer.state, writer.macs)
    assert reader.state.version == 3
    assert set(reader.macs) == {index_mac("star", "a"), index_mac("star", "c")}


def test_an_emptied_collection_has_the_hash_of_nothing() -> None:
    writer = Device()
    writer.write(change("star", "a"))
    writer.write(change("star", "a", remove=True))
    assert writer.state == CollectionState(version=2, lthash=lthash.EMPTY)
    assert writer.macs == {}


def test_one_record_twice_in_a_patch() -> None:
    writer, reader = Device(), Device()
    applied = reader.read(writer.write(change("star", "a"), change("star", "a", starred=False)))
    assert len(applied.mutations) == 2
    assert len(reader.macs) == 1
    reader.read(writer.write(change("star", "a", remove=True)))
    assert reader.state.lthash == lthash.EMPTY


def test_a_removal_of_what_was_not_there_is_counted_and_passes() -> None:
    applied = Device().read(Device().write(change("contact", "x", remove=True)))
    assert applied.unknown_removals == 1
    assert applied.state == CollectionState(version=1)


def test_an_index_under_a_newer_key_replaces_the_one_under_the_older() -> None:
    """An index has another MAC under each key: the old record is removed along, and nobody takes that for a removal."""
    writer, reader = Device(), Device()
    reader.read(writer.write(change("star", "a")))
    newest = change("star", "a", starred=False)
    data, applied = patch.build(
        NAME, [newest], writer.state, writer.macs, key=NEWER, rng=SeededRng(1), replaced=[(newest, KEY)]
    )
    assert reader.read(data).mutations == (newest,)
    assert reader.state == applied.state
    assert set(reader.macs) == {index_mac("star", "a", key=NEWER)}


def test_versions_follow_on_each_other() -> None:
    patched = SyncdPatch.FromString(Device().write(change()))
    patched.version.version = 1
    assert patch.apply(Patch.parse(NAME, patched.SerializeToString()), CollectionState(), {}, KEYS).state.version == 1
    for version in (0, 2, 2**63):
        patched.version.version = version
        assert refused(patched.SerializeToString()) == "version"


def test_a_patch_for_another_version_does_not_fit() -> None:
    assert refused(Device().write(change()), CollectionState(version=1)) == "patch_mac"


def test_a_patch_of_another_collection_does_not_fit() -> None:
    data = Device().write(change())
    with pytest.raises(AppStateError) as caught:
        patch.apply(Patch.parse("regular", data), CollectionState(), {}, KEYS)
    assert (caught.value.collection, caught.value.check) == ("regular", "patch_mac")


def flip(data: bytes, place: int = -1) -> bytes:
    """The bytes with one of them changed."""
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def spoil_value(patched: SyncdPatch) -> None:
    patched.mutations[0].record.value.blob = flip(patched.mutations[0].record.value.blob, 20)


def spoil_index(patched: SyncdPatch) -> None:
    patched.mutations[0].record.index.blob = flip(patched.mutations[0].record.index.blob)


def lie(patched: SyncdPatch) -> None:
    patched.snapshotMac = KEY.mac_of_state(NAME, 1, bytes(range(128)))


def turn_around(patched: SyncdPatch) -> None:
    patched.mutations[0].operation = SyncdMutation.REMOVE


def leave_out(patched: SyncdPatch) -> None:
    del patched.mutations[1]


@pytest.mark.parametrize(
    ("alter", "check"),
    [
        (spoil_value, "value_mac"),
        (turn_around, "value_mac"),
        (spoil_index, "index_mac"),
        (lie, "snapshot_mac"),
        (leave_out, "snapshot_mac"),
    ],
)
def test_whoever_has_the_keys_is_found_out_all_the_same(alter: Callable[[SyncdPatch], None], check: str) -> None:
    data = Device().write(change("star", "a"), change("star", "b"))
    assert refused(resigned(data, alter)) == check


@pytest.mark.parametrize("part", ["snapshotMac", "patchMac"])
def test_wrong_macs_of_the_patch(part: str) -> None:
    patched = SyncdPatch.FromString(Device().write(change()))
    setattr(patched, part, flip(getattr(patched, part)))
    assert refused(patched.SerializeToString()) == "patch_mac"


def test_a_hash_that_lies_about_what_was_before() -> None:
    """The writer had a record that the reader does not know of."""
    writer = Device()
    writer.write(change("star", "hidden"))
    data = writer.write(change("star", "a"))
    assert refused(data, CollectionState(version=1)) == "snapshot_mac"


def test_missing_keys_are_named() -> None:
    data = Device(NEWER).write(change())
    with pytest.raises(AppStateKeyMissing) as caught:
        patch.apply(Patch.parse(NAME, data), CollectionState(), {}, {KEY.id: KEY})
    assert caught.value.key_ids == (NEWER.id,)
    assert caught.value.check == "keys"


def test_a_patch_may_end_the_collection() -> None:
    patched = SyncdPatch.FromString(Device().write(change()))
    patched.exitCode.code = 7
    assert refused(patched.SerializeToString()) == "terminal"


def test_records_from_a_blob() -> None:
    patched = SyncdPatch.FromString(Device().write(change("star", "a")))
    blob = SyncdMutations(mutations=patched.mutations).SerializeToString()
    del patched.mutations[:]
    patched.externalMutations.directPath = "/v/blob"
    received = Patch.parse(NAME, patched.SerializeToString())
    assert received.blob is not None
    assert received.blob.directPath == "/v/blob"
    whole = received.with_records(blob)
    assert whole.blob is None
    assert patch.apply(whole, CollectionState(), {}, KEYS).mutations == (change("star", "a"),)
    with pytest.raises(AppStateError, match="cannot be read"):
        received.with_records(b"\xff")


@pytest.mark.parametrize(
    "index",
    [b"", b"{}", b"[]", b"[1]", b'["a",null]', b"\xff", b'["\\ud800"]', b"[" * 100_000],
)
def test_what_is_authentic_and_makes_no_sense_is_passed_over(index: bytes) -> None:
    odd, writer = change("star", "a"), Device()
    sealed = seal(odd, KEY, SeededRng(1))
    data = SyncActionData(index=index, value=odd.value, version=2).SerializeToString()
    blob = sealed.blob[:16] + cbc_encrypt(KEY.value, sealed.blob[:16], data)
    record = sealed._replace(index_mac=KEY.mac_of_index(index), blob=blob + KEY.mac_of_value(0, blob))
    state = lthash.change(lthash.EMPTY, remove=(), add=[record.value_mac])

    def alter(patched: SyncdPatch) -> None:
        patched.mutations[0].CopyFrom(write(record))
        patched.snapshotMac = KEY.mac_of_state(NAME, 1, state)

    applied = Device().read(resigned(writer.write(odd), alter))
    assert applied.mutations == ()
    assert applied.unreadable == 1
    assert applied.state.lthash == state


@pytest.mark.parametrize("blob", [b"", bytes(63), bytes(65), bytes(48)])
def test_malformed_values(blob: bytes) -> None:
    patched = SyncdPatch.FromString(Device().write(change()))
    patched.mutations[0].record.value.blob = blob
    assert refused(patched.SerializeToString()) == "format"


def test_sizes() -> None:
    assert refused(b"\xff\xff") == "format"
    assert refused(bytes(patch.MAX_PATCH + 1)) == "size"
    many = SyncdMutations()
    many.mutations.add()
    flood = many.SerializeToString() * (MAX_RECORDS + 1)
    with pytest.raises(AppStateError) as caught:
        Patch.parse(NAME, Device().write(change())).with_records(flood)
    assert caught.value.check == "size"


def test_many_records_of_several_keys_are_opened_together() -> None:
    writer, other = Device(), Device(NEWER)
    mutations = [change("star", f"{number}", "x" * number) for number in range(100)]
    applied = Device().read(writer.write(*mutations))
    assert list(applied.mutations) == mutations
    other.take(replace(applied, macs=dict(applied.macs)))
    reader = Device()
    reader.take(applied)
    assert list(reader.read(other.write(*mutations[:3])).mutations) == mutations[:3]
