"""Requests that wait for their answer: by id, with a deadline, and with an end when the connection ends.

id = requests.add(waiter, deadline=now + 60)      waiter: anything like a future
requests.receive(node)                            True when this was the answer somebody waited for
requests.handle_timer(now)                        late ones fail with RequestTimeout; the connection goes on
requests.close(info)                              all that still wait fail with Disconnected, at once
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final, Protocol

from motte.core.binary.node import Node
from motte.core.crypto.rng import Rng
from motte.errors import Disconnected, MotteError, RequestTimeout
from motte.model.disconnect import DisconnectInfo

_ANSWERS: Final = frozenset({"result", "error"})


class Waiter(Protocol):
    """What waits: `asyncio.Future[Node]` fits."""

    def done(self) -> bool:
        """Whether it has its answer, or was cancelled."""
        ...

    def set_result(self, node: Node, /) -> None:
        """Here is the answer, good or bad."""
        ...

    def set_exception(self, error: MotteError, /) -> None:
        """There will be none."""
        ...


class IdSequence:
    """Stanza ids of one connection: `<u16>.<u16>-<n>`, random in front, counted behind."""

    def __init__(self, rng: Rng) -> None:
        seed = rng(4)
        self._prefix = f"{int.from_bytes(seed[:2], 'big')}.{int.from_bytes(seed[2:], 'big')}-"
        self._numbers = count(1)

    def next(self) -> str:
        """A fresh id."""
        return f"{self._prefix}{next(self._numbers)}"


class Requests:
    """The requests of one connection that are not answered yet."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], Waiter] = {}
        self._deadlines: list[tuple[float, tuple[str, str]]] = []
        self._closed: DisconnectInfo | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, waiter: Waiter, stanza_id: str, *, deadline: float, tag: str = "iq") -> None:
        """Let `waiter` have the stanza `<tag id=…>` that answers; `tag` is `ack` for a message.

        Raises:
            Disconnected: the connection is over.
        """
        if self._closed:
            raise _disconnected(self._closed)
        self._waiting[tag, stanza_id] = waiter
        heappush(self._deadlines, (deadline, (tag, stanza_id)))
        if len(self._deadlines) > 2 * len(self._waiting) + 64:
            self._sweep()

    def forget(self, stanza_id: str, *, tag: str = "iq") -> None:
        """Nobody waits for this any more."""
        self._waiting.pop((tag, stanza_id), None)

    def receive(self, node: Node) -> bool:
        """Hand an answer to its waiter; False when the stanza answers nothing that is waited for."""
        if node.tag == "iq" and node.attrs.get("type") not in _ANSWERS:
            return False
        waiter = self._waiting.pop((node.tag, node.attrs.get("id", "")), None)
        if waiter is None:
            return False
        if not waiter.done():
            waiter.set_result(node)
        return True

    def next_timer(self) -> float | None:
        """The next deadline."""
        while self._deadlines and self._deadlines[0][1] not in self._waiting:
            heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else None

    def handle_timer(self, now: float) -> None:
        """Fail what is late."""
        while (due := self.next_timer()) is not None and due <= now:
            key = heappop(self._deadlines)[1]
            _fail(self._waiting.pop(key), RequestTimeout(f"no answer to {key[1]} in time"))

    def close(self, info: DisconnectInfo) -> None:
        """Fail all that wait, and all that come later."""
        self._closed = info
        waiting, self._waiting, self._deadlines = self._waiting, {}, []
        for waiter in waiting.values():
            _fail(waiter, _disconnected(info))

    def _sweep(self) -> None:
        """Drop the deadlines of what was answered long before them."""
        self._deadlines = [entry for entry in self._deadlines if entry[1] in self._waiting]
        heapify(self._deadlines)


def _fail(waiter: Waiter, error: MotteError) -> None:
    if not waiter.done():
        waiter.set_exception(error)


def _disconnected(info: DisconnectInfo) -> Disconnected:
    return Disconnected(f"the connection ended: {info.text}", code=info.code, cause=info.cause.value)
