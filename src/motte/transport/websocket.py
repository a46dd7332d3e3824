"""The WebSocket, by picows; straight or through a proxy. docs/design/connection.md says why picows.

Only the byte stream matters: frames of Noise may be split over messages and several may share one, so messages are not
put together again. Text messages do not belong here and end the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from motte.errors import LocalProtocolError, TransportError
from motte.transport.base import Receiver, Socket
from motte.transport.cork import Cork
from motte.transport.failures import failure
from motte.transport.http import ORIGIN
from motte.transport.line import Line

CLOSE_GRACE: Final = 1.0
MAX_MESSAGE: Final = 32 * 1024 * 1024
"""Bytes of one WebSocket frame; a Noise frame has at most 16 MiB."""
BUFFER: Final = 4096
"""Bytes of the buffers that a connection keeps; a longer frame makes the one that reads grow."""
_HEADER: Final = 14
"""Room that picows needs in front of a message for the longest header of a frame."""
TLS_BUFFER: Final = 16 * 1024 + 64
"""One TLS record. What passed through once stays in memory, and picows' default is sixteen of them each way."""
_TLS_BUFFERS: Final[dict[str, Any]] = {"ssl_incoming_bio_size": TLS_BUFFER, "ssl_outgoing_bio_size": TLS_BUFFER}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketDialer:
    """Opens WebSockets.

    Args:
        proxy: `http://`, `https://`, `socks4://` or `socks5://`, with `user:password@` when the proxy asks for it.
        tls: the context for `wss://`; the system's trust store when None. `trusting` makes one for a local server.
        timeout: seconds for all of it: name, TCP, proxy, TLS, upgrade.
        headers: more headers for the upgrade request.
        close_grace: seconds that the other side has to answer our goodbye; then the socket is torn down.
    """

    proxy: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None
    timeout: float = 20.0
    headers: Mapping[str, str] = field(default_factory=dict)
    close_grace: float = CLOSE_GRACE

    async def connect(self, url: str, receiver: Receiver) -> Socket:
        """An open WebSocket to `url`, whose bytes go to `receiver`.

        Raises:
            TransportError: it could not be opened.
            LocalProtocolError: `url` is not a WebSocket URL.
        """
        if not url.startswith(("ws://", "wss://")):
            raise LocalProtocolError(f"{url[:80]!r} is not a WebSocket URL; it starts with ws:// or wss://")
        line = Line()
        secure = url.startswith("wss:")
        try:
            async with asyncio.timeout(self.timeout):
                transport, listener = await ws_connect(
                    lambda: _Listener(receiver),
                    url,
                    ssl_context=(self.tls or _system_trust()) if secure else None,
                    websocket_handshake_timeout=None,  # ours spans more than the upgrade
                    max_frame_size=MAX_MESSAGE,
                    max_redirects=0,
                    extra_headers={"Origin": ORIGIN, **self.headers},
                    proxy=self.proxy,
                    socket_factory=line.open,
                    read_buffer_init_size=BUFFER,
                    **(_TLS_BUFFERS if secure else {}),
                )
        except Exception as error:
            line.hang_up()
            raise failure(error, url) from error
        except asyncio.CancelledError:
            line.hang_up()
            raise
        if not isinstance(listener, _Listener):
            raise TransportError("closed", "the server closed the connection during the WebSocket upgrade")
        return _WebSocket(transport, listener, self.close_grace)


@cache
def _system_trust() -> ssl.SSLContext:
    """One context for all connections: each would load the system's certificates again, time and memory."""
    return ssl.create_default_context()


@lru_cache(maxsize=8)
def _trust(ca_file: str, content: bytes) -> ssl.SSLContext:
    """The context for a file with this content, shared like the system's."""
    return ssl.create_default_context(cafile=ca_file)


def trusting(ca_file: str) -> ssl.SSLContext:
    """A TLS context that trusts the certificates in a PEM file, and only them: for a local server.

    Raises:
        LocalProtocolError: the file cannot be read, or holds none.
    """
    try:
        return _trust(ca_file, Path(ca_file).read_bytes())
    except OSError as error:  # an SSLError is one, too
        raise LocalProtocolError(f"the certificates in {ca_file} cannot be read: {error.strerror}") from error


class _Listener(WSListener):
    """Turns picows' callbacks into the receiver's."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver: Receiver | None = receiver
        self.writable = asyncio.Event()
        self.writable.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type in (WSMsgType.BINARY, WSMsgType.CONTINUATION):
            if self._receiver is not None:
                self._receiver.data_received(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            # The code as it came: picows' enumeration does not know the private ones (4000 and up).
            code = frame.get_payload_as_bytes()[:2]
            self._tell_closed(int.from_bytes(code, "big") if code else None, frame.get_close_reason() or "")
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            self._tell_closed(None, "the server sent text")
            transport.send_close(WSCloseCode.UNSUPPORTED_DATA)
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.writable.set()
        self._tell_closed(None, "")

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def hush(self) -> None:
        """Nobody is told anything from here on."""
        self._receiver = None

    def _tell_closed(self, code: int | None, reason: str) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.socket_closed(code, reason)


class _WebSocket:
    """An open WebSocket."""

    def __init__(self, transport: WSTransport, listener: _Listener, close_grace: float) -> None:
        self._transport = transport
        self._listener = listener
        self._close_grace = close_grace
        self._cork = Cork(transport.underlying_transport.get_extra_info("socket"))

    @property
    def closed(self) -> bool:
        return self._transport.is_disconnected or self._transport.is_close_frame_sent

    def send(self, data: bytes) -> None:
        if not data or self.closed:
            return
        self._cork.put_in()
        if len(data) <= BUFFER:
            self._transport.send(WSMsgType.BINARY, data)
        else:
            # picows keeps a buffer as long as the longest message: 40 KB after the upload of prekeys. This one goes.
            self._transport.send_reuse_external_bytearray(WSMsgType.BINARY, bytearray(_HEADER) + data, _HEADER)

    async def drain(self) -> None:
        await self._listener.writable.wait()

    def hold(self, paused: bool) -> None:
        if self.closed:
            return
        network = self._transport.underlying_transport
        if paused:
            network.pause_reading()
        else:
            network.resume_reading()

    async def close(self) -> None:
        self._listener.hush()
        self._listener.writable.set()
        if not self.closed:
            self._transport.send_close(WSCloseCode.OK)
        try:
            # Suppressed: the time-out of a dead peer, and broken frames, which picows repeats to whoever waits.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(self._close_grace):
                    await self._transport.wait_disconnected()
        finally:
            self._transport.disconnect(graceful=False)
