"""The outgoing side of one connection: nodes become frames and leave in order, unless a fault meddles.

A fault acts on the node before it is sealed, so that delay, duplication and reordering are what a client would see of
a real server; only `corrupt` damages the sealed frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from motte.core.binary.encoder import encode
from motte.core.binary.node import Node
from motte.core.noise.framing import frame
from motte.core.noise.transport import Transport

if TYPE_CHECKING:  # aiohttp is slow to import and only sockets need it
    from aiohttp.web import WebSocketResponse

_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER with zero seconds: closing sends a reset
CLOSE_SECONDS: Final = 1.0
"""How long a closing socket may take to say goodbye."""


class FrameFault(Enum):
    """What can happen to an outgoing stanza."""

    DELAY = "delay"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    CORRUPT = "corrupt"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRule:
    """A fault for the next stanza with this tag (any, when empty); `seconds` is for `DELAY`."""

    fault: FrameFault
    tag: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class FrameFaults:
    """What happens to a standing connection: rules that are used up one by one, and silence, which lasts."""

    rules: list[FrameRule] = field(default_factory=list)
    silent: bool = False

    def take(self, tag: str) -> FrameRule | None:
        """The rule that this stanza meets, if any."""
        for rule in self.rules:
            if rule.tag in ("", tag):
                self.rules.remove(rule)
                return rule
        return None


@dataclass(frozen=True, slots=True)
class _Out:
    data: bytes
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class _Close:
    code: int
    grace: float


class Wire:
    """Sends stanzas over a WebSocket. `pump` does the writing and ends with the connection.

    `grace` is for how many seconds a client may read before the server closes: Baileys sees a close before the frame
    ahead of it.
    """

    def __init__(self, websocket: WebSocketResponse, tcp: asyncio.Transport | None, *, grace: float) -> None:
        self._grace = grace
        self._websocket = websocket
        self._tcp = tcp
        self._queue: asyncio.Queue[_Out | _Close] = asyncio.Queue()
        self._held: Node | None = None
        self._closing = False
        self.transport: Transport | None = None
        self.faults = FrameFaults()

    def send_raw(self, payload: bytes) -> None:
        """Send a frame as it is: the handshake's."""
        if not self._closing and not self.faults.silent:
            self._queue.put_nowait(_Out(frame(payload)))

    def send(self, node: Node) -> None:
        """Send a stanza; nothing once the connection is closing or silent."""
        if self._closing or self.faults.silent:
            return
        rule = self.faults.take(node.tag)
        held, self._held = self._held, None
        match rule.fault if rule else None:
            case FrameFault.DROP:
                pass
            case FrameFault.REORDER if held is None:
                self._held = node
                return
            case FrameFault.DUPLICATE:
                self._emit(node)
                self._emit(node)
            case fault:
                self._emit(node, corrupt=fault is FrameFault.CORRUPT, wait=rule.seconds if rule else 0.0)
        if held is not None:
            self._emit(held)

    def _emit(self, node: Node, *, corrupt: bool = False, wait: float = 0.0) -> None:
        assert self.transport is not None, "no stanza leaves before the handshake is done"
        sealed = self.transport.seal(encode(node))
        if corrupt:
            sealed = sealed[:-1] + bytes((sealed[-1] ^ 1,))
        self._queue.put_nowait(_Out(frame(sealed), wait))

    def end(self, code: int = 1000, *, grace: float | None = None) -> None:
        """Close after what was sent has left and `grace` seconds have passed; the client may close earlier."""
        if not self._closing:
            self._closing = True
            self._queue.put_nowait(_Close(code, self._grace if grace is None else grace))

    def reset(self) -> None:
        """Break the TCP connection at once, as a dying network does."""
        self._closing = True
        if self._tcp is None:
            return
        raw = self._tcp.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._tcp.abort()

    async def pump(self) -> None:
        """Write until the connection closes."""
        with contextlib.suppress(ConnectionError, RuntimeError):  # the peer has gone; the reader notices it too
            while not isinstance(out := await self._queue.get(), _Close):
                if out.wait:
                    await asyncio.sleep(out.wait)
                await self._websocket.send_bytes(out.data)
            await asyncio.sleep(out.grace)
            await self._websocket.close(code=out.code)
