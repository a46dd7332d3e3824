"""Sending at a pace: a user's own limits, waited for in a queue that is fair to every chat.

Law:
- A limit is a rate with a burst: so many messages at once after a pause, then one each interval. It is kept as the time
  at which the burst will be whole again, one number for all chats together and one for each chat that sent lately.
- Who waits is served chat by chat in turn: a hundred messages for one chat do not hold up the first for another. Within
  a chat the order is that of the calls.
- A wait that is cancelled leaves the queue and uses up nothing.
- After a 429 nothing is sent for a while, twice as long each time until a message is taken again.

It is off unless `Config.pacing` is set, and it makes nobody's account safe: what WhatsApp thinks of a sender depends on
much more than the pace.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final

from motte.core.crypto.rng import Rng
from motte.errors import Disconnected
from motte.model.jid import Jid
from motte.runtime.clock import Clock, Timer

TOO_MANY: Final = 429
MAX_BACK_OFF: Final = 3600.0
"""Seconds of the longest pause after a 429."""
_PRUNE: Final = 1024
"""Chats whose limits are kept before those that are whole again are dropped."""
_CLOSED: Final = "the client closed before the message was sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """How fast messages are sent at most.

    Args:
        per_minute: of all chats together.
        burst: how many of these may follow each other at once after a pause.
        chat_per_minute: to one chat; None: no limit of its own.
        chat_burst: how many of these at once.
        jitter: up to so many seconds are added after each message, by chance.
        back_off: seconds without messages after the server said 429, doubled each time that it says so again.

    Raises:
        ValueError: a rate that is not above 0, or a burst below 1.
    """

    per_minute: float
    burst: int = 1
    chat_per_minute: float | None = None
    chat_burst: int = 1
    jitter: float = 0.0
    back_off: float = 60.0

    def __post_init__(self) -> None:
        rates = (self.per_minute, *(() if self.chat_per_minute is None else (self.chat_per_minute,)))
        if min(rates) <= 0 or min(self.burst, self.chat_burst) < 1 or min(self.jitter, self.back_off) < 0:
            raise ValueError("a pace has rates above 0, bursts from 1 and no negative times")


class _Limit:
    """A rate with a burst."""

    __slots__ = ("_interval", "_slack", "_whole_at")

    def __init__(self, per_minute: float, burst: int) -> None:
        self._interval = 60 / per_minute
        self._slack = (burst - 1) * self._interval
        self._whole_at = 0.0

    def ready_at(self) -> float:
        return self._whole_at - self._slack

    def take(self, now: float) -> None:
        self._whole_at = max(self._whole_at, now) + self._interval

    def is_whole(self, now: float) -> bool:
        return self._whole_at <= now


class Pacer:
    """The queue of one account."""

    def __init__(self, pacing: Pacing | None, *, clock: Clock, rng: Rng) -> None:
        self._pacing, self._clock, self._rng = pacing, clock, rng
        self._all = _Limit(pacing.per_minute, pacing.burst) if pacing is not None else None
        self._chats: dict[Jid, _Limit] = {}
        self._waiting: OrderedDict[Jid, deque[asyncio.Future[None]]] = OrderedDict()
        self._paused_until = 0.0
        self._refusals = 0
        self._timer: Timer | None = None
        self._closed = False

    async def turn(self, chat: Jid) -> None:
        """Return when it is this message's turn. Raises `Disconnected` when the client is closed first."""
        if self._pacing is None:
            return
        if self._closed:
            raise Disconnected(_CLOSED)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(chat, deque()).append(turn)
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            self._leave(chat, turn)
            raise

    def taken(self) -> None:
        """The server took a message."""
        self._refusals = 0

    def refused(self, code: int) -> None:
        """The server refused a message with this code."""
        if self._pacing is None or code != TOO_MANY:
            return
        pause = min(self._pacing.back_off * 2.0**self._refusals, MAX_BACK_OFF)
        self._refusals = min(self._refusals + 1, 32)
        self._paused_until = max(self._paused_until, self._clock.monotonic() + pause)

    def close(self) -> None:
        """Nobody's turn comes any more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for queue in self._waiting.values():
            for turn in queue:
                if not turn.done():
                    turn.set_exception(Disconnected(_CLOSED))
        self._waiting.clear()

    def _serve(self) -> None:
        """Let go whoever's turn it is, and come back when it is the next one's."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock.monotonic()
        while self._waiting:
            at, chat = self._next(now)
            if at > now:
                self._timer = self._clock.call_at(at, self._serve)
                return
            self._let_go(chat, now)

    def _next(self, now: float) -> tuple[float, Jid]:
        """When the next message may go, and to which chat; of those that may go now, to the one whose turn it is."""
        assert self._all is not None
        earliest = max(self._all.ready_at(), self._paused_until)
        best: tuple[float, Jid] | None = None
        for chat in self._waiting:
            limit = self._chats.get(chat)
            at = max(earliest, now, limit.ready_at() if limit is not None else 0.0)
            if best is None or at < best[0]:
                best = at, chat
            if at <= now:
                break
        assert best is not None
        return best

    def _let_go(self, chat: Jid, now: float) -> None:
        assert self._all is not None and self._pacing is not None
        queue = self._waiting[chat]
        turn = queue.popleft()
        self._waiting.move_to_end(chat)
        if not queue:
            del self._waiting[chat]
        if turn.done():
            return  # cancelled just now
        turn.set_result(None)
        self._all.take(now)
        if self._pacing.chat_per_minute is not None:
            self._limit_of(chat, self._pacing.chat_per_minute, now).take(now)
        if self._pacing.jitter:
            share = int.from_bytes(self._rng(4), "big") / 2**32
            self._paused_until = max(self._paused_until, self._all.ready_at(), now) + share * self._pacing.jitter

    def _limit_of(self, chat: Jid, per_minute: float, now: float) -> _Limit:
        assert self._pacing is not None
        limit = self._chats.get(chat)
        if limit is None:
            if len(self._chats) >= _PRUNE:
                self._chats = {known: one for known, one in self._chats.items() if not one.is_whole(now)}
            limit = self._chats[chat] = _Limit(per_minute, self._pacing.chat_burst)
        return limit

    def _leave(self, chat: Jid, turn: asyncio.Future[None]) -> None:
        queue = self._waiting.get(chat)
        if queue is not None and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._waiting[chat]
            self._serve()
