"""What we sent: kept for a while, so that a device that could not decrypt a message can be sent it again."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from motte.model.jid import Jid
from motte.store.batch import Batch
from motte.store.bounded import Bounded
from motte.store.codec import TEXT, Codec, pack, unpack
from motte.store.table import Space

LIMIT: Final = 4096
MAX_AGE: Final = 14 * 86400.0
"""Seconds. The server keeps an offline device's messages no longer than this either."""
CACHED: Final = 64

_TIME: Final = struct.Struct(">d")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message of ours.

    Attributes:
        id: its id on the wire; ours are random, so the id alone finds it, by whichever name the peer knows the chat.
        chat: where it went.
        message: the serialised `Message`, without padding.
        participants: the devices it was encrypted for. Send it again to no one else.
        sent_at: unix seconds.
    """

    id: str
    chat: Jid
    message: bytes
    participants: tuple[Jid, ...]
    sent_at: float


class Sent:
    """Message id → sent message; the newest 4096 of the last 14 days."""

    def __init__(self, space: Space, *, limit: int = LIMIT, max_age: float = MAX_AGE) -> None:
        self.table = space.table("sent", _CODEC, cached=CACHED)
        self.log = space.table("sent_log", TEXT, cached=0)
        self._bounded = Bounded(self.table, self.log, limit=limit, max_age=max_age)

    async def get(self, message_id: str, batch: Batch | None = None) -> SentMessage | None:
        """The message of that id, as long as it is kept."""
        return await self.table.get(message_id, batch)

    async def put(self, batch: Batch, message: SentMessage) -> None:
        """Keep a message; the oldest ones go when it is time."""
        await self._bounded.put(batch, message.id, message, now=message.sent_at)

    def delete(self, batch: Batch, message_id: str) -> None:
        """Forget a message (it was revoked)."""
        self.table.delete(batch, message_id)


def _encode(value: SentMessage) -> bytes:
    devices = "\n".join(map(str, value.participants))
    return pack(value.id.encode(), str(value.chat).encode(), value.message, devices.encode(), _TIME.pack(value.sent_at))


def _decode(data: bytes) -> SentMessage:
    message_id, chat, message, devices, time = unpack(data, 5)
    return SentMessage(
        id=message_id.decode(),
        chat=Jid.parse(chat.decode()),
        message=message,
        participants=tuple(Jid.parse(device) for device in devices.decode().splitlines()),
        sent_at=_TIME.unpack(time)[0],
    )


_CODEC: Final[Codec[SentMessage]] = Codec(_encode, _decode)
