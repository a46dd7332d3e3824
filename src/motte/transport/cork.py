"""What is written in one turn of the event loop leaves the machine together.

In a burst each message has its receipt, and every write of its own is a packet that wakes the other side. So the first
write of a turn corks the socket, and the next turn begins with letting go. Linux only; elsewhere nothing is held back.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Final, Protocol

_CORK: Final[int | None] = getattr(socket, "TCP_CORK", None)


class TcpSocket(Protocol):
    """A TCP socket, or what an event loop shows of one."""

    def setsockopt(self, level: int, option: int, value: int, /) -> None:
        """Set an option."""
        ...


class Cork:
    """Holds a socket's writes back until the turn ends."""

    def __init__(self, network: TcpSocket) -> None:
        self._network = network
        self._is_in = False

    def put_in(self) -> None:
        """Call before each write."""
        if _CORK is not None and not self._is_in:
            self._is_in = True
            self._set(_CORK, 1)
            asyncio.get_running_loop().call_soon(self._pull, _CORK)

    def _pull(self, option: int) -> None:
        self._is_in = False
        self._set(option, 0)

    def _set(self, option: int, value: int) -> None:
        with contextlib.suppress(OSError):  # the connection ended meanwhile
            self._network.setsockopt(socket.IPPROTO_TCP, option, value)
