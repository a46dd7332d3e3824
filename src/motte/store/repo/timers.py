"""After how long the messages of a chat disappear."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from motte.model.jid import Jid
from motte.store.batch import Batch
from motte.store.codec import Codec
from motte.store.table import Space

CACHED: Final = 1024
_LAYOUT: Final = struct.Struct(">IQ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTimer:
    """The timer of a chat: `seconds`, 0 for off, and when it was set (unix seconds)."""

    seconds: int
    set_at: int


class Timers:
    """Chat → its disappearing timer."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("timers", _CODEC, cached=CACHED)

    async def get(self, names: Iterable[Jid], batch: Batch | None = None) -> ChatTimer | None:
        """The timer of a chat that goes by one of these addresses: the one that was set last."""
        found = await self.table.get_many(map(str, names), batch)
        return max(found.values(), key=lambda timer: timer.set_at, default=None)

    def put(self, batch: Batch, chat: Jid, timer: ChatTimer) -> None:
        """Keep a chat's timer."""
        self.table.put(batch, str(chat), timer)

    def delete(self, batch: Batch, chat: Jid) -> None:
        """Forget a chat's timer."""
        self.table.delete(batch, str(chat))


_CODEC: Final[Codec[ChatTimer]] = Codec(
    lambda timer: _LAYOUT.pack(timer.seconds, timer.set_at),
    lambda data: ChatTimer(**dict(zip(("seconds", "set_at"), _LAYOUT.unpack(data), strict=True))),
)
