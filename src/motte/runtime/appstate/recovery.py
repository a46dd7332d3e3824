"""The last step of the ladder: the phone is asked for its own copy of a collection that does not verify.

    patches → snapshot → the phone's copy → failed, which is told, and stays so until a later sync succeeds

The protocol has one step more, the "fatal exception notification". It makes the phone log out all companions and begin
anew, which nobody but the user should decide on; it is not sent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from motte.core.appstate.collections import Collection
from motte.core.appstate.snapshot import Recovery, recover
from motte.errors import AppStateError, MotteError
from motte.proto.e2e_pb2 import Message
from motte.runtime.appstate.keyring import Keyring
from motte.runtime.appstate.ledger import Ledger
from motte.runtime.clock import Timer
from motte.runtime.context import Context
from motte.runtime.outbound.peers import PeerMessages

log = logging.getLogger("motte.appstate")

PATIENCE: Final = 60.0
"""Seconds that the phone has for its answer."""
Response = Message.PeerDataOperationRequestResponseMessage
GiveUp = Callable[[Collection], Coroutine[Any, Any, object]]


class Recoveries:
    """Collections for which the phone was asked: each once, until a sync of it succeeds again."""

    def __init__(
        self, context: Context, *, keyring: Keyring, ledger: Ledger, peers: PeerMessages, give_up: GiveUp
    ) -> None:
        self._context, self._keyring, self._ledger, self._peers = context, keyring, ledger, peers
        self._give_up = give_up
        self._waiting: dict[Collection, Timer] = {}
        self._tried: set[Collection] = set()

    def is_possible(self, collection: Collection) -> bool:
        """Whether the phone was not asked yet."""
        return collection not in self._tried

    def is_expected(self, collection: Collection) -> bool:
        """Whether its copy may still come."""
        return collection in self._waiting

    def settled(self, collection: Collection) -> None:
        """The collection is in order."""
        self._tried.discard(collection)
        self._stop(collection)

    async def ask(self, collection: Collection) -> None:
        """Ask the phone for its copy. Raises like `PeerMessages.send`."""
        clock = self._context.clock
        request = Message()
        request.protocolMessage.type = Message.ProtocolMessage.PEER_DATA_OPERATION_REQUEST_MESSAGE
        operation = request.protocolMessage.peerDataOperationRequestMessage
        operation.peerDataOperationRequestType = Message.COMPANION_SYNCD_SNAPSHOT_FATAL_RECOVERY
        operation.syncdCollectionFatalRecoveryRequest.collectionName = collection
        operation.syncdCollectionFatalRecoveryRequest.timestamp = int(clock.now())
        self._waiting[collection] = clock.call_at(clock.monotonic() + PATIENCE, lambda: self._late(collection))
        try:
            await self._peers.send(request)
        except BaseException:
            self._stop(collection)
            raise
        self._tried.add(collection)
        log.warning("%s: asked the phone for its copy", collection)

    async def take(self, response: Response) -> dict[Collection, MotteError | None]:
        """Keep the copies that were asked for; gives the collections concerned, and what is wrong with a copy."""
        outcome: dict[Collection, MotteError | None] = {}
        for result in response.peerDataOperationResult:
            if not result.HasField("syncdSnapshotFatalRecoveryResponse"):
                continue
            answer = result.syncdSnapshotFatalRecoveryResponse
            try:
                copy = Recovery.parse(answer.collectionSnapshot, compressed=answer.isCompressed)
            except AppStateError as error:
                log.warning("a copy from the phone cannot be used: %s", error)
                outcome |= dict.fromkeys(self._waiting, error) if len(self._waiting) == 1 else {}
                continue
            collection = Collection.known(copy.collection)
            if collection is None or not self.is_expected(collection):
                log.warning("the phone sent a copy of %.40r, for which nobody asked", copy.collection)
                continue
            self._stop(collection)
            outcome[collection] = await self._keep(collection, copy)
        for collection in outcome:
            self._stop(collection)
        return outcome

    async def _keep(self, collection: Collection, copy: Recovery) -> MotteError | None:
        if copy.version < (await self._ledger.state(collection)).version:
            return AppStateError(collection, "version", "the phone's copy is older than ours")
        keys = await self._keyring.of(copy.key_ids())
        try:
            applied = await asyncio.to_thread(recover, copy, keys)
        except AppStateError as error:
            return error
        await self._ledger.keep(collection, applied, whole=True, initial=True)
        return None

    def _late(self, collection: Collection) -> None:
        if self._waiting.pop(collection, None) is not None:
            self._context.tasks.start(self._give_up(collection), "app-state")

    def _stop(self, collection: Collection) -> None:
        timer = self._waiting.pop(collection, None)
        if timer is not None:
            timer.cancel()
