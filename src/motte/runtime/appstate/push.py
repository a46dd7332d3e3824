"""Changing collections: a patch on the newest version that we know, and a new one when another device was faster."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from motte.core.appstate import patch as patches
from motte.core.appstate.collections import Collection
from motte.core.appstate.keys import MutationKeys
from motte.core.appstate.mutation import Mutation
from motte.core.appstate.records import written
from motte.core.stanza.appstate import CollectionRequest, SyncCollections
from motte.errors import AppStateError, Conflict, LocalProtocolError, MotteError
from motte.runtime.appstate.keyring import Keyring
from motte.runtime.appstate.ledger import Ledger
from motte.runtime.context import Context

log = logging.getLogger("motte.appstate")

MAX_CONFLICTS: Final = 5
"""How often a patch is made anew before `Conflict` is raised."""
MAX_MUTATIONS: Final = 500
"""Mutations of one patch; more become several patches."""


Pull: TypeAlias = Callable[[Iterable[Collection]], Awaitable[Mapping[Collection, MotteError]]]
"""Brings collections up to date, and gives what went wrong."""


class Pusher:
    """Makes patches and hands them in. One at a time, and never beside a pull."""

    def __init__(self, context: Context, *, keyring: Keyring, ledger: Ledger, pull: Pull) -> None:
        self._context, self._keyring, self._ledger, self._pull = context, keyring, ledger, pull

    async def push(self, collection: Collection, mutations: Sequence[Mutation]) -> None:
        """Set or remove records of one collection.

        Raises:
            LocalProtocolError: the phone has not shared a key yet.
            Conflict: others were faster, time and again.
            AppStateError: the collection cannot be brought up to date.
            ServerError, Disconnected, RequestTimeout: as with any request.
        """
        keys = await self._keyring.all()
        if not keys:
            raise LocalProtocolError("the phone has not shared the keys of the account's state yet")
        if not await self._ledger.is_fetched(collection):
            await self._catch_up(collection)
        for start in range(0, len(mutations), MAX_MUTATIONS):
            await self._push(collection, mutations[start : start + MAX_MUTATIONS], keys)

    async def _push(self, collection: Collection, mutations: Sequence[Mutation], keys: Sequence[MutationKeys]) -> None:
        for _ in range(MAX_CONFLICTS):
            if await self._attempt(collection, mutations, keys):
                return
            log.info("%s: another device was faster; trying again on its version", collection)
            await self._catch_up(collection)
        raise Conflict(Conflict.CODE or 0, f"{collection} was changed by others again and again")

    async def _attempt(
        self, collection: Collection, mutations: Sequence[Mutation], keys: Sequence[MutationKeys]
    ) -> bool:
        """Hand in the patch; False when it is not on the server's newest version."""
        state = await self._ledger.state(collection)
        macs = {key.mac_of_index(written(mutation.index)): (mutation, key) for mutation in mutations for key in keys}
        known = await self._ledger.known(collection, macs)
        replaced = [macs[mac] for mac in known if macs[mac][1] is not keys[0]]
        data, applied = patches.build(
            collection, mutations, state, known, key=keys[0], rng=self._context.rng, replaced=replaced
        )
        request = CollectionRequest(name=collection, version=state.version, patch=data)
        answer = (await self._context.wire.request(SyncCollections((request,)))).get(collection)
        if answer is None:
            raise AppStateError(collection, "server", "the server does not answer for it")
        if isinstance(answer.error, Conflict):
            return False
        if answer.error is not None:
            raise answer.error
        await self._ledger.keep(collection, applied, own=True)
        return True

    async def _catch_up(self, collection: Collection) -> None:
        failed = await self._pull([collection])
        if collection in failed:
            raise failed[collection]
