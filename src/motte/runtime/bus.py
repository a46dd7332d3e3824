"""The event bus: handlers run off the receive path, isolated from it and from each other.

Law:
- `publish` never waits and never raises; it is called from the receive path.
- Each subscription has its own lanes, one per event key (the chat, for most events). Events of one lane are handled one
  after the other, so a chat stays in order; lanes run side by side, so a slow chat delays no other.
- A handler that raises goes to the error handler and the log; one that hangs holds up its own lane alone.
- A handler may await any client call: nothing of the engine waits for a handler, and `close` waits for all but the one
  that calls it. What that one is handling counts as handled: afterwards nobody could keep a note of it.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from motte.errors import Disconnected
from motte.events.base import Event

log = logging.getLogger("motte.events")

E = TypeVar("E", bound=Event)
Handler = Callable[[Any], Awaitable[None] | None]
ErrorHandler = Callable[[Event, Exception], Awaitable[None] | None]

LANE_WARNING: Final = 1_000
"""Events that wait in one lane before the log says that a handler does not keep up."""
CANCEL_GRACE: Final = 1.0
"""Seconds that a handler may take to clean up when it is cancelled."""


class _Lane:
    """A lane at work: its task, and what to call when the event in hand is handled."""

    def __init__(self, task: asyncio.Task[None] | None) -> None:
        self.task = task
        self.done: Callable[[], None] | None = None

    def finish(self) -> None:
        """The event in hand is handled; once."""
        done, self.done = self.done, None
        if done is not None:
            done()


_own_lane: ContextVar[_Lane | None] = ContextVar("motte_own_lane", default=None)
"""The lane in whose handler this code runs, also in tasks that the handler started."""


class Subscription:
    """One handler of one event class. `cancel()` ends it; events already waiting are dropped."""

    def __init__(self, bus: Bus, kind: type[Event], handler: Handler) -> None:
        self._bus, self.kind, self.handler = bus, kind, handler
        self._lanes: dict[Hashable, deque[tuple[Event, Callable[[], None]]]] = {}

    def cancel(self) -> None:
        """Take the handler off the bus. The event being handled runs to its end."""
        self._bus.remove(self)
        for lane in self._lanes.values():
            while lane:
                lane.popleft()[1]()

    def deliver(self, event: Event, done: Callable[[], None]) -> None:
        """Queue `event`; `done` is called once, when it has been handled or its handler was taken off."""
        lane = self._lanes.get(event.lane)
        if lane is not None:
            lane.append((event, done))
            if len(lane) == LANE_WARNING:
                log.warning("%d %s events wait for %s", len(lane), self.kind.__name__, _name(self.handler))
            return
        self._lanes[event.lane] = deque([(event, done)])
        self._bus.run(self._work(event.lane), name=f"motte-{_name(self.handler)}")

    async def _work(self, key: Hashable) -> None:
        own, lane = _Lane(asyncio.current_task()), self._lanes[key]
        _own_lane.set(own)
        try:
            while lane:
                event, own.done = lane.popleft()
                await self._bus.guard(self.handler, event)
                own.finish()
        finally:
            del self._lanes[key]

    def forget(self) -> None:
        """Drop what waits as if it had never come; nobody is told that it was handled."""
        for lane in self._lanes.values():
            lane.clear()


class Bus:
    """Publishes events to subscriptions and to waiters. Subscriptions stay when it is closed, and work again after."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._waiters: list[tuple[type[Event], Callable[[Any], bool], asyncio.Future[Any]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_error: ErrorHandler | None = None

    def subscribe(self, kind: type[Event], handler: Handler) -> Subscription:
        """Call `handler` with each event of class `kind` (subclasses too) from now on."""
        subscription = Subscription(self, kind, handler)
        self._subscriptions.append(subscription)
        return subscription

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription; no error if it is gone already."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def publish(self, event: Event, on_handled: Callable[[], None] | None = None) -> None:
        """Hand `event` to everybody who wants it.

        `on_handled` is called once, when every handler has finished with it (also when one failed).
        """
        for waiter in [w for w in self._waiters if isinstance(event, w[0])]:
            self._try_waiter(waiter, event)
        wanted = [s for s in self._subscriptions if isinstance(event, s.kind)]
        remaining = len(wanted)

        def one_done() -> None:
            nonlocal remaining
            remaining -= 1
            if remaining == 0 and on_handled is not None:
                on_handled()

        for subscription in wanted:
            subscription.deliver(event, one_done)
        if not wanted and on_handled is not None:
            on_handled()

    def expect(self, kind: type[E], check: Callable[[E], bool] | None = None) -> asyncio.Future[E]:
        """A future of the first event of class `kind`, published from now on, that `check` accepts.

        It raises `Disconnected` when the bus is closed first, and what `check` raises.
        """
        future: asyncio.Future[E] = asyncio.get_running_loop().create_future()
        waiter = (kind, check if check is not None else (lambda _: True), future)
        self._waiters.append(waiter)
        future.add_done_callback(lambda _: self._waiters.remove(waiter))
        return future

    def run(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run a lane."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def guard(self, handler: Handler, event: Event) -> None:
        """Run one handler; what it raises goes to the error handler and the log."""
        try:
            result = handler(event)
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            log.exception("the handler %s failed on a %s", _name(handler), type(event).__name__)
            await self._report(event, error)
        except asyncio.CancelledError:
            lane = asyncio.current_task()
            if lane is not None and lane.cancelling():
                raise
            # Something that the handler waited for was cancelled, not the handler: no reason to end its lane.
            log.exception("the handler %s failed on a %s", _name(handler), type(event).__name__)

    async def _report(self, event: Event, error: Exception) -> None:
        if self.on_error is None:
            return
        try:
            result = self.on_error(event, error)
            if inspect.isawaitable(result):
                await result
        except Exception:
            log.exception("the error handler failed too")

    async def close(self, grace: float) -> None:
        """Give handlers `grace` seconds to finish, then cancel the rest, and end what `expect` gave.

        A handler that calls this, itself or through a task that it started, goes on; nothing that waits behind it is
        handled any more.
        """
        if (own := _own_lane.get()) is not None:
            own.finish()
        await self._drain(grace)
        for subscription in self._subscriptions:
            subscription.forget()
        late = self._busy()
        for task in late:
            log.warning("%s did not finish in time and is cancelled", task.get_name())
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CANCEL_GRACE)
        for _, _, future in list(self._waiters):
            if not future.done():
                future.set_exception(Disconnected("the client closed before the event came"))
                future.exception()  # nobody may be waiting any more, and that is fine

    async def _drain(self, grace: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace
        while (busy := self._busy()) and (left := deadline - loop.time()) > 0:
            await asyncio.wait(busy, timeout=left)

    def _busy(self) -> set[asyncio.Task[None]]:
        own = _own_lane.get()
        return {task for task in self._tasks if own is None or task is not own.task}

    @staticmethod
    def _try_waiter(waiter: tuple[type[Event], Callable[[Any], bool], asyncio.Future[Any]], event: Event) -> None:
        _, check, future = waiter
        if future.done():
            return
        try:
            if check(event):
                future.set_result(event)
        except Exception as error:
            future.set_exception(error)


def _name(handler: Handler) -> str:
    return getattr(handler, "__qualname__", repr(handler))
