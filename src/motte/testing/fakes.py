"""A network in memory: two sockets back to back, and a dialer that gives one of them away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from motte.errors import TransportError
from motte.transport.base import Receiver, Socket


class MemorySocket:
    """One end of a pair. What it sends reaches the other end's receiver in a later round of the event loop."""

    def __init__(self) -> None:
        self.peer: MemorySocket = self
        self.receiver: Receiver | None = None
        self._closed = False
        self._early: list[bytes] = []
        self._held = False

    @property
    def closed(self) -> bool:
        """Whether either end closed."""
        return self._closed

    def attach(self, receiver: Receiver) -> None:
        """Deliver to `receiver`, first what came before it was there."""
        self.receiver = receiver
        early, self._early = self._early, []
        for data in early:
            receiver.data_received(data)

    def send(self, data: bytes) -> None:
        """Queue bytes for the other end."""
        if data and not self._closed:
            asyncio.get_running_loop().call_soon(self.peer._deliver, bytes(data))

    async def drain(self) -> None:
        """Return at once: memory has room."""

    def hold(self, paused: bool) -> None:
        """Keep what comes, or hand it on."""
        self._held = paused
        if not paused and self.receiver is not None:
            self.attach(self.receiver)

    async def close(self) -> None:
        """Close both ends; the other one hears 1000."""
        self.break_off(1000)

    def break_off(self, code: int | None = None, reason: str = "") -> None:
        """End the connection as a network or a server does: the other end hears `code`, this one nothing."""
        if not self._closed:
            self._closed = True
            asyncio.get_running_loop().call_soon(self.peer._hear_close, code, reason)

    def _deliver(self, data: bytes) -> None:
        if self._closed:
            return
        if self.receiver is None or self._held:
            self._early.append(data)
        else:
            self.receiver.data_received(data)

    def _hear_close(self, code: int | None, reason: str) -> None:
        if not self._closed:
            self._closed = True
            if self.receiver is not None:
                self.receiver.socket_closed(code, reason)


def memory_pair() -> tuple[MemorySocket, MemorySocket]:
    """Two sockets that speak to each other."""
    one, other = MemorySocket(), MemorySocket()
    one.peer, other.peer = other, one
    return one, other


class MemoryDialer:
    """A `motte.transport.base.Dialer` whose server is a function.

    Args:
        accept: called with the server's end of each new pair; it attaches its receiver there.
        failures: errors that the first dials raise instead, in order.
    """

    def __init__(self, accept: Callable[[MemorySocket], object], failures: list[TransportError] | None = None) -> None:
        self._accept = accept
        self._failures = list(failures or ())
        self.dialled: list[str] = []

    async def connect(self, url: str, receiver: Receiver) -> Socket:
        """The client's end of a fresh pair."""
        self.dialled.append(url)
        if self._failures:
            raise self._failures.pop(0)
        client, server = memory_pair()
        client.attach(receiver)
        self._accept(server)
        return client
