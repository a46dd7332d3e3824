"""Sender keys: the group ciphers of others, our own, and who has been given ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from motte.core.signal.address import Address
from motte.core.signal.sender_key import SenderKeyRecord
from motte.model.jid import Jid
from motte.store.batch import Batch
from motte.store.codec import Codec
from motte.store.table import Space

CACHED: Final = 1024
CACHED_HOLDERS: Final = 64

_RECORD: Final[Codec[SenderKeyRecord]] = Codec(SenderKeyRecord.serialize, SenderKeyRecord.parse)
_HOLDERS: Final[Codec[frozenset[Jid]]] = Codec(
    lambda devices: "\n".join(sorted(map(str, devices))).encode(),
    lambda data: frozenset(Jid.parse(text) for text in data.decode().splitlines()),
)


class SenderKeys:
    """(group, address of the sender) → sender-key record; group → devices that hold our own key."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("sender_keys", _RECORD, cached=CACHED)
        self.holder_table = space.table("sender_key_holders", _HOLDERS, cached=CACHED_HOLDERS)

    async def get(self, group: Jid, sender: Address, batch: Batch | None = None) -> SenderKeyRecord | None:
        """The record of a sender in a group."""
        return await self.table.get(_name(group, sender), batch)

    def put(self, batch: Batch, group: Jid, sender: Address, record: SenderKeyRecord) -> None:
        """Keep this record."""
        self.table.put(batch, _name(group, sender), record)

    def delete(self, batch: Batch, group: Jid, sender: Address) -> None:
        """Forget a sender's key in a group."""
        self.table.delete(batch, _name(group, sender))

    async def holders(self, group: Jid, batch: Batch | None = None) -> frozenset[Jid]:
        """The devices that have been given our own key of this group."""
        return await self.holder_table.get(str(group), batch) or frozenset()

    def put_holders(self, batch: Batch, group: Jid, devices: Iterable[Jid]) -> None:
        """These devices, and no others, hold our key now. None: the key has to be given to everybody again."""
        held = frozenset(devices)
        if held:
            self.holder_table.put(batch, str(group), held)
        else:
            self.holder_table.delete(batch, str(group))


def _name(group: Jid, sender: Address) -> str:
    return f"{group}|{sender}"
