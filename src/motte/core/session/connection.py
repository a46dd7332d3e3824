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
from typing import TypeAlias

from motte.core.binary.decoder import decode
from motte.core.binary.encoder import encode
from motte.core.binary.node import Node
from motte.core.crypto.rng import Rng
from motte.core.noise.certificate import ServerCertificate
from motte.core.noise.client import ClientHandshake, Pattern
from motte.core.noise.framing import FrameDecoder, frame, intro
from motte.core.noise.transport import Transport
from motte.core.session import closing
from motte.core.session.keepalive import Beat, Pulse, server_ping
from motte.core.session.requests import IdSequence
from motte.core.session.states import Effect, Input, State, step
from motte.core.session.timers import Timing, earliest
from motte.core.stanza.login import Success
from motte.core.stanza.reader import Reader
from motte.errors import RemoteProtocolError, TransportError
from motte.model.disconnect import Cause, DisconnectInfo


@dataclass(frozen=True, slots=True)
class HandshakeDone:
    """The Noise channel is up; `certificate` is to be stored, it makes the next handshake an IK."""

    certificate: ServerCertificate
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The server accepted the login."""

    success: Success


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
        self, handshake: ClientHandshake, *, rng: Rng, routing_info: bytes = b"", timing: Timing | None = None
    ) -> None:
        self.ids = IdSequence(rng)
        self._handshake = handshake
        self._routing_info = routing_info
        self._timing = timing or Timing()
        self._state = State.DIALING
        self._frames = FrameDecoder()
        self._channel: Transport | None = None
        self._pulse: Pulse | None = None
        self._deadline: float | None = None
        self._outgoing: list[bytes] = []

    @property
    def state(self) -> State:
        """Where the connection stands."""
        return self._state

    # --- from below: the network -----------------------------------------------------------------------------------

    def connected(self, now: float) -> None:
        """The WebSocket is open: queue the hello and give the server until the handshake's time-out."""
        if self._step(Input.CONNECTED) is Effect.GREET:
            self._deadline = now + self._timing.handshake
            self._outgoing.append(intro(self._routing_info) + frame(self._handshake.hello()))

    def receive(self, data: bytes, now: float) -> list[Output]:
        """What a piece of the byte stream brings; any split and any number of frames will do."""
        if self._state is State.CLOSED:
            return []
        outputs: list[Output] = []
        try:
            for payload in self._frames.feed(data):
                if self._pulse:
                    self._pulse.heard(now)
                outputs += self._frame(payload, now)
        except RemoteProtocolError as error:
            outputs += self._end(closing.of_cause(Cause.PROTOCOL_ERROR, str(error)))
        return outputs

    def transport_failed(self, error: TransportError) -> list[Output]:
        """The WebSocket could not be opened, or broke."""
        return self._end(closing.of_transport_error(error))

    def transport_closed(self, code: int | None, reason: str = "") -> list[Output]:
        """The WebSocket closed with this code; None when there was no close frame."""
        return self._end(closing.of_websocket_close(code, reason))

    # --- from the clock --------------------------------------------------------------------------------------------

    def next_timer(self) -> float | None:
        """When `handle_timer` wants to be called; None when nothing is waited for."""
        if self._state is State.CLOSED:
            return None
        return earliest((self._pulse.next_timer() if self._pulse else None, self._deadline))

    def handle_timer(self, now: float) -> list[Output]:
        """Ping, or give up on a late handshake, a late login or a silent server. Calling it early is harmless."""
        effect = self._step(Input.TIMER)
        if effect is not Effect.IGNORE and self._deadline is not None and now >= self._deadline:
            late = Cause.HANDSHAKE_TIMEOUT if effect is Effect.CHECK_HANDSHAKE else Cause.LOGIN_TIMEOUT
            return self._end(closing.of_cause(late))
        if effect is Effect.KEEP_ALIVE and self._pulse:
            beat = self._pulse.beat(now)
            if beat is Beat.LOST:
                return self._end(closing.of_cause(Cause.KEEPALIVE_LOST))
            if beat is Beat.PING:
                self._seal(self._pulse.ask(self.ids.next()))
        return []

    # --- from above: the engine ------------------------------------------------------------------------------------

    def send(self, node: Node) -> None:
        """Queue a stanza.

        Raises:
            Disconnected: the connection is over.
            LocalProtocolError: the handshake is not done yet, or the node cannot be encoded.
        """
        self._step(Input.SEND)
        self._seal(node)

    def paired(self) -> None:
        """The phone's link was verified and answered: the 515 that follows is the restart after pairing."""
        self._step(Input.PAIRED)

    def end(self, cause: Cause, text: str = "") -> list[Output]:
        """End it from here: closed or logged out by the user, QR refs used up, pairing refused."""
        return self._end(closing.of_cause(cause, text))

    def data_to_send(self) -> bytes:
        """The bytes for the WebSocket, once. What was queued before the end can still be sent after it."""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        return data

    # --- inside ----------------------------------------------------------------------------------------------------

    def _step(self, happened: Input) -> Effect:
        effect, self._state = step(self._state, happened)
        return effect

    def _end(self, info: DisconnectInfo) -> list[Output]:
        return [Closed(info)] if self._step(Input.END) is Effect.CLOSE else []

    def _frame(self, payload: bytes, now: float) -> list[Output]:
        match self._step(Input.FRAME):
            case Effect.SHAKE_HANDS:
                return self._shake_hands(payload, now)
            case Effect.READ_STANZA:
                return self._read(payload)
            case Effect.IGNORE:
                return []
            case _:
                raise RemoteProtocolError("a frame before the client's hello")

    def _shake_hands(self, server_hello: bytes, now: float) -> list[Output]:
        try:
            result = self._handshake.finish(server_hello)
        except RemoteProtocolError as error:
            return self._end(closing.of_handshake_error(error))
        self._step(Input.HELLO)
        if result.reply is not None:
            self._outgoing.append(frame(result.reply))
        self._channel = result.transport
        self._pulse = Pulse(self._timing, now)
        self._deadline = now + self._timing.login
        return [HandshakeDone(result.certificate, result.pattern)]

    def _read(self, payload: bytes) -> list[Output]:
        assert self._channel is not None  # READ_STANZA has rows only after HELLO
        plaintext = self._channel.open(payload)
        try:
            node = decode(plaintext)
        except RemoteProtocolError as error:
            return [StanzaUndecodable(error, len(plaintext))]
        return self._stanza(node)

    def _stanza(self, node: Node) -> list[Output]:
        if node.tag == "success" and self._step(Input.SUCCESS) is Effect.ANNOUNCE:
            self._deadline = None
            return [LoggedIn(Success.read(Reader(node)))]
        info = closing.ending(node, paired=self._state is State.PAIRED)
        if info is not None:
            return self._end(info)
        if (ping := server_ping(node)) is not None:
            self._seal(ping.pong())
            return []
        if self._pulse and self._pulse.answered_by(node):
            return []
        if node.tag == "iq":
            self._deadline = None  # QR refs, or something else that only a server asks that took the registration
        return [StanzaReceived(node)]

    def _seal(self, node: Node) -> None:
        assert self._channel is not None  # SEAL and KEEP_ALIVE have rows only after HELLO
        self._outgoing.append(frame(self._channel.seal(encode(node))))
