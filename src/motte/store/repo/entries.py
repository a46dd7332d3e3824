"""Entries of the account's state that the client itself looks at: mutes, pins, labels, settings, by their index.

The key is the index as JSON, so that all entries of one action stand together: `["mute","15550100002@s.whatsapp.net"]`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from motte.core.appstate import actions
from motte.core.appstate.mutation import Mutation, Operation
from motte.model.appstate import Action
from motte.proto.sync_action_pb2 import SyncActionValue
from motte.store.batch import Batch
from motte.store.codec import Codec, pack, unpack
from motte.store.table import Space

CACHED: Final = 4096
Index = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An action, and when it was set (unix seconds, by the clock of the device that did it)."""

    action: Action
    timestamp: int


class Entries:
    """Index → entry."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("entries", _CODEC, cached=CACHED)

    async def get(self, index: Index, batch: Batch | None = None) -> Entry | None:
        """The entry of an index."""
        return await self.table.get(_key(index), batch)

    async def get_many(self, indexes: Iterable[Index], batch: Batch | None = None) -> list[Entry]:
        """The entries that exist, read together."""
        return list((await self.table.get_many(map(_key, indexes), batch)).values())

    async def all(self, name: str, *about: str, batch: Batch | None = None) -> list[Entry]:
        """All entries of the action `name`, or of those the ones whose index goes on with `about`."""
        return list((await self.table.scan(_key((name, *about))[:-1] + ",", batch)).values())

    def put(self, batch: Batch, action: Action, *, timestamp: int) -> None:
        """Keep an entry, in place of an earlier one of its index."""
        index = actions.write(action, timestamp)[1].index
        self.table.put(batch, _key(index), Entry(action=action, timestamp=timestamp))

    def delete(self, batch: Batch, index: Index) -> None:
        """Forget an entry."""
        self.table.delete(batch, _key(index))

    async def clear(self, batch: Batch, name: str) -> None:
        """Forget all entries of an action."""
        for key in await self.table.scan(f'["{name}"', batch):
            self.table.delete(batch, key)


def _key(index: Index) -> str:
    return json.dumps(index, separators=(",", ":"))


def _encode(entry: Entry) -> bytes:
    mutation = actions.write(entry.action, entry.timestamp)[1]
    return pack(_key(mutation.index).encode(), mutation.value.SerializeToString())


def _decode(data: bytes) -> Entry:
    index, raw = unpack(data, 2)
    value = SyncActionValue.FromString(raw)
    mutation = Mutation(operation=Operation.SET, index=tuple(json.loads(index)), value=value, version=0)
    return Entry(action=actions.read(mutation), timestamp=value.timestamp // 1000)


_CODEC: Final[Codec[Entry]] = Codec(_encode, _decode)
