"""The connection as a machine: bytes in, typed outputs and bytes out; time is an argument.

    connection = Connection(handshake, rng=rng)
    connection.connected(now)                         # the WebSocket opened
    socket.send(connection.data_to_send())            # after every call that may have queued something
    for output in connection.receive(data, now): …    # HandshakeDone, LoggedIn, StanzaReceived, …, Closed
    connection.next_timer(); connection.handle_timer(now)

It owns framing, the Noise channel, the codec, the keep-alive, and the stanzas that open or end a connection. All other
stanzas go to the router above. What may happen when is the table in `states`; how an end is named is in `closing`.
`now` is in seconds of one clock that never goes back (`Clock.monotonic`), not the time of day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import Node
from motte.core.crypto.rng import Rng
from motte.core.noise.framing import FrameDecoder, frame, intro
from motte.core.session import closing, keepalive
from motte.core.session.handshake import Cipher, Handshake, HandshakeResult
from motte.core.session.keepalive import Beat, KeepAlive
from motte.core.session.requests import IdSequence
from motte.core.session.states import Effect, Input, State, step
from motte.core.session.timers import Timing
from motte.errors import HandshakeError, MotteError, RemoteProtocolError, TransportError
from motte.model.disconnect import Cause, DisconnectInfo


@dataclass(frozen=True, slots=True)
class HandshakeDone:
    """The Noise channel is up: `result` has the server's certificate (to store, for IK next time) and the pattern."""

    result: HandshakeResult


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The server accepted the login; `success` is its stanza (read it with `stanza.login`)."""

    success: Node


@dataclass(frozen=True, slots=True)
class StanzaReceived:
    """A stanza for the router."""

    node: Node


@dataclass(frozen=True, slots=True)
class StanzaUndecodable:
    """A stanza of `size` bytes that authenticated but does not decode. It is dropped and the connection goes on:
    ending it would help nobody, the server would send the same bytes again after the next login."""

    error: RemoteProtocolError
    size: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is over. Nothing follows this."""

    info: DisconnectInfo


Output: TypeAlias = HandshakeDone | LoggedIn | StanzaReceived | StanzaUndecodable | Closed


class Connection:
    """One connection, from the open WebSocket to its end. It is never used again: a reconnect is a new object.

    Args:
        handshake: a fresh Noise handshake; it carries the keys, the login payload and the trusted root.
        rng: for the prefix of stanza ids.
        routing_info: the server's edge-routing bytes from an earlier `<ib>`, sent before the handshake.
        timing: how long to wait for what.
    """

    def __init__(
        self, handshake: Handshake, *, rng: Rng, routing_info: bytes = b"", timing: Timing | None = None
    ) -> None:
        self.ids = IdSequence(rng)
        self._handshake = handshake
        self._routing_info = routing_info
        self._timing = timing or Timing()
        self._state = State.DIALING
        self._frames = FrameDecoder()
        self._cipher: Cipher | None = None
        self._keepalive: KeepAlive | None = None
        self._deadline: float | None = None
        self._pings: set[str] = set()
        self._outgoing: list[bytes] = []

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._state

    # --- from below: the network -----------------------------------------------------------------------------------

    def connected(self, now: float) -> None:
        """The WebSocket is open: queue the hello and give the server until the handshake's time-out."""
        ...

    def receive(self, data: bytes, now: float) -> list[Output]:
        """What a piece of the byte stream brings; any split and any number of frames will do."""
        ...

    def transport_failed(self, error: TransportError) -> list[Output]:
        """The WebSocket could not be opened, or broke."""
        ...

    def transport_closed(self, code: int | None, reason: str = "") -> list[Output]:
        """The WebSocket closed with this code; None when there was no close frame."""
        ...

    # --- from the clock --------------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """When `handle_timer` wants to be called; None when nothing is waited for."""
        ...

    def handle_timer(self, now: float) -> list[Output]:
        """Ping, or give up on a late handshake or a silent server. Calling it early is harmless."""
        ...

    # --- from above: the engine ------------------------------------------------------------------------------------

    def send(self, node: Node) -> None:
        """Queue a stanza.

        Raises:
            Disconnected: the connection is over.
            LocalProtocolError: the handshake is not done yet, or the node cannot be encoded.
        """
        ...

    def paired(self) -> None:
        """The phone's link was verified and answered: the 515 that follows is the restart after pairing."""
        ...

    def end(self, cause: Cause, text: str = "") -> list[Output]:
        """End it from here: closed or logged out by the user, QR refs used up, pairing refused."""
        ...

    def data_to_send(self) -> bytes:
        """The bytes for the WebSocket, once."""
        ...
