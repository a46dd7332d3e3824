"""Against Baileys: keys, hashes, patches that it wrote, a snapshot that it reads."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from motte.core.appstate import lthash, patch, snapshot
from motte.core.appstate.keys import MutationKeys
from motte.core.appstate.mutation import Mutation, Operation
from motte.core.appstate.state import CollectionState
from motte.proto.sync_action_pb2 import SyncActionValue

VECTORS: Any = json.loads((Path(__file__).parents[3] / "vectors" / "appstate.json").read_text())
NAME: str = VECTORS["collection"]
KEYS = {
    b64decode(one["id"]): MutationKeys.derive(b64decode(one["id"]), b64decode(one["secret"])) for one in VECTORS["keys"]
}


@pytest.mark.parametrize("vector", VECTORS["keys"])
def test_keys(vector: dict[str, str]) -> None:
    keys = KEYS[b64decode(vector["id"])]
    for name in ("index", "value", "value_mac", "snapshot_mac", "patch_mac"):
        assert getattr(keys, name) == b64decode(vector[name]), name


@pytest.mark.parametrize("vector", VECTORS["lthash"])
def test_lthash(vector: dict[str, Any]) -> None:
    remove, add = map(b64decode, vector["remove"]), map(b64decode, vector["add"])
    assert lthash.change(b64decode(vector["from"]), remove=remove, add=add) == b64decode(vector["to"])


def test_patches_one_after_the_other() -> None:
    state, macs = CollectionState(), dict[bytes, bytes]()
    for vector in VECTORS["patches"]:
        received = patch.Patch.parse(NAME, b64decode(vector["patch"]))
        applied = patch.apply(received, state, macs, KEYS)
        state = applied.state
        for index_mac, mac in applied.macs.items():
            macs.pop(index_mac, None)
            if mac is not None:
                macs[index_mac] = mac
        assert (state.version, state.lthash) == (vector["version"], b64decode(vector["lthash"]))
        assert applied.mutations == (
            Mutation(
                operation=Operation(vector["operation"]),
                index=tuple(vector["index"]),
                value=SyncActionValue.FromString(b64decode(vector["value"])),
                version=vector["action_version"],
            ),
        )


def test_a_patch_that_is_written_as_baileys_writes_it() -> None:
    vector = VECTORS["patches"][0]
    received = patch.Patch.parse(NAME, b64decode(vector["patch"]))
    (mutation,) = patch.apply(received, CollectionState(), {}, KEYS).mutations
    iv = received.records[0].blob[:16]
    key = KEYS[b64decode(vector["key"])]
    data, _ = patch.build(NAME, [mutation], CollectionState(), {}, key=key, rng=lambda size: iv[:size])
    assert data == b64decode(vector["patch"])


def test_a_snapshot() -> None:
    vector = VECTORS["snapshot"]
    applied = snapshot.apply(snapshot.Snapshot.parse(NAME, b64decode(vector["snapshot"])), KEYS)
    assert applied.state == CollectionState(version=vector["version"], lthash=b64decode(vector["lthash"]))
    assert [list(mutation.index) for mutation in applied.mutations] == vector["indexes"]
