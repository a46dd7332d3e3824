"""Chunks of history on their way, and which ones were taken in.

The phone announces a chunk in a message, and forgets it when that is acknowledged. So the notice stands here from the
message's batch until everything in the chunk was handed out; after a crash it goes on where it stopped.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from motte.store.batch import Batch
from motte.store.codec import RAW, Codec, pack, unpack
from motte.store.table import Space

REMEMBERED: Final = 512
"""Chunks that are known again when they come twice."""
DIGEST_SIZE: Final = 16
_SEEN: Final = "digests"
_PARTS: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A chunk that was announced: the serialised `HistorySyncNotification`, and how many parts were handed out."""

    notification: bytes = field(repr=False)
    parts: int = 0


class History:
    """Order of arrival → notice; and the digests of chunks that are done, the newest 512."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("history", _CODEC, cached=0)
        self.digests = space.table("history_seen", RAW, cached=1)

    async def pending(self) -> dict[int, Announced]:
        """What is not done, in order of arrival."""
        return {int(name): notice for name, notice in (await self.table.scan()).items()}

    def put(self, batch: Batch, number: int, notice: Announced) -> None:
        """Keep a notice; `number` is its place in the order of arrival."""
        self.table.put(batch, _name(number), notice)

    def delete(self, batch: Batch, number: int) -> None:
        """Its chunk is done."""
        self.table.delete(batch, _name(number))

    async def is_known(self, digest: bytes) -> bool:
        """Whether a chunk was taken in before; `digest` has 16 bytes."""
        known = await self.digests.get(_SEEN) or b""
        return any(known[at : at + DIGEST_SIZE] == digest for at in range(0, len(known), DIGEST_SIZE))

    async def remember(self, batch: Batch, digest: bytes) -> None:
        """A chunk is taken in."""
        known = await self.digests.get(_SEEN, batch) or b""
        self.digests.put(batch, _SEEN, (known + digest)[-REMEMBERED * DIGEST_SIZE :])


def _name(number: int) -> str:
    return f"{number:012d}"


def _encode(value: Announced) -> bytes:
    return pack(value.notification, _PARTS.pack(value.parts))


def _decode(data: bytes) -> Announced:
    notification, parts = unpack(data, 2)
    return Announced(notification=notification, parts=_PARTS.unpack(parts)[0])


_CODEC: Final[Codec[Announced]] = Codec(_encode, _decode)
