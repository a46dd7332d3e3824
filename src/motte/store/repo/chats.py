"""The chats there are: the newest message of each, and how many are unread. What is set for them are `entries`."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.store.batch import Batch
from motte.store.codec import Codec, pack, unpack
from motte.store.table import Space

CACHED: Final = 1024
_NUMBERS: Final = struct.Struct(">Qi?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRow:
    """A chat: its newest message and its time (unix seconds), None when only the chat is known; `unread` messages."""

    jid: Jid
    newest: MessageKey | None = None
    timestamp: int = 0
    unread: int = 0


class Chats:
    """Chat → row. A person's chat stands under one address; which, is the caller's business."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("chats", _CODEC, cached=CACHED)

    async def get(self, names: Iterable[Jid], batch: Batch | None = None) -> ChatRow | None:
        """The row of a chat that goes by one of these addresses: the newest."""
        found = await self.table.get_many(map(str, names), batch)
        return max(found.values(), key=lambda row: row.timestamp, default=None)

    async def all(self) -> list[ChatRow]:
        """All of them."""
        return list((await self.table.scan()).values())

    def put(self, batch: Batch, row: ChatRow) -> None:
        """Keep a chat."""
        self.table.put(batch, str(row.jid), row)

    def delete(self, batch: Batch, chat: Jid) -> None:
        """Forget a chat."""
        self.table.delete(batch, str(chat))


def _encode(row: ChatRow) -> bytes:
    key = row.newest
    texts = (str(row.jid), key.id if key else "", str(key.sender) if key else "")
    numbers = _NUMBERS.pack(row.timestamp, row.unread, key.from_me if key else False)
    return pack(*(text.encode() for text in texts), numbers)


def _decode(data: bytes) -> ChatRow:
    *texts, numbers = unpack(data, 4)
    chat, message_id, sender = (text.decode() for text in texts)
    timestamp, unread, from_me = _NUMBERS.unpack(numbers)
    jid = Jid.parse(chat)
    newest = MessageKey(chat=jid, id=message_id, sender=Jid.parse(sender), from_me=from_me) if message_id else None
    return ChatRow(jid=jid, newest=newest, timestamp=timestamp, unread=unread)


_CODEC: Final[Codec[ChatRow]] = Codec(_encode, _decode)
