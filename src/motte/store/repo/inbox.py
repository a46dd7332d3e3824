"""Messages that were decrypted and acknowledged, but not yet handled by the user's code.

The server forgets a message once it is acknowledged, so from then on it must survive here: an entry is written in the
same batch as the ratchet, and removed when every handler has finished with it. What is left after a crash is handed
out again at the next start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from motte.model.jid import Jid
from motte.model.message import MessageKey, Origin
from motte.store.batch import Batch
from motte.store.codec import Codec, pack, unpack
from motte.store.table import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """A message as its event needs it; `raw` is the decrypted, serialised `Message`, `timestamp` unix seconds."""

    key: MessageKey
    timestamp: int
    origin: Origin
    raw: bytes = field(repr=False)
    push_name: str | None = None
    sender_alt: Jid | None = None
    recovered: bool = False


class Inbox:
    """Order of arrival → message."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("inbox", _CODEC, cached=0)

    def put(self, batch: Batch, number: int, entry: InboxEntry) -> None:
        """Keep a message; `number` is its place in the order of arrival."""
        self.table.put(batch, _name(number), entry)

    def delete(self, batch: Batch, number: int) -> None:
        """It was handled."""
        self.table.delete(batch, _name(number))

    async def all(self) -> dict[int, InboxEntry]:
        """What is left, in order of arrival."""
        return {int(name): entry for name, entry in (await self.table.scan()).items()}


def _name(number: int) -> str:
    return f"{number:016d}"


def _encode(value: InboxEntry) -> bytes:
    flags = (1 if value.key.from_me else 0) | (2 if value.recovered else 0)
    texts = (
        str(value.key.chat),
        str(value.key.sender),
        value.key.id,
        value.origin,
        value.push_name or "",
        str(value.sender_alt) if value.sender_alt else "",
    )
    return pack(*(text.encode() for text in texts), value.timestamp.to_bytes(8, "big"), bytes((flags,)), value.raw)


def _decode(data: bytes) -> InboxEntry:
    *texts, timestamp, flags, raw = unpack(data, 9)
    chat, sender, message_id, origin, push_name, sender_alt = (text.decode() for text in texts)
    key = MessageKey(chat=Jid.parse(chat), sender=Jid.parse(sender), id=message_id, from_me=bool(flags[0] & 1))
    return InboxEntry(
        key=key,
        timestamp=int.from_bytes(timestamp, "big"),
        origin=Origin(origin),
        raw=raw,
        push_name=push_name or None,
        sender_alt=Jid.parse(sender_alt) if sender_alt else None,
        recovered=bool(flags[0] & 2),
    )


_CODEC: Final[Codec[InboxEntry]] = Codec(_encode, _decode)
