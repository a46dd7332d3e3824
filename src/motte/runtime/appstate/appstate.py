"""App-state sync, put together: when collections are fetched, and what becomes of one that cannot be read.

    fetched     at every login once there are keys; when the server says that one changed, or that all may have;
                when the phone shares keys
    parked      a key is missing: the phone is asked for it, and the collection goes on when it comes
    recovering  it does not verify: the phone is asked for its own copy
    failed      that did not help either: told once, tried again at the next login or by `sync`

One sync or push runs at a time: patches build on each other, and so do the versions on the server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence

from motte.core.appstate.collections import Collection
from motte.core.appstate.mutation import Mutation
from motte.core.stanza.notification import CollectionsChanged
from motte.errors import AppStateError, AppStateKeyMissing, Disconnected, MotteError
from motte.events.account import AppStateKeysReceived
from motte.events.appstate import AppStateFailed
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.runtime.appstate.changes import Effects
from motte.runtime.appstate.keyring import Keyring
from motte.runtime.appstate.ledger import Ledger
from motte.runtime.appstate.pull import Puller
from motte.runtime.appstate.push import Pusher
from motte.runtime.appstate.recovery import Recoveries, Response
from motte.runtime.context import Context
from motte.runtime.media.media import Media
from motte.runtime.outbound.peers import PeerMessages
from motte.runtime.step import Step

log = logging.getLogger("motte.appstate")


class AppState:
    """The account's collections."""

    def __init__(self, context: Context, *, effects: Effects, media: Media, peers: PeerMessages) -> None:
        self._context = context
        self._keyring = Keyring(context, peers)
        self._ledger = Ledger(context, effects)
        self._puller = Puller(context, keyring=self._keyring, ledger=self._ledger, media=media)
        self._pusher = Pusher(context, keyring=self._keyring, ledger=self._ledger, pull=self._sync)
        self._recoveries = Recoveries(
            context, keyring=self._keyring, ledger=self._ledger, peers=peers, give_up=self._no_answer
        )
        self._busy = asyncio.Lock()
        self._parked: set[Collection] = set()
        self._failed: dict[Collection, AppStateError] = {}

    async def sync(
        self, collections: Iterable[Collection] | None = None, *, fresh: bool = False
    ) -> Mapping[Collection, MotteError]:
        """Bring collections (all, if None) up to date, or fetch them anew if `fresh`; gives what went wrong, by name.

        Raises:
            Disconnected, RequestTimeout, ServerError, RemoteProtocolError: the request itself failed.
        """
        wanted = tuple(Collection) if collections is None else tuple(collections)
        async with self._busy:
            return await self._sync(wanted, fresh=fresh)

    async def push(self, changes: Sequence[tuple[Collection, Mutation]]) -> None:
        """Set and remove records; returns when the server has them. What belongs to one collection goes together.

        Raises:
            LocalProtocolError: the phone has not shared the keys yet.
            AppStateError: the collection cannot be brought up to date.
            Conflict: other devices change it faster than we can.
            ServerError, Disconnected, RequestTimeout: as with any request.
        """
        by_collection: dict[Collection, list[Mutation]] = {}
        for collection, mutation in changes:
            by_collection.setdefault(collection, []).append(mutation)
        async with self._busy:
            for collection, mutations in by_collection.items():
                if collection in self._failed:
                    raise self._failed[collection]
                await self._pusher.push(collection, mutations)

    # ---- what sets it off ----

    async def welcomed(self) -> None:
        """After a login: see what is new. A phone that has just linked us shares its keys first, unasked."""
        if await self._keyring.any():
            await self.sync()

    def changed(self, notification: CollectionsChanged) -> None:
        """The server says that collections have new versions."""
        self._context.tasks.start(self._catch_up(dict(notification.collections)), "app-state")

    def shared(self, share: Message.AppStateSyncKeyShare, sender: Jid, step: Step) -> None:
        """An own device shares keys: keep them with the message, then go on with what waited for them."""
        gained = self._keyring.take(share, sender, step)
        if gained:
            step.tell(AppStateKeysReceived(count=gained))
        step.then(lambda: self._context.tasks.start(self._resume(), "app-state"))

    def asked(self, request: Message.AppStateSyncKeyRequest, sender: Jid, step: Step) -> None:
        """An own device asks for keys."""
        step.then(lambda: self._context.tasks.start(self._keyring.answer(request, sender), "app-state-keys"))

    def answered(self, response: Response, step: Step) -> None:
        """The phone answers a request for its copy of a collection."""
        step.then(lambda: self._context.tasks.start(self._recovered(response), "app-state"))

    # ---- what it does ----

    async def _catch_up(self, versions: Mapping[str, int | None]) -> None:
        async with self._busy:
            behind = []
            for name, version in versions.items():
                collection = Collection.known(name)
                if collection is None:
                    log.info("the server names a collection %.40r that this version does not know", name)
                elif version is None or version > (await self._ledger.state(collection)).version:
                    behind.append(collection)
            if behind and await self._keyring.any():
                await self._sync(behind)

    async def _resume(self) -> None:
        """Keys came, or word that there are none: fetch what waited, and what was never fetched."""
        async with self._busy:
            waiting = set(self._parked)
            for collection in Collection:
                if not await self._ledger.is_fetched(collection):
                    waiting.add(collection)
            await self._sync(waiting)

    async def _recovered(self, response: Response) -> None:
        async with self._busy:
            outcome = await self._recoveries.take(response)
            for collection, error in outcome.items():
                if error is not None:
                    self._fail(collection, error)
            await self._sync([collection for collection, error in outcome.items() if error is None])

    async def _no_answer(self, collection: Collection) -> None:
        async with self._busy:
            self._fail(collection, AppStateError(collection, "recovery", "the phone does not give its copy"))

    async def _sync(self, collections: Iterable[Collection], *, fresh: bool = False) -> Mapping[Collection, MotteError]:
        wanted: list[Collection] = []
        failed: dict[Collection, MotteError] = {}
        for collection in collections:
            if self._recoveries.is_expected(collection):
                failed[collection] = AppStateError(collection, "recovery", "waits for the phone's copy")
            else:
                wanted.append(collection)
        if not wanted:
            return failed
        failed |= await self._puller.pull(wanted, fresh=fresh)
        for collection in wanted:
            error = failed.get(collection)
            self._parked.discard(collection)
            if error is None:
                self._failed.pop(collection, None)
                self._recoveries.settled(collection)
            elif isinstance(error, AppStateKeyMissing) and not self._keyring.is_lost(error.key_ids):
                await self._park(collection, error)
            elif isinstance(error, AppStateError):
                await self._recover(collection, error)
            else:
                log.warning("%s could not be fetched: %s", collection, error)
        return failed

    async def _park(self, collection: Collection, error: AppStateKeyMissing) -> None:
        self._parked.add(collection)
        log.info("%s; it waits for them", error)
        try:
            await self._keyring.ask(error.key_ids)
        except Disconnected:
            raise
        except MotteError as failure:
            log.warning("the phone could not be asked for app-state keys: %s", failure)

    async def _recover(self, collection: Collection, error: AppStateError) -> None:
        log.warning("%s", error)
        if not self._recoveries.is_possible(collection):
            self._fail(collection, error)
            return
        try:
            await self._recoveries.ask(collection)
        except Disconnected:
            raise
        except MotteError as failure:
            log.warning("the phone could not be asked for %s: %s", collection, failure)
            self._fail(collection, error)

    def _fail(self, collection: Collection, error: MotteError) -> None:
        if not isinstance(error, AppStateError):
            error = AppStateError(collection, "recovery", str(error))
        told = collection in self._failed
        self._failed[collection] = error
        if not told:
            self._context.bus.publish(AppStateFailed(collection=collection, reason=str(error)))
