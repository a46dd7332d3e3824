"""What we received: enough to know a message that comes twice, and to follow one that could not be decrypted."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from motte.model.jid import Jid
from motte.store.batch import Batch
from motte.store.bounded import Bounded
from motte.store.codec import TEXT, Codec
from motte.store.table import Space

LIMIT: Final = 16384
MAX_AGE: Final = 14 * 86400.0
"""Seconds. The server does not deliver older messages."""
CACHED: Final = 1024

_LAYOUT: Final = struct.Struct(">BHdH")


class MessageState(IntEnum):
    """What became of a received message."""

    DONE = 1
    """Decrypted and handed on."""
    PENDING = 2
    """Could not be decrypted; the sender was asked to send it again."""
    GIVEN_UP = 3
    """Could not be decrypted and will not be asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedId:
    """Which message: ids are the sender's choice, so chat and sender (user or device) belong to it."""

    chat: Jid
    sender: Jid
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The fate of a message: its state, when it came first (unix seconds), how often we asked for it again, and the
    code of the last failure (0 for none; the engine's own)."""

    state: MessageState
    first_seen: float
    retries: int = 0
    failure: int = 0


class ReceivedMessages:
    """Message → its fate; the newest 16384 of the last 14 days."""

    def __init__(self, space: Space, *, limit: int = LIMIT, max_age: float = MAX_AGE) -> None:
        self.table = space.table("received", _CODEC, cached=CACHED)
        self.log = space.table("received_log", TEXT, cached=0)
        self._bounded = Bounded(self.table, self.log, limit=limit, max_age=max_age)

    async def get(self, message: ReceivedId, batch: Batch | None = None) -> Received | None:
        """What became of a message, or `None` when it is new to us."""
        return await self.table.get(_name(message), batch)

    async def put(self, batch: Batch, message: ReceivedId, fate: Received) -> None:
        """Remember what became of a message; the oldest ones go when it is time."""
        await self._bounded.put(batch, _name(message), fate, now=fate.first_seen)

    async def pending(self, batch: Batch | None = None) -> dict[ReceivedId, Received]:
        """The messages that still wait for a success. Reads them all: for the start, not for each message."""
        found = await self.table.scan("", batch)
        return {_id(name): fate for name, fate in found.items() if fate.state is MessageState.PENDING}


def _name(message: ReceivedId) -> str:
    return f"{message.chat}|{message.sender}|{message.id}"


def _id(name: str) -> ReceivedId:
    # A message id may hold anything, JIDs hold no bar.
    chat, sender, message_id = name.split("|", 2)
    return ReceivedId(chat=Jid.parse(chat), sender=Jid.parse(sender), id=message_id)


def _encode(value: Received) -> bytes:
    return _LAYOUT.pack(value.state, value.retries, value.first_seen, value.failure)


def _decode(data: bytes) -> Received:
    state, retries, first_seen, failure = _LAYOUT.unpack(data)
    return Received(state=MessageState(state), retries=retries, first_seen=first_seen, failure=failure)


_CODEC: Final[Codec[Received]] = Codec(_encode, _decode)
