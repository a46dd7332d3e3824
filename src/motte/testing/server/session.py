"""One connection from its first byte: intro, Noise handshake, then one of two stages.

bytes ─ intro ─ hello/finish ─ ClientPayload ─┬─ devicePairingData  → pairing.Pairing
                                              └─ username, device   → login.LoggedIn
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final, Protocol

from google.protobuf.message import DecodeError

from motte.core.binary.decoder import decode
from motte.core.binary.node import Node
from motte.core.noise.framing import FrameDecoder, IntroDecoder
from motte.core.noise.server import ServerHandshake, ServerResult
from motte.errors import RemoteProtocolError
from motte.proto.client_payload_pb2 import ClientPayload
from motte.testing.server.hub import Hub
from motte.testing.server.login import log_in
from motte.testing.server.noisekeys import NoiseKeys
from motte.testing.server.pairing import Pairing, registration
from motte.testing.server.wire import Wire

if TYPE_CHECKING:
    from aiohttp.web import WebSocketResponse

log = logging.getLogger("motte.server")

HANDSHAKE_SECONDS: Final = 60.0
"""A connection that has not said who it is by then is closed."""
MALFORMED: Final = Node("stream:error", {}, (Node("xml-not-well-formed"),))


class Stage(Protocol):
    """What a connection is once its handshake is done."""

    def receive(self, node: Node) -> None:
        """Take a stanza."""
        ...

    def closed(self) -> None:
        """The connection is gone."""
        ...


class Session:
    """Bytes in, stages called; what goes out goes through the wire."""

    def __init__(self, hub: Hub, keys: NoiseKeys, wire: Wire) -> None:
        self._hub = hub
        self._wire = wire
        self._intro: IntroDecoder | None = IntroDecoder()
        self._frames = FrameDecoder()
        forged = hub.plan.next_certificate()
        chain = keys.forged(forged, hub.clock()) if forged else keys.chain
        self._handshake: ServerHandshake | None = ServerHandshake(static=keys.static, chain=chain, rng=hub.rng)
        self._greeted = False
        self._stage: Stage | None = None
        self._timer = asyncio.get_running_loop().call_later(HANDSHAKE_SECONDS, wire.end)
        wire.faults.silent = hub.plan.handshake_is_silent()

    def feed(self, data: bytes) -> None:
        """Take bytes of the stream; a client that breaks the protocol is told so and closed."""
        try:
            self._feed(data)
        except RemoteProtocolError as error:
            log.warning("a client broke the protocol: %s", error)
            if self._wire.transport is not None:
                self._wire.send(MALFORMED)
            self._wire.end()
        except Exception:
            log.exception("the server failed on a client's stanza")
            self._wire.end(1011)

    def closed(self) -> None:
        """The connection is gone."""
        self._timer.cancel()
        if self._stage is not None:
            self._stage.closed()

    def _feed(self, data: bytes) -> None:
        if self._intro is not None:
            rest = self._intro.feed(data)
            if rest is None:
                return
            self._intro, data = None, rest
        for payload in self._frames.feed(data):
            self._take(payload)

    def _take(self, payload: bytes) -> None:
        if self._handshake is not None:
            self._shake(self._handshake, payload)
            return
        assert self._wire.transport is not None
        node = decode(self._wire.transport.open(payload))
        if self._stage is not None and not self._wire.faults.silent:
            self._stage.receive(node)

    def _shake(self, handshake: ServerHandshake, payload: bytes) -> None:
        if self._greeted:
            self._enter(handshake.receive_finish(payload))
            return
        self._greeted = True
        step = handshake.receive_hello(payload)
        self._wire.send_raw(step.reply)
        if step.result is not None:
            self._enter(step.result)

    def _enter(self, result: ServerResult) -> None:
        """The handshake is done: log in or pair."""
        self._handshake = None
        self._wire.transport = result.transport
        self._timer.cancel()
        try:
            payload = ClientPayload.FromString(result.payload)
        except DecodeError as error:
            raise RemoteProtocolError("a ClientPayload cannot be parsed") from error
        version = payload.userAgent.appVersion
        number = f"{version.primary}.{version.secondary}.{version.tertiary}"
        log.info("a client connected by %s, version %s", result.pattern.name, number)
        if payload.HasField("devicePairingData"):
            pairing = Pairing(self._hub, self._wire, registration(payload, result.client_static))
            self._timer = asyncio.get_running_loop().call_later(self._hub.settings.pairing_seconds, self._wire.end)
            self._stage = pairing
            pairing.start()
        else:
            self._stage = log_in(self._hub, self._wire, payload, result.client_static)


async def serve(hub: Hub, keys: NoiseKeys, websocket: WebSocketResponse, tcp: asyncio.Transport | None) -> None:
    """Run one connection until it closes."""
    from aiohttp import WSMsgType  # slow to import; whoever calls this has it already

    wire = Wire(websocket, tcp, grace=hub.settings.closing_seconds)
    session = Session(hub, keys, wire)
    writer = asyncio.create_task(wire.pump())
    try:
        async for message in websocket:
            if message.type is WSMsgType.BINARY:
                session.feed(message.data)
            elif message.type is WSMsgType.PING and not wire.faults.silent:
                await websocket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                wire.end(1003)
    finally:
        session.closed()
        writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writer
