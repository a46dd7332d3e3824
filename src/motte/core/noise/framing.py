"""Frames on the WebSocket's byte stream: a 24-bit big-endian length, then the payload.

WebSocket messages and frames do not line up: a message may hold several frames, or a part of one. In front of the
client's first frame stands an intro:

    45 44 00 01 <u24 length> <routing>   "ED": only when the server gave edge-routing bytes in an earlier connection
    57 41 06 03                          "WA", protocol 6, token dictionary 3: the header, which the handshake hashes
"""

from __future__ import annotations

from typing import Final

from motte.core.binary.tokens import VERSION
from motte.errors import LocalProtocolError, RemoteProtocolError

HEADER: Final = b"WA" + bytes((6, VERSION))
"""The connection's header, and the prologue of every handshake."""
MAX_FRAME: Final = (1 << 24) - 1
"""Longest payload of a frame."""
LENGTH_SIZE: Final = 3
_ROUTING_MAGIC: Final = b"ED\x00\x01"
_ROUTING_HEAD: Final = len(_ROUTING_MAGIC) + LENGTH_SIZE
MAX_ROUTING: Final = 4096
"""Longest edge-routing bytes; real ones are about ten."""


def intro(routing_info: bytes = b"") -> bytes:
    """What goes out before the first frame.

    Raises:
        LocalProtocolError: the routing bytes are too long.
    """
    if not routing_info:
        return HEADER
    if len(routing_info) > MAX_ROUTING:
        raise LocalProtocolError(f"edge-routing bytes longer than {MAX_ROUTING}")
    return _ROUTING_MAGIC + len(routing_info).to_bytes(LENGTH_SIZE, "big") + routing_info + HEADER


def frame(payload: bytes) -> bytes:
    """`payload` as a frame.

    Raises:
        LocalProtocolError: the payload is too long.
    """
    if len(payload) > MAX_FRAME:
        raise LocalProtocolError(f"a frame cannot hold more than {MAX_FRAME} bytes")
    return len(payload).to_bytes(LENGTH_SIZE, "big") + payload


class FrameDecoder:
    """Cuts a byte stream into the payloads of its frames.

    Args:
        limit: longest payload to accept, in bytes; less than the 16 MB of the format where little is expected.
    """

    __slots__ = ("_buffer", "limit")

    def __init__(self, *, limit: int = MAX_FRAME) -> None:
        self.limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that `data` completes, in order.

        Raises:
            RemoteProtocolError: a frame is longer than the limit.
        """
        buffer = self._buffer
        if not buffer and len(data) >= LENGTH_SIZE and self._length(data, 0) == len(data) - LENGTH_SIZE:
            return [data[LENGTH_SIZE:]]  # The common case: one message, one frame, nothing to keep.
        buffer += data
        frames = []
        start, size = 0, len(buffer)
        while size - start >= LENGTH_SIZE:
            end = start + LENGTH_SIZE + self._length(buffer, start)
            if end > size:
                break
            frames.append(bytes(buffer[start + LENGTH_SIZE : end]))
            start = end
        del buffer[:start]
        return frames

    def _length(self, data: bytes | bytearray, start: int) -> int:
        length = data[start] << 16 | data[start + 1] << 8 | data[start + 2]
        if length > self.limit:
            raise RemoteProtocolError(f"a frame of {length} bytes is longer than {self.limit}")
        return length


class IntroDecoder:
    """Reads a client's intro off the front of its byte stream (the server's half)."""

    __slots__ = ("_buffer", "routing_info")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.routing_info = b""
        """The edge-routing bytes; complete once `feed` has given something."""

    def feed(self, data: bytes) -> bytes | None:
        """Nothing while the intro is incomplete; then, once, all bytes that follow it (maybe none).

        Raises:
            RemoteProtocolError: another protocol, version or dictionary.
        """
        buffer = self._buffer
        buffer += data
        start = 0
        if _agree(buffer, _ROUTING_MAGIC):
            if len(buffer) < _ROUTING_HEAD:
                return None
            length = int.from_bytes(buffer[len(_ROUTING_MAGIC) : _ROUTING_HEAD], "big")
            if length > MAX_ROUTING:
                raise RemoteProtocolError(f"edge-routing bytes longer than {MAX_ROUTING}")
            start = _ROUTING_HEAD + length
            self.routing_info = bytes(buffer[_ROUTING_HEAD:start])
        end = start + len(HEADER)
        if not _agree(buffer[start:end], HEADER):
            raise RemoteProtocolError(f"a connection does not start with {HEADER.hex(' ')}")
        return bytes(buffer[end:]) if len(buffer) >= end else None


def _agree(data: bytes | bytearray, magic: bytes) -> bool:
    """Whether `data` starts with `magic`, as far as there is data."""
    return data[: len(magic)] == magic[: len(data)]
