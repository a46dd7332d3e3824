"""One step of the engine: what it changes, and what it tells once the change is kept."""

from __future__ import annotations

from collections.abc import Callable

from motte.events.base import Event
from motte.runtime.bus import Bus
from motte.store.batch import Batch
from motte.store.store import Store


class Step:
    """A batch and the events that follow its commit. Nothing is told that was not kept."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store, self._bus = store, bus
        self._events: list[tuple[Event, Callable[[], None] | None]] = []
        self._next: list[Callable[[], object]] = []
        self.batch: Batch = store.batch()

    def tell(self, event: Event, on_handled: Callable[[], None] | None = None) -> None:
        """Publish `event` after the commit; see `Bus.publish`."""
        self._events.append((event, on_handled))

    def then(self, go_on: Callable[[], object]) -> None:
        """Call `go_on` after the commit, when the events are published."""
        self._next.append(go_on)

    async def commit(self) -> None:
        """Keep the changes, all or none. Call `announce` next, when everything that depends on them is done."""
        if self.batch:
            await self._store.commit(self.batch)

    def announce(self) -> None:
        """Publish the events, then go on with what follows on them."""
        events, self._events = self._events, []
        for event, on_handled in events:
            self._bus.publish(event, on_handled)
        following, self._next = self._next, []
        for go_on in following:
            go_on()
