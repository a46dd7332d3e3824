"""A chunk of history: a deflated `HistorySync`, inside its notice or in a file of its own.

It comes from the own phone alone, and is not trusted for that: what it inflates to, and what it holds, has limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.binary.inflate import inflate
from motte.errors import HistoryError, RemoteProtocolError
from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import HistorySync

MAX_FILE: Final = 64 * 1024 * 1024
"""Bytes of a deflated chunk."""
MAX_SIZE: Final = 128 * 1024 * 1024
"""Bytes of an inflated one."""
MAX_RATIO: Final = 200
"""Text deflates to a tenth, the same text over and over to less; a thousandth is what nothing but zeros comes to."""
SMALL: Final = 1024 * 1024
"""Bytes that any chunk may inflate to."""
MAX_CHATS: Final = 200_000
MAX_MESSAGES: Final = 1_000_000
_UNKNOWN_KIND: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk that was read; `raw` is only looked at where it is needed, which is what makes it quick."""

    raw: HistorySync = field(repr=False)

    @property
    def kind(self) -> str:
        """Its kind (`HistoryKind`)."""
        # A kind that is newer than the schema is among the unknown fields, as if there were none.
        return HistorySync.HistorySyncType.Name(self.raw.syncType) if self.raw.HasField("syncType") else _UNKNOWN_KIND

    @property
    def order(self) -> int:
        """Its number among the chunks of its kind."""
        return self.raw.chunkOrder

    @property
    def progress(self) -> int | None:
        """How far along the phone is, in percent."""
        return min(self.raw.progress, 100) if self.raw.HasField("progress") else None


def read(data: bytes) -> Chunk:
    """The chunk in deflated bytes. Takes a while for a long one: call it in a thread.

    Raises:
        HistoryError: it is too much, cut short, or no HistorySync.
    """
    if len(data) > MAX_FILE:
        raise HistoryError("size", f"a chunk has more than {MAX_FILE} bytes")
    try:
        raw = HistorySync.FromString(inflate(data, min(MAX_SIZE, max(SMALL, len(data) * MAX_RATIO))))
    except DecodeError:
        raise HistoryError("format", "a chunk is no HistorySync, or nested too deep") from None
    except RemoteProtocolError as error:
        raise HistoryError("inflate", f"a chunk cannot be inflated: {error}") from None
    if len(raw.conversations) > MAX_CHATS:
        raise HistoryError("count", f"a chunk has more than {MAX_CHATS} chats")
    if sum(len(chat.messages) for chat in raw.conversations) + len(raw.statusV3Messages) > MAX_MESSAGES:
        raise HistoryError("count", f"a chunk has more than {MAX_MESSAGES} messages")
    return Chunk(raw)


def kind_of(notification: Message.HistorySyncNotification) -> str:
    """The kind that a notice names."""
    if not notification.HasField("syncType"):
        return _UNKNOWN_KIND
    return Message.HistorySyncType.Name(notification.syncType)
