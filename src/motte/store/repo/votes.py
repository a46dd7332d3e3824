"""The last vote of each voter of each poll."""

from __future__ import annotations

import struct
from typing import Final

from motte.model.content.poll import PollVote
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.store.batch import Batch
from motte.store.bounded import Bounded
from motte.store.codec import TEXT, Codec, pack, unpack
from motte.store.repo.secrets import name_of
from motte.store.table import Space

LIMIT: Final = 16384
MAX_AGE: Final = 90 * 86400.0
"""Seconds; as long as the secrets of polls."""
CACHED: Final = 256

_TIME: Final = struct.Struct(">q")
_HASH_SIZE: Final = 32

_Row = tuple[tuple[bytes, ...], int]


class Votes:
    """Poll and voter → vote; the newest 16384 of the last 90 days."""

    def __init__(self, space: Space, *, limit: int = LIMIT, max_age: float = MAX_AGE) -> None:
        self.table = space.table("votes", _CODEC, cached=CACHED)
        self.log = space.table("votes_log", TEXT, cached=0)
        self._bounded = Bounded(self.table, self.log, limit=limit, max_age=max_age)

    async def put(self, batch: Batch, voter: Jid, vote: PollVote, *, now: float) -> None:
        """Keep a vote; it replaces the voter's earlier one."""
        row = (vote.chosen, vote.timestamp_ms or 0)
        await self._bounded.put(batch, f"{_poll(vote.poll)}|{voter}", row, now=now)

    def delete(self, batch: Batch, poll: MessageKey, voter: Jid) -> None:
        """Forget a vote."""
        self.table.delete(batch, f"{_poll(poll)}|{voter}")

    async def of(self, poll: MessageKey, batch: Batch | None = None) -> dict[Jid, PollVote]:
        """The last vote of each voter."""
        name, votes = _poll(poll), {}
        for key, (hashes, sent_at) in (await self.table.scan(f"{name}|", batch)).items():
            found, _, voter = key.rpartition("|")
            if found == name:  # an id may itself hold a bar, and so begin with this one's name
                votes[Jid.parse(voter)] = PollVote(poll=poll, hashes=hashes, timestamp_ms=sent_at or None)
        return votes


def _poll(key: MessageKey) -> str:
    return name_of(key.chat, key.sender, key.id)


def _encode(value: _Row) -> bytes:
    hashes, sent_at = value
    return pack(b"".join(hashes), _TIME.pack(sent_at))


def _decode(data: bytes) -> _Row:
    joined, time = unpack(data, 2)
    hashes = tuple(joined[at : at + _HASH_SIZE] for at in range(0, len(joined), _HASH_SIZE))
    return hashes, _TIME.unpack(time)[0]


_CODEC: Final[Codec[_Row]] = Codec(_encode, _decode)
