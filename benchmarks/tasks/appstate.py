"""App state, as `baileys/appstate.mjs` does it: the LT-hash, and patches with every MAC checked."""

from __future__ import annotations

import os
from collections.abc import Callable

from benchmarks.harness import Task, fixture, sample
from motte.core.appstate import lthash, patch
from motte.core.appstate.keys import MutationKeys
from motte.core.appstate.mutation import Mutation, Operation
from motte.core.appstate.patch import Patch
from motte.core.appstate.state import CollectionState
from motte.proto.sync_action_pb2 import SyncActionValue

NAME = "regular_low"
START = CollectionState()
KEY_ID = 6


def _key() -> MutationKeys:
    key = fixture("appstate_key.bin")
    return MutationKeys.derive(key[:KEY_ID], key[KEY_ID:])


def _decode(count: int) -> Task:
    def setup() -> tuple[bytes, dict[bytes, MutationKeys]]:
        key = _key()
        return fixture(f"appstate_patch{count}.bin"), {key.id: key}

    def run(context: tuple[bytes, dict[bytes, MutationKeys]]) -> None:
        data, keys = context
        if len(patch.apply(Patch.parse(NAME, data), START, {}, keys).mutations) != count:
            raise ValueError("mutations were lost")

    return Task(run, setup=setup, per=count)


def _lthash() -> Callable[[], bytes]:
    macs, others = ([sample(32, first + i) for i in range(1000)] for first in (1, 5001))
    base = lthash.change(lthash.EMPTY, remove=(), add=macs)
    return lambda: lthash.change(base, remove=macs, add=others)


def _encode() -> Callable[[], object]:
    key = _key()
    index = ("star", "15550100002@s.whatsapp.net", "3EB0AABBCCDDEEFF001122", "1", "0")

    def run() -> object:
        value = SyncActionValue(timestamp=1_716_300_000_000, starAction=SyncActionValue.StarAction(starred=True))
        mutation = Mutation(operation=Operation.SET, index=index, value=value, version=2)
        return patch.build(NAME, [mutation], START, {}, key=key, rng=os.urandom)

    return run


TASKS = {
    "appstate.lthash": Task(lambda run: run(), setup=_lthash, per=2000),
    "appstate.decode1000": _decode(1000),
    "appstate.decode10000": _decode(10_000),
    "appstate.encode": Task(lambda run: run(), setup=_encode),
}
