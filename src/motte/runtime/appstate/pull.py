"""Fetching collections: page after page, each patch verified and kept before the next.

What a collection may go through in one pull:

    patches     what followed on the version that we have
    snapshot    everything: the first time, when asked for, and when the patches do not verify
    error       the snapshot does not verify either, or a key is missing

What is kept stays until something that verifies takes its place: a broken snapshot erases nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from motte.core.appstate import patch as patches
from motte.core.appstate import snapshot as snapshots
from motte.core.appstate.collections import Collection
from motte.core.appstate.patch import Patch
from motte.core.appstate.snapshot import Snapshot
from motte.core.appstate.state import Applied, CollectionState
from motte.core.media.kinds import MediaKind
from motte.core.stanza.appstate import CollectionAnswer, CollectionRequest, SyncCollections
from motte.errors import AppStateError, AppStateKeyMissing, MediaError, MediaUnavailable, MotteError, ServerError
from motte.events.appstate import AppStateSynced
from motte.model.content.media import RemoteFile
from motte.proto.app_state_pb2 import ExternalBlobReference
from motte.runtime.appstate.keyring import Keyring
from motte.runtime.appstate.ledger import Ledger
from motte.runtime.context import Context
from motte.runtime.media.media import Media

log = logging.getLogger("motte.appstate")

MAX_BLOB: Final = 64 * 1024 * 1024
"""Bytes of a snapshot, or of the records of one patch, on the media servers."""
MAX_ROUNDS: Final = 1_000
"""Pages of one pull."""
IN_LINE: Final = 256
"""Records that are verified at once; more are in a thread, so that the connection stays alive meanwhile."""
_TRANSIENT: Final = 500


@dataclass(slots=True)
class _Course:
    """A collection on its way. Changes from page to page.

    `whole`: all of it is asked for next. `asked`: it was asked for in this pull. `initial`: what comes is old news.
    """

    collection: Collection
    state: CollectionState
    initial: bool
    whole: bool
    asked: bool = field(init=False)

    def __post_init__(self) -> None:
        self.asked = self.whole

    def restart(self) -> None:
        """The patches are no good: ask for the snapshot."""
        self.whole = self.asked = self.initial = True

    @property
    def request(self) -> CollectionRequest:
        """What to ask next."""
        version = 0 if self.whole else self.state.version
        return CollectionRequest(name=self.collection, version=version, snapshot=self.whole)


class Puller:
    """Brings collections up to date. One pull at a time."""

    def __init__(self, context: Context, *, keyring: Keyring, ledger: Ledger, media: Media) -> None:
        self._context, self._keyring, self._ledger, self._media = context, keyring, ledger, media

    async def pull(self, collections: Iterable[Collection], *, fresh: bool = False) -> dict[Collection, MotteError]:
        """Fetch what is new of these, or all of it if `fresh`; gives what went wrong, by collection.

        Raises:
            Disconnected, RequestTimeout, ServerError, RemoteProtocolError: the request itself failed.
        """
        courses = {}
        for collection in sorted(collections, key=list(Collection).index):
            state = await self._ledger.state(collection)
            initial = fresh or not await self._ledger.is_fetched(collection)
            courses[collection] = _Course(collection, state, initial, whole=fresh or not state.version)
        failed: dict[Collection, MotteError] = {}
        for _ in range(MAX_ROUNDS):
            if not courses:
                return failed
            request = SyncCollections(tuple(course.request for course in courses.values()))
            answers = await self._context.wire.request(request)
            for collection, course in list(courses.items()):
                try:
                    done = await self._attempt(course, answers.get(collection))
                except MotteError as error:
                    failed[collection], done = error, True
                if done:
                    del courses[collection]
        return failed | {one: AppStateError(one, "server", "the server has no end of patches") for one in courses}

    async def _attempt(self, course: _Course, answer: CollectionAnswer | None) -> bool:
        """Take a page; True when it was the last. What does not verify is fetched again as a snapshot, once."""
        try:
            return await self._take(course, answer)
        except AppStateError as error:
            waits = isinstance(error, AppStateKeyMissing) and not self._keyring.is_lost(error.key_ids)
            if course.asked or waits:
                raise
            log.warning("%s; fetching a snapshot", error)
            course.restart()
            return False

    async def _take(self, course: _Course, answer: CollectionAnswer | None) -> bool:
        name = course.collection
        if answer is None:
            raise AppStateError(name, "server", "the server does not answer for it")
        if answer.error is not None:
            raise _refusal(name, answer.error)
        before = course.state
        if answer.snapshot is not None:
            await self._snapshot(course, answer.snapshot)
        elif course.whole and answer.patches:
            # A young collection has no snapshot; its patches begin with the first.
            course.state = CollectionState()
        elif course.whole and course.state.version:
            raise AppStateError(name, "server", "the server has nothing of it any more")
        for data in answer.patches:
            await self._patch(course, Patch.parse(name, data))
        course.whole = False
        if not answer.more:
            if course.initial and not course.state.version:
                await self._ledger.begin(name)
            synced = AppStateSynced(collection=name, version=course.state.version, initial=course.initial)
            self._context.bus.publish(synced)
            return True
        if course.state == before:
            raise AppStateError(name, "server", "the server says that there is more, and gives nothing")
        return False

    async def _snapshot(self, course: _Course, blob: ExternalBlobReference) -> None:
        name = course.collection
        snapshot = Snapshot.parse(name, await self._download(name, blob))
        keys = await self._keyring.of(snapshot.key_ids())
        applied = await _worked_out(len(snapshot.records), lambda: snapshots.apply(snapshot, keys))
        # Whether it was asked for or not: it says everything, so most of it is old news.
        course.initial = True
        await self._keep(course, applied, whole=True)

    async def _patch(self, course: _Course, patch: Patch) -> None:
        name, state = course.collection, course.state
        if patch.version is not None and patch.version <= state.version:
            return
        if patch.blob is not None:
            patch = patch.with_records(await self._download(name, patch.blob))
        keys = await self._keyring.of(patch.key_ids())
        known = await self._ledger.known(name, patch.index_macs) if state.version else {}
        applied = await _worked_out(len(patch.records), lambda: patches.apply(patch, state, known, keys))
        await self._keep(course, applied, whole=state.version == 0)

    async def _keep(self, course: _Course, applied: Applied, *, whole: bool) -> None:
        await self._ledger.keep(course.collection, applied, whole=whole, initial=course.initial)
        course.state, course.whole = applied.state, False

    async def _download(self, name: Collection, blob: ExternalBlobReference) -> bytes:
        file = RemoteFile(
            direct_path=blob.directPath,
            media_key=blob.mediaKey,
            file_sha256=blob.fileSha256,
            enc_sha256=blob.fileEncSha256 or None,
            size=blob.fileSizeBytes,
            mime_type="",
        )
        try:
            return await self._media.fetch(file, MediaKind.APP_STATE, limit=MAX_BLOB)
        except (MediaError, MediaUnavailable) as error:
            raise AppStateError(name, "blob", f"its records cannot be downloaded: {error}") from error


async def _worked_out(records: int, work: Callable[[], Applied]) -> Applied:
    return work() if records <= IN_LINE else await asyncio.to_thread(work)


def _refusal(name: Collection, error: ServerError) -> MotteError:
    """The server may be unable at the moment; what it refuses for good is like a collection that does not verify."""
    if error.code >= _TRANSIENT or not error.code:
        return error
    refused = AppStateError(name, "server", str(error))
    refused.__cause__ = error
    return refused
