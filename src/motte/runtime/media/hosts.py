"""The media servers of the moment, and the token for uploads."""

from __future__ import annotations

import asyncio

from motte.core.stanza.mediaconn import GetMediaConnection, MediaConnection
from motte.errors import RemoteProtocolError
from motte.runtime.context import Context


class MediaHosts:
    """Asks the server for its hosts, and again when what it said has expired. Whoever asks meanwhile waits along."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: tuple[MediaConnection, float] | None = None
        self._asking = asyncio.Lock()

    async def current(self, *, instead_of: MediaConnection | None = None) -> MediaConnection:
        """The hosts. `instead_of` is one that did not work: it is asked for anew, unless somebody just did.

        Raises like `Wire.request`.
        """
        async with self._asking:
            now = self._context.clock.monotonic()
            if self._known is not None:
                connection, until = self._known
                if now < until and connection is not instead_of:
                    return connection
            connection = await self._context.wire.request(GetMediaConnection())
            if not connection.hosts:
                raise RemoteProtocolError("the server names no media host")
            ttl = min(connection.ttl, connection.auth_ttl or connection.ttl)
            self._known = connection, now + ttl
            return connection
