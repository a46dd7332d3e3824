"""A network cable that can be pulled out: while it is, dialling waits, as it does on a machine without a network."""

from __future__ import annotations

import asyncio

from motte.transport.base import Dialer, Receiver, Socket


class Cable:
    """A dialer that needs its cable; everything else is the real one's."""

    def __init__(self, dialer: Dialer) -> None:
        self._dialer = dialer
        self._plugged = asyncio.Event()
        self._plugged.set()

    def pull(self) -> None:
        """No new connection from here on. One that stands is the server's to cut."""
        self._plugged.clear()

    def plug(self) -> None:
        """Back again."""
        self._plugged.set()

    async def connect(self, url: str, receiver: Receiver) -> Socket:
        """Open a connection, once the cable is in."""
        await self._plugged.wait()
        return await self._dialer.connect(url, receiver)
