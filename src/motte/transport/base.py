"""What the engine asks of a network: dial, send, close; and what a network tells the engine.

Everything else (Noise, stanzas, keep-alive) is the business of `core.session`. `transport.websocket` is the real one,
`testing.fakes` has one in memory.
"""

from __future__ import annotations

from typing import Protocol


class Receiver(Protocol):
    """Who listens to a socket. Called from the event loop, never before `Dialer.connect` was called."""

    def data_received(self, data: bytes, /) -> None:
        """A piece of the byte stream arrived."""
        ...

    def socket_closed(self, code: int | None, reason: str, /) -> None:
        """The other side closed it, or the network did: the close code, None when there was no close frame.

        Called at most once, and not after a local `close`.
        """
        ...


class Socket(Protocol):
    """An open two-way byte stream."""

    @property
    def closed(self) -> bool:
        """Whether it is closed, by whomever."""
        ...

    def send(self, data: bytes, /) -> None:
        """Queue bytes; nothing happens when the socket is closed."""
        ...

    async def drain(self) -> None:
        """Return once there is room for more; at once when there is, or when the socket is closed."""
        ...

    def hold(self, paused: bool, /) -> None:
        """Stop reading from the network, or go on: what is not read holds the sender up, and fills no memory here."""
        ...

    async def close(self) -> None:
        """Say goodbye and close; returns within a second, also when the other side is dead."""
        ...


class Dialer(Protocol):
    """How sockets are opened."""

    async def connect(self, url: str, receiver: Receiver) -> Socket:
        """An open socket to `url`, whose incoming bytes go to `receiver`.

        Raises:
            TransportError: it could not be opened; `kind` says what failed.
        """
        ...
