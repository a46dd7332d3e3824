"""App state that a client must not believe: what the server serves is changed on the way, never what it keeps.

Whoever could do this has the keys, so the MACs over what was changed are made anew: a client that leaves out a check is
found out, and not saved by the next one.

| fault | patch | snapshot |
|---|---|---|
| `patch_mac` | its own MAC is wrong | |
| `snapshot_mac` | the MAC of the collection after it is wrong | the MAC is wrong |
| `value_mac` | the last mutation's value has a wrong MAC | the last record's |
| `index_mac` | the last mutation has another index | the last record has |
| `lying_hash` | the last mutation is left out | the last record is |
| `version_jump` | it leads to a version that is too high | |
| `bomb` | | what is fetched is much longer than said |
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from motte.proto.app_state_pb2 import SyncdPatch, SyncdRecord, SyncdSnapshot
from motte.testing.server.appstate_crypt import EMPTY, StateKey, mac_of, mixed

if TYPE_CHECKING:
    from motte.testing.server.appstate import Collection
    from motte.testing.server.phone_state import PhoneState

_JUMP: Final = 3


@dataclass(slots=True)
class StateFault:
    """A fault that waits. `collection` is its name, or empty for any; `size` is of a bomb, in bytes."""

    kind: str
    collection: str
    times: int
    size: int

    def strikes(self, name: str) -> bool:
        """Whether it is for the collection with this name."""
        return self.collection in ("", name)


@dataclass(slots=True)
class StateFaults:
    """The faults that wait, in the order in which they strike."""

    waiting: list[StateFault] = field(default_factory=list)

    def patch(self, known: Collection, state: PhoneState, patch: SyncdPatch) -> SyncdPatch:
        """A patch as it is served."""
        fault = self._next(known.name, _PATCHES)
        if fault is None:
            return patch
        spoiled = SyncdPatch()
        spoiled.CopyFrom(patch)
        _PATCHES[fault](spoiled)
        if fault != "patch_mac":
            sign(state.key_named(patch.keyId.id), spoiled, spoiled.version.version, known.name)
        return spoiled

    def snapshot(self, known: Collection, state: PhoneState, snapshot: SyncdSnapshot) -> SyncdSnapshot:
        """A snapshot as it is served; it is a copy already."""
        fault = self._next(known.name, _SNAPSHOTS)
        if fault is not None:
            _SNAPSHOTS[fault](snapshot)
        if fault == "value_mac":
            lthash = mixed(EMPTY, plus=[mac_of(record) for record in snapshot.records])
            key = state.key_named(snapshot.keyId.id)
            snapshot.mac = key.snapshot_mac(lthash, snapshot.version.version, known.name)
        return snapshot

    def ballast(self, name: str) -> bytes:
        """What is added to a file of this collection: nothing, or a lot of it."""
        size = next((fault.size for fault in self.waiting if fault.kind == "bomb" and fault.strikes(name)), 0)
        return bytes(size) if size and self._next(name, ("bomb",)) else b""

    def _next(self, name: str, kinds: Container[str]) -> str | None:
        """The kind of the fault that strikes now, used up by one."""
        for fault in self.waiting:
            if fault.kind in kinds and fault.strikes(name):
                fault.times -= 1
                if not fault.times:
                    self.waiting.remove(fault)
                return fault.kind
        return None


def sign(key: StateKey, patch: SyncdPatch, version: int, name: str) -> None:
    """Give a patch the MAC that fits what is in it."""
    macs = [mac_of(mutation.record) for mutation in patch.mutations]
    patch.patchMac = key.patch_mac(patch.snapshotMac, macs, version, name)


def _flipped(content: bytes) -> bytes:
    return content[:-1] + bytes((content[-1] ^ 1,))


def _wrong_patch_mac(patch: SyncdPatch) -> None:
    patch.patchMac = _flipped(patch.patchMac)


def _wrong_snapshot_mac(patch: SyncdPatch) -> None:
    patch.snapshotMac = _flipped(patch.snapshotMac)


def _wrong_value_mac(record: SyncdRecord) -> None:
    record.value.blob = _flipped(record.value.blob)


def _wrong_index_mac(record: SyncdRecord) -> None:
    record.index.blob = _flipped(record.index.blob)


def _left_out(patch: SyncdPatch) -> None:
    del patch.mutations[-1]


def _jumped(patch: SyncdPatch) -> None:
    patch.version.version += _JUMP


def _wrong_mac(snapshot: SyncdSnapshot) -> None:
    snapshot.mac = _flipped(snapshot.mac)


def _record_left_out(snapshot: SyncdSnapshot) -> None:
    del snapshot.records[-1]


_PATCHES: Final[Mapping[str, Callable[[SyncdPatch], None]]] = {
    "patch_mac": _wrong_patch_mac,
    "snapshot_mac": _wrong_snapshot_mac,
    "value_mac": lambda patch: _wrong_value_mac(patch.mutations[-1].record),
    "index_mac": lambda patch: _wrong_index_mac(patch.mutations[-1].record),
    "lying_hash": _left_out,
    "version_jump": _jumped,
}
_SNAPSHOTS: Final[Mapping[str, Callable[[SyncdSnapshot], None]]] = {
    "snapshot_mac": _wrong_mac,
    "value_mac": lambda snapshot: _wrong_value_mac(snapshot.records[-1]),
    "index_mac": lambda snapshot: _wrong_index_mac(snapshot.records[-1]),
    "lying_hash": _record_left_out,
}
STATE_FAULTS: Final = (*_PATCHES, "bomb")
"""The kinds of faults."""
