"""The Signal sessions with other devices.

They live in the cache as objects: a message that arrives costs no parsing, and only a session that was put is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from motte.core.signal.address import Address
from motte.core.signal.record import SessionRecord
from motte.store.batch import Batch
from motte.store.codec import Codec
from motte.store.table import Space

CACHED: Final = 2048
"""Sessions in memory: enough for a message to a full group (1024 members) twice over."""

_CODEC: Final[Codec[SessionRecord]] = Codec(SessionRecord.serialize, SessionRecord.parse)


class Sessions:
    """Address → session record."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("sessions", _CODEC, cached=CACHED)

    async def get(self, address: Address, batch: Batch | None = None) -> SessionRecord | None:
        """The record of one address."""
        return await self.table.get(str(address), batch)

    async def get_many(self, addresses: Iterable[Address], batch: Batch | None = None) -> dict[Address, SessionRecord]:
        """The records that exist among these addresses, read together."""
        names = {str(address): address for address in addresses}
        return {names[name]: record for name, record in (await self.table.get_many(names, batch)).items()}

    async def of_user(self, user: str, batch: Batch | None = None) -> dict[Address, SessionRecord]:
        """The records of all devices of a user (`Address.user`, so with the domain of a LID)."""
        found = await self.table.scan(f"{user}.", batch)
        return {Address.parse(name): record for name, record in found.items()}

    def put(self, batch: Batch, address: Address, record: SessionRecord) -> None:
        """Keep this record for the address."""
        self.table.put(batch, str(address), record)

    def delete(self, batch: Batch, address: Address) -> None:
        """Forget the session; the next message makes a new one."""
        self.table.delete(batch, str(address))
