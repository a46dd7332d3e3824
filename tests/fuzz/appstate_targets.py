"""Fuzzed: app state, from the server's patches and snapshots down to what is inside a record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from google.protobuf.message import DecodeError

from motte.core.appstate import actions, patch, snapshot
from motte.core.appstate.keys import MutationKeys
from motte.core.appstate.mutation import Operation
from motte.core.appstate.patch import Patch
from motte.core.appstate.records import Record, open_all
from motte.core.appstate.snapshot import Recovery, Snapshot
from motte.core.appstate.state import CollectionState
from motte.core.crypto.cbc import cbc_encrypt
from motte.errors import AppStateError
from motte.proto.app_state_pb2 import SyncdPatch
from motte.proto.sync_action_pb2 import SyncActionData

NAME = "regular_low"
KEY = MutationKeys.derive(b"\x00\x01\x00\x00\x00\x01", bytes(range(32)))
KEYS = {KEY.id: KEY}
START = CollectionState()


def fuzz_patch(data: bytes) -> None:
    """A patch as the server gives it; and one whose records come from a blob, with a MAC that fits."""
    with suppress(AppStateError):
        patch.apply(Patch.parse(NAME, data), START, {}, KEYS)
    with suppress(AppStateError):
        empty = SyncdPatch(snapshotMac=bytes(32), patchMac=bytes(32))
        empty.keyId.id = KEY.id
        received = Patch.parse(NAME, empty.SerializeToString()).with_records(data)
        macs = b"".join(record.value_mac for record in received.records)
        empty.patchMac = KEY.mac_of_patch(NAME, 1, empty.snapshotMac, macs)
        fitting = Patch.parse(NAME, empty.SerializeToString()).with_records(data)
        patch.apply(fitting, START, {}, KEYS)


def fuzz_snapshot(data: bytes) -> None:
    """A snapshot, and a phone's copy."""
    with suppress(AppStateError):
        snapshot.apply(Snapshot.parse(NAME, data), KEYS)
    for compressed in (False, True):
        with suppress(AppStateError):
            for mutation in snapshot.recover(Recovery.parse(data, compressed=compressed), KEYS).mutations:
                actions.read(mutation)


def fuzz_action(data: bytes) -> None:
    """What a device of the account wrote into a record: it is authentic, whatever it says."""
    try:
        index = SyncActionData.FromString(data).index
    except DecodeError:  # not even a message, which the reader of records finds out too
        index = b""
    sealed = bytes(16) + cbc_encrypt(KEY.value, bytes(16), data)
    for operation in Operation:
        blob = sealed + KEY.mac_of_value(operation, sealed)
        record = Record(operation, KEY.id, KEY.mac_of_index(index), blob)
        with suppress(AppStateError):
            for mutation in open_all(NAME, [record], KEYS):
                if mutation is not None:
                    actions.read(mutation)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "appstate_patch": fuzz_patch,
    "appstate_snapshot": fuzz_snapshot,
    "appstate_action": fuzz_action,
}
