"""Secrets of messages: what later votes, answers, reactions, comments and edits of a message are encrypted with.

A message is named by chat, sender and id: ids are their sender's choice, and nobody may replace somebody else's secret
by sending a message of the same id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from motte.model.content.poll import Poll
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.store.batch import Batch
from motte.store.bounded import Bounded
from motte.store.codec import TEXT, Codec, bytes_of, from_json, text_of, to_json
from motte.store.table import Space

LIMIT: Final = 16384
MAX_AGE: Final = 90 * 86400.0
"""Seconds. Polls and events are answered long after they were sent."""
CACHED: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSecret:
    """The secret of the message `key`; a poll is kept along, since votes name its options by hash only."""

    key: MessageKey
    secret: bytes = field(repr=False)
    poll: Poll | None = None


class Secrets:
    """Message → its secret; the newest 16384 of the last 90 days."""

    def __init__(self, space: Space, *, limit: int = LIMIT, max_age: float = MAX_AGE) -> None:
        self.table = space.table("secrets", _CODEC, cached=CACHED)
        self.log = space.table("secrets_log", TEXT, cached=0)
        self._bounded = Bounded(self.table, self.log, limit=limit, max_age=max_age)

    async def find(
        self, message_id: str, *, chats: Iterable[Jid], senders: Iterable[Jid], batch: Batch | None = None
    ) -> KeptSecret | None:
        """The secret of a message whose chat and sender may each go by one of several addresses."""
        names = [name_of(chat, sender, message_id) for chat, sender in product(chats, senders)]
        found = await self.table.get_many(names, batch)
        return next((found[name] for name in names if name in found), None)

    async def put(self, batch: Batch, kept: KeptSecret, *, now: float) -> None:
        """Keep a secret; the oldest ones go when it is time."""
        await self._bounded.put(batch, name_of(kept.key.chat, kept.key.sender, kept.key.id), kept, now=now)


def name_of(chat: Jid, sender: Jid, message_id: str) -> str:
    """What a message is called in the store. An id may hold anything, JIDs hold no bar."""
    return f"{chat}|{sender}|{message_id}"


def _encode(value: KeptSecret) -> bytes:
    key, poll = value.key, value.poll
    plain: dict[str, Any] = {
        "chat": str(key.chat),
        "id": key.id,
        "sender": str(key.sender),
        "from_me": key.from_me,
        "secret": text_of(value.secret),
        "poll": None,
    }
    if poll is not None:
        plain["poll"] = {
            "name": poll.name,
            "options": poll.options,
            "selectable": poll.selectable,
            "announcement": poll.announcement,
            "answer": poll.answer,
        }
    return to_json(plain)


def _decode(data: bytes) -> KeptSecret:
    plain = from_json(data)
    poll = plain["poll"]
    key = MessageKey(
        chat=Jid.parse(plain["chat"]), id=plain["id"], sender=Jid.parse(plain["sender"]), from_me=plain["from_me"]
    )
    return KeptSecret(
        key=key,
        secret=bytes_of(plain["secret"]),
        poll=Poll(**{**poll, "options": tuple(poll["options"])}) if poll is not None else None,
    )


_CODEC: Final[Codec[KeptSecret]] = Codec(_encode, _decode)
