"""History that a client must not believe, or that would be too much for it.

| fault | the next chunk |
|---|---|
| `mac` | its file has a wrong MAC; the hash of the file says so, too |
| `hash` | its file is not what the notice says |
| `gone` | its file is not there (404) |
| `truncated` | its compressed bytes end early |
| `garbage` | is no HistorySync |
| `bomb` | inflates to `size` bytes of nothing |
| `nested` | has a message in messages, thousands deep |
| `duplicate` | comes twice |
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from motte.proto.history_pb2 import HistorySync

BOMB_SIZE: Final = 256 * 1024 * 1024
_PIECE: Final = bytes(1 << 20)
_DEPTH: Final = 5000
_BYTES_FIELD: Final = b"\x4a"  # field 9 of HistorySync, threadIdUserSecret: bytes that nobody looks at


@dataclass(frozen=True, slots=True)
class HistoryFault:
    """What happens to the next chunk; `size` is of a bomb."""

    kind: str
    size: int = BOMB_SIZE


@dataclass(slots=True)
class HistoryFaults:
    """The faults that wait, in the order in which they strike."""

    waiting: deque[HistoryFault] = field(default_factory=deque)

    def next(self) -> HistoryFault | None:
        """What the next chunk meets, if anything."""
        return self.waiting.popleft() if self.waiting else None


def compressed(history: HistorySync, fault: HistoryFault | None) -> bytes:
    """A chunk as it travels, when nothing or this goes wrong."""
    make = _COMPRESSED.get(fault.kind) if fault else None
    return make(history, fault.size) if make and fault else zlib.compress(history.SerializeToString())


def _bomb(history: HistorySync, size: int) -> bytes:
    return _deflated(_blown_up(history, size))


def _blown_up(history: HistorySync, size: int) -> Iterator[bytes]:
    yield history.SerializeToString() + _BYTES_FIELD + _varint(size)
    for _ in range(size // len(_PIECE)):
        yield _PIECE
    yield bytes(size % len(_PIECE))


def _deflated(pieces: Iterator[bytes]) -> bytes:
    deflate = zlib.compressobj(9)
    return b"".join([*(deflate.compress(piece) for piece in pieces), deflate.flush()])


def _nested(history: HistorySync, size: int) -> bytes:
    """`Message.ephemeralMessage.message.ephemeralMessage…`, in a chat's first message."""
    message = b"\n\x01x"  # conversation = "x"
    for _ in range(_DEPTH):
        wrapped = b"\x0a" + _varint(len(message)) + message  # FutureProofMessage.message
        message = b"\xc2\x02" + _varint(len(wrapped)) + wrapped  # Message.ephemeralMessage
    info = b"\x12" + _varint(len(message)) + message  # WebMessageInfo.message
    placed = b"\x0a" + _varint(len(info)) + info  # HistorySyncMsg.message
    chat = b"\x0a\x0b1@s.unknown" + b"\x12" + _varint(len(placed)) + placed  # Conversation.id and .messages
    return zlib.compress(history.SerializeToString() + b"\x12" + _varint(len(chat)) + chat)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def _truncated(history: HistorySync, size: int) -> bytes:
    whole = zlib.compress(history.SerializeToString())
    return whole[: len(whole) // 2]


def _garbage(history: HistorySync, size: int) -> bytes:
    return zlib.compress(b"\xff" * 64)


_COMPRESSED: Final[Mapping[str, Callable[[HistorySync, int], bytes]]] = {
    "bomb": _bomb,
    "nested": _nested,
    "truncated": _truncated,
    "garbage": _garbage,
}
OF_FILES: Final = frozenset({"mac", "hash", "gone"})
"""Faults of the file that a chunk is in: such a chunk is never sent inside its notice."""
HISTORY_FAULTS: Final = (*sorted(OF_FILES), *_COMPRESSED, "duplicate")
"""The kinds of faults."""
