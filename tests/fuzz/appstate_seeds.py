"""The seeds of the targets of app state."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from motte.core.appstate import actions, lthash, patch
from motte.core.appstate.mutation import Mutation
from motte.core.appstate.records import seal, written
from motte.model.appstate import Action, LabelEdit, Mute, Pin, PushName, QuickReply
from motte.model.jid import Jid
from motte.proto.app_state_pb2 import SyncdMutations, SyncdPatch, SyncdSnapshot
from motte.proto.app_state_recovery_pb2 import SyncdSnapshotRecovery
from motte.proto.sync_action_pb2 import SyncActionData
from tests.fuzz.appstate_targets import KEY, NAME, START
from tests.fuzz.seeded import NOW, seeded

BOB = Jid.phone("15550100002")
ACTIONS: tuple[Action, ...] = (
    Pin(chat=BOB, pinned=True),
    Mute(chat=BOB, until=int(NOW)),
    PushName(name="Ada"),
    LabelEdit(id="1", name="Work", color=3),
    QuickReply(id="1", shortcut="hi", text="hello"),
)


def seeds() -> Iterator[tuple[str, bytes]]:
    """Target and input."""
    mutations = [actions.write(action, NOW)[1] for action in ACTIONS]
    data, _ = patch.build(NAME, mutations, START, {}, key=KEY, rng=seeded("patch"))
    yield "appstate_patch", data
    yield "appstate_patch", SyncdMutations(mutations=SyncdPatch.FromString(data).mutations).SerializeToString()
    snapshot, macs, copy = SyncdSnapshot(), [], SyncdSnapshotRecovery(collectionName=NAME, collectionLthash=bytes(128))
    snapshot.version.version = copy.version.version = 3
    snapshot.keyId.id = KEY.id
    for mutation in mutations:
        record = seal(mutation, KEY, seeded("snapshot"))
        one = snapshot.records.add()
        one.index.blob, one.value.blob, one.keyId.id = record.index_mac, record.blob, KEY.id
        macs.append(record.value_mac)
        copy.mutationRecords.add(value=_plain(mutation), keyID=KEY.id, mac=record.value_mac)
        yield "appstate_action", _plain(mutation).SerializeToString()
    snapshot.mac = KEY.mac_of_state(NAME, 3, lthash.change(lthash.EMPTY, remove=(), add=macs))
    yield "appstate_snapshot", snapshot.SerializeToString()
    yield "appstate_snapshot", copy.SerializeToString()
    yield "appstate_snapshot", gzip.compress(copy.SerializeToString(), mtime=0)


def _plain(mutation: Mutation) -> SyncActionData:
    return SyncActionData(index=written(mutation.index), value=mutation.value, version=mutation.version)
