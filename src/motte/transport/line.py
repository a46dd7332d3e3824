"""The TCP connection below a dial, in our own hands.

picows forgets the socket of a dial that is cancelled between TCP and the end of the upgrade: it would stay open until
the server gives up. So the socket is opened here, and hung up here when the dial fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Protocol


class Endpoint(Protocol):
    """What picows wants connected: the server, or the proxy in front of it."""

    @property
    def host(self) -> str:
        """A name or an address."""
        ...

    @property
    def port(self) -> int:
        """The TCP port."""
        ...


class Line:
    """The one TCP connection of one dial."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    async def open(self, endpoint: Endpoint) -> socket.socket:
        """A connected socket: the endpoint's addresses are tried in the resolver's order.

        Raises:
            OSError: of the last address, when none of them works.
        """
        loop = asyncio.get_running_loop()
        addresses = await loop.getaddrinfo(endpoint.host, int(endpoint.port), type=socket.SOCK_STREAM)
        failed: OSError = ConnectionRefusedError(f"{endpoint.host} has no address")
        for family, kind, protocol, _, address in addresses:
            try:
                self._socket = await _connect(loop, socket.socket(family, kind, protocol), address)
            except OSError as error:
                failed = error
            else:
                return self._socket
        raise failed

    def hang_up(self) -> None:
        """End the connection, if there is one. Its owner, an event loop's transport, sees the end and closes it."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


async def _connect(loop: asyncio.AbstractEventLoop, sock: socket.socket, address: object) -> socket.socket:
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, address)  # type: ignore[arg-type]
    except BaseException:
        sock.close()
        raise
    return sock
