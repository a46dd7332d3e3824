"""One connection on the real network: the machine of `core.session`, a socket, a timer, and the requests that wait.

`run` dials and lives until the end, which it returns; it never raises for what the network or the server did.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from motte.core.binary.node import Node
from motte.core.session.connection import (
    Closed,
    Connection,
    HandshakeDone,
    LoggedIn,
    Output,
    StanzaReceived,
    StanzaUndecodable,
)
from motte.core.session.requests import Requests
from motte.core.session.timers import Timing, earliest
from motte.core.stanza.ack import IncomingAck
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.errors import TransportError
from motte.model.disconnect import Cause, DisconnectInfo
from motte.runtime.clock import Clock, Timer
from motte.transport.base import Dialer, Socket

log = logging.getLogger("motte.connection")

T = TypeVar("T")


class Link:
    """One connection attempt and, if it succeeds, the connection.

    Args:
        connection: a fresh machine.
        dialer: opens the socket.
        clock: for time-outs.
        timing: the default request time-out.
        on_output: hears what the machine tells, but for answers to requests; called from the receive path.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        dialer: Dialer,
        clock: Clock,
        timing: Timing,
        on_output: Callable[[HandshakeDone | LoggedIn | StanzaReceived], None],
    ) -> None:
        self.connection = connection
        self.requests = Requests()
        self._dialer, self._clock, self._timing, self._on_output = dialer, clock, timing, on_output
        self._socket: Socket | None = None
        self._timer: Timer | None = None
        self._due = 0.0
        self._ended: asyncio.Future[DisconnectInfo] = asyncio.get_running_loop().create_future()

    async def run(self, url: str) -> DisconnectInfo:
        """Dial, live, and tell how it ended, at once. `hang_up` when it did."""
        try:
            await self._dial(url)
            return await asyncio.shield(self._ended)
        finally:
            self.end(Cause.CLOSED_LOCALLY)

    async def hang_up(self) -> None:
        """Close the socket; takes a second at most when the other side is dead."""
        if self._socket is not None:
            await self._socket.close()

    async def _dial(self, url: str) -> None:
        dialing = asyncio.ensure_future(self._dialer.connect(url, self))
        either: list[asyncio.Future[Any]] = [dialing, self._ended]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not dialing.done():
                dialing.cancel()
        if not dialing.done():
            return
        try:
            self._socket = dialing.result()
        except TransportError as error:
            self._take(self.connection.transport_failed(error))
            return
        if not self._ended.done():
            self.connection.connected(self._clock.monotonic())
            self._flush()

    # --- what the network and the clock tell ---------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """A piece of the byte stream arrived."""
        self._take(self.connection.receive(data, self._clock.monotonic()))
        self._flush()

    def socket_closed(self, code: int | None, reason: str) -> None:
        """The other side closed the socket, or the network did."""
        self._take(self.connection.transport_closed(code, reason))

    def _timer_fired(self) -> None:
        self._timer = None
        now = self._clock.monotonic()
        self.requests.handle_timer(now)
        self._take(self.connection.handle_timer(now))
        self._flush()

    def _arm(self) -> None:
        """See to it that the clock calls when something is due; a call that comes too early does no harm."""
        due = earliest((self.connection.next_timer(), self.requests.next_timer()))
        if due is None or self._ended.done() or (self._timer is not None and self._due <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._due = self._clock.call_at(due, self._timer_fired), due

    # --- what the engine asks ------------------------------------------------------------------------------------

    def send(self, node: Node) -> None:
        """Queue a stanza and write it out."""
        self.connection.send(node)
        self._flush()

    async def request(self, iq: Iq[T], *, timeout: float | None = None) -> T:
        """Send a request and give its parsed answer."""
        stanza_id = self.connection.ids.next()
        return iq.parse(await self._answer(iq.build(stanza_id), "iq", timeout or self._timing.request))

    async def acked(self, node: Node, *, timeout: float) -> IncomingAck:
        """Send a stanza and give its `<ack>`."""
        return IncomingAck.read(Reader(await self._answer(node, "ack", timeout)))

    async def _answer(self, node: Node, tag: str, timeout: float) -> Node:
        stanza_id = node.attrs["id"]
        waiter: asyncio.Future[Node] = asyncio.get_running_loop().create_future()
        self.requests.add(waiter, stanza_id, deadline=self._clock.monotonic() + timeout, tag=tag)
        try:
            self.send(node)
            return await waiter
        finally:
            self.requests.forget(stanza_id, tag=tag)

    def hold(self, paused: bool) -> None:
        """Read no more from the network for the time being, or go on."""
        if self._socket is not None:
            self._socket.hold(paused)

    def end(self, cause: Cause, text: str = "") -> None:
        """End the connection from here; `run` returns."""
        self._take(self.connection.end(cause, text))

    # --- inside --------------------------------------------------------------------------------------------------

    def _take(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Closed(info):
                    self._close(info)
                case StanzaUndecodable(error, size):
                    log.warning("dropped a stanza of %d bytes that does not decode: %s", size, error)
                case StanzaReceived(node) if self.requests.receive(node):
                    pass
                case _:
                    self._on_output(output)

    def _close(self, info: DisconnectInfo) -> None:
        self._flush()
        self.requests.close(info)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._ended.done():
            self._ended.set_result(info)

    def _flush(self) -> None:
        data = self.connection.data_to_send()
        if data and self._socket is not None:
            self._socket.send(data)
        self._arm()
