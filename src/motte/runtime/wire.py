"""What the engine's parts see of the connection: send a stanza, ask a question."""

from __future__ import annotations

from typing import Protocol, TypeVar

from motte.core.binary.node import Node
from motte.core.stanza.ack import IncomingAck
from motte.core.stanza.iq import Iq

T = TypeVar("T")


class Wire(Protocol):
    """The open connection, whichever it is at the moment."""

    def send(self, node: Node) -> None:
        """Queue a stanza.

        Raises:
            Disconnected: there is no open connection.
        """
        ...

    async def request(self, iq: Iq[T], *, timeout: float | None = None) -> T:
        """The answer to a request.

        Raises:
            ServerError: the server refused it.
            RequestTimeout: no answer came in time; the connection stays open.
            Disconnected: there is no connection, or it ended while waiting.
            RemoteProtocolError: the answer is malformed.
        """
        ...

    async def acked(self, node: Node, *, timeout: float) -> IncomingAck:
        """Send a stanza and give the server's `<ack>` of it. Raises like `request`, but not `ServerError`."""
        ...

    async def opened(self, *, timeout: float) -> None:
        """Return when there is an open connection, at once if there is one.

        Raises:
            Disconnected: there is none, and none will be made.
            RequestTimeout: none came about in time.
        """
        ...
