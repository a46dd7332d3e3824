"""Our one-time prekeys: made in bulk, given to the server, each used up by the first message of a new session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from motte.core.signal.keys import PreKey
from motte.store.batch import Batch
from motte.store.codec import Codec
from motte.store.table import Space


@dataclass(frozen=True, slots=True)
class _Kept:
    key: PreKey
    uploaded: bool


class PreKeys:
    """Id → one-time prekey, with a mark for those that the server has."""

    def __init__(self, space: Space) -> None:
        # A prekey is read once in its life: no cache.
        self.table = space.table("prekeys", _CODEC, cached=0)

    async def get(self, key_id: int, batch: Batch | None = None) -> PreKey | None:
        """The prekey of that id, or `None` when it was used up or never existed."""
        kept = await self.table.get(_name(key_id), batch)
        return None if kept is None else kept.key

    async def not_uploaded(self, batch: Batch | None = None) -> list[PreKey]:
        """The prekeys that the server does not have yet, by id."""
        return [kept.key for kept in (await self.table.scan("", batch)).values() if not kept.uploaded]

    async def count(self, batch: Batch | None = None) -> int:
        """How many there are."""
        return len(await self.table.scan("", batch))

    def put_many(self, batch: Batch, keys: Iterable[PreKey], *, uploaded: bool = False) -> None:
        """Keep these prekeys; putting them again with `uploaded=True` marks them."""
        for key in keys:
            self.table.put(batch, _name(key.id), _Kept(key, uploaded))

    def delete(self, batch: Batch, key_id: int) -> None:
        """Forget a prekey that was used."""
        self.table.delete(batch, _name(key_id))


def _name(key_id: int) -> str:
    # Eight digits hold 24 bits, so that the order of the text is that of the ids.
    return f"{key_id:08d}"


def _encode(kept: _Kept) -> bytes:
    return (b"\x01" if kept.uploaded else b"\x00") + kept.key.serialize()


def _decode(data: bytes) -> _Kept:
    return _Kept(PreKey.parse(data[1:]), data[:1] == b"\x01")


_CODEC: Final[Codec[_Kept]] = Codec(_encode, _decode)
