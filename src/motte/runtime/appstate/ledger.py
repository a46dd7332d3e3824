"""The collections as they are kept. Each step is one batch: state, MACs and what follows from it, then the events."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from motte.core.appstate.collections import Collection
from motte.core.appstate.state import Applied, CollectionState
from motte.runtime.appstate.changes import Changes, Effects
from motte.runtime.context import Context
from motte.runtime.step import Step

log = logging.getLogger("motte.appstate")


class Ledger:
    """States and MACs by collection."""

    def __init__(self, context: Context, effects: Effects) -> None:
        self._context, self._effects = context, effects

    async def state(self, collection: Collection) -> CollectionState:
        """What is known of a collection; version 0 when nothing is."""
        stored = await self._context.store.appstate.get_version(collection)
        return CollectionState() if stored is None else CollectionState.parse(stored)

    async def is_fetched(self, collection: Collection) -> bool:
        """Whether it was ever fetched, be it that there was nothing yet."""
        return await self._context.store.appstate.get_version(collection) is not None

    async def begin(self, collection: Collection) -> None:
        """Keep that a collection was fetched and is empty: what comes next is news."""
        batch = self._context.store.batch()
        self._context.store.appstate.put_version(batch, collection, CollectionState().serialize())
        await self._context.store.commit(batch)

    async def known(self, collection: Collection, index_macs: Iterable[bytes]) -> dict[bytes, bytes]:
        """The value MACs of those records that exist."""
        return await self._context.store.appstate.get_macs(collection, index_macs)

    async def keep(
        self, collection: Collection, applied: Applied, *, whole: bool = False, initial: bool = False, own: bool = False
    ) -> None:
        """Keep a step and tell what it brought. `whole`: it says everything that the collection holds."""
        context = self._context
        store, step = context.store.appstate, Step(context.store, context.bus)
        store.put_version(step.batch, collection, applied.state.serialize())
        if whole:
            await store.replace_macs(step.batch, collection, applied.macs)
        else:
            store.put_macs(step.batch, collection, applied.macs)
        if applied.unreadable:
            log.warning("%s: %d records make no sense and were passed over", collection, applied.unreadable)
        if applied.unknown_removals:
            log.info("%s: %d records were removed that had not been there", collection, applied.unknown_removals)
        changes = Changes(collection=collection, mutations=applied.mutations, initial=initial, own=own, whole=whole)
        await self._effects.apply(changes, step)
        await step.commit()
        step.announce()
