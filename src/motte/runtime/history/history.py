"""History sync: the phone announces chunks, which are fetched, read and handed out one after the other.

    announced   the notice is kept with its message; a chunk that came before is passed over
    fetched     from the notice or the media servers; what cannot be had for now is tried again, last at the next login
    read        in a thread, within limits; what cannot be read is told of and given up
    handed out  part by part: what is kept of a part is committed, then it is told, and the next waits for the handlers

    pending ──▶ part 1 ──▶ part 2 ──▶ … ──▶ done            a crash goes on with the part that was not handled

What `fetch` asked for goes another way (`demand`): whoever awaits it may be the handler that the next part waits for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from motte.core.history import reading
from motte.core.history.chunk import Chunk, kind_of
from motte.errors import Disconnected, HistoryError, MediaError, MediaUnavailable, MotteError, StoreError
from motte.events.account import HistoryAnnounced
from motte.events.base import Event
from motte.events.history import HistoryAccess, HistoryDone, HistoryFailed, HistoryReceived
from motte.events.message import Actions
from motte.model.history import HistoryKind
from motte.runtime.clock import Timer
from motte.runtime.context import Context
from motte.runtime.history import chunks
from motte.runtime.history.chunks import Notice
from motte.runtime.history.demand import Demands
from motte.runtime.history.intake import Intake
from motte.runtime.history.telling import received
from motte.runtime.media.media import Media
from motte.runtime.step import Step
from motte.store.repo.history import Announced

log = logging.getLogger("motte.history")

DELAYS: Final = (1.0, 5.0, 20.0)
"""Seconds before a file that could not be had is tried again; after the last it waits for the next login."""
COMPLETE: Final = 100
_FOR_GOOD: Final = (HistoryError, MediaError, MediaUnavailable)
_FINISHING: Final = frozenset({HistoryKind.RECENT, HistoryKind.FULL})
"""Kinds whose last chunk says that it is the last."""


class History:
    """The history of one account."""

    def __init__(self, context: Context, *, media: Media, intake: Intake, demands: Demands, actions: Actions | None):
        self._context, self._media, self._intake, self._demands = context, media, intake, demands
        self._options, self._actions = context.config.history, actions
        self._pending: dict[int, Announced] = {}
        self._digests: dict[int, bytes] = {}
        self._next = 0
        self._working = False
        self._silence: Timer | None = None

    async def load(self) -> None:
        """Read what an earlier run left behind. Call once, before anything else."""
        self._pending = await self._context.store.history.pending()
        self._digests = {number: chunks.digest(_notice(one)) for number, one in self._pending.items()}
        self._next = max(self._pending, default=0) + 1

    def close(self) -> None:
        """Tell nobody anything more."""
        self._heard()

    # ---- what sets it off ----

    async def announced(self, notice: Notice, step: Step) -> None:
        """The phone has something; the caller has checked that it was the phone."""
        kind = kind_of(notice)
        progress = notice.progress if notice.HasField("progress") else None
        step.tell(HistoryAnnounced(kind=kind, progress=progress, notification=notice.SerializeToString()))
        if kind == HistoryKind.NO_HISTORY:
            step.tell(HistoryDone(kind=kind, complete=True))
        elif notice.HasField("messageAccessStatus"):
            step.tell(HistoryAccess(complete=notice.messageAccessStatus.completeAccessGranted))
        elif chunks.has_chunk(notice) and self._options.enabled:
            await self._queue(notice, step)

    async def _queue(self, notice: Notice, step: Step) -> None:
        if self._demands.is_awaited(notice):
            step.then(lambda: self._context.tasks.start(self._demands.answered(notice), "history"))
            return
        digest = chunks.digest(notice)
        if digest in self._digests.values() or await self._context.store.history.is_known(digest):
            log.info("a chunk of history came twice")
            return
        number, self._next = self._next, self._next + 1
        announced = Announced(notification=notice.SerializeToString())
        self._context.store.history.put(step.batch, number, announced)

        def go_on() -> None:
            self._pending[number], self._digests[number] = announced, digest
            self.resume()

        step.then(go_on)

    def resume(self) -> None:
        """Go on with what waits; at every login, too."""
        if self._pending and not self._working and self._options.enabled:
            self._working = True
            self._context.tasks.start(self._work(), "history")

    # ---- one chunk after the other ----

    async def _work(self) -> None:
        tried: set[int] = set()
        try:
            while waiting := sorted(self._pending.keys() - tried):
                tried.add(waiting[0])
                await self._one(waiting[0])
        finally:
            self._working = False

    async def _one(self, number: int) -> None:
        notice = _notice(self._pending[number])
        try:
            chunk = await self._fetched(notice)
        except (Disconnected, StoreError):
            raise  # the next login goes on
        except _FOR_GOOD as error:
            await self._given_up(number, notice, error)
        except MotteError as error:
            self._context.bus.publish(_failure(notice, error, final=False))
        else:
            await self._hand_out(number, notice, chunk)

    async def _fetched(self, notice: Notice) -> Chunk:
        for delay in DELAYS:
            try:
                return await chunks.fetch(notice, self._media)
            except (Disconnected, *_FOR_GOOD):
                raise
            except MotteError as error:
                log.info("a chunk of history could not be fetched, once more in %.0f s: %s", delay, error)
                await self._context.clock.sleep(delay)
        return await chunks.fetch(notice, self._media)

    async def _given_up(self, number: int, notice: Notice, error: MotteError) -> None:
        log.warning("a chunk of history is lost: %s", error)
        step = Step(self._context.store, self._context.bus)
        step.tell(_failure(notice, error, final=True))
        await self._settle(number, notice, step)

    async def _settle(self, number: int, notice: Notice, step: Step) -> None:
        store = self._context.store
        store.history.delete(step.batch, number)
        await store.history.remember(step.batch, chunks.digest(notice))
        await step.commit()
        del self._pending[number], self._digests[number]
        step.announce()

    async def _hand_out(self, number: int, notice: Notice, chunk: Chunk) -> None:
        context = self._context
        pairs = await self._intake.begin(chunk)
        for place, part in enumerate(reading.parts(chunk, context.account.me)):
            if place < self._pending[number].parts:
                continue  # handled before a crash
            step = Step(context.store, context.bus)
            # Whoever comes here has handled the parts before.
            self._pending[number] = replace(self._pending[number], parts=place)
            context.store.history.put(step.batch, number, self._pending[number])
            await self._intake.take(chunk, part, step.batch)
            event = received(
                chunk, part, pairs if place == 0 else (), context.account.me, self._actions, first=place == 0
            )
            told = _Handled()
            for one in self._told(event):
                step.tell(one, told.awaited())
            await step.commit()
            step.announce()
            await told.all()
        step = Step(context.store, context.bus)
        self._progressed(chunk, step)
        await self._settle(number, notice, step)

    def _told(self, event: HistoryReceived) -> Iterable[Event]:
        yield event
        if self._options.messages_as_events:
            yield from event.messages

    # ---- how far it is ----

    def _progressed(self, chunk: Chunk, step: Step) -> None:
        """Say when it was all; if the phone falls silent before, say that."""
        kind, context = chunk.kind, self._context
        self._heard()
        if kind in _FINISHING and (chunk.progress or 0) >= COMPLETE:
            step.tell(HistoryDone(kind=kind, complete=True))
        elif kind in _FINISHING or kind == HistoryKind.INITIAL_BOOTSTRAP:
            clock = context.clock
            self._silence = clock.call_at(clock.monotonic() + self._options.patience, lambda: self._silent(kind))

    def _heard(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _silent(self, kind: str) -> None:
        self._silence = None
        if not self._pending:
            self._context.bus.publish(HistoryDone(kind=kind, complete=False))


class _Handled:
    """Waits until some events were handled."""

    def __init__(self) -> None:
        self._left, self._done = 0, asyncio.Event()

    def awaited(self) -> _Handled:
        """One event more; what is given is to be called when it was handled."""
        self._left += 1
        return self

    def __call__(self) -> None:
        self._left -= 1
        if not self._left:
            self._done.set()

    async def all(self) -> None:
        await self._done.wait()


def _notice(announced: Announced) -> Notice:
    return Notice.FromString(announced.notification)


def _failure(notice: Notice, error: MotteError, *, final: bool) -> HistoryFailed:
    return HistoryFailed(kind=kind_of(notice), order=notice.chunkOrder, reason=str(error), final=final)
