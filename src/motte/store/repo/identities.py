"""The identity keys of other devices: trust on first use, and notice when one changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from motte.core.signal.address import Address
from motte.store.batch import Batch
from motte.store.codec import RAW
from motte.store.table import Space

CACHED: Final = 2048


class Identities:
    """Address → 32-byte public identity key."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("identities", RAW, cached=CACHED)

    async def get(self, address: Address, batch: Batch | None = None) -> bytes | None:
        """The key that this address showed before, or `None`."""
        return await self.table.get(str(address), batch)

    async def get_many(self, addresses: Iterable[Address], batch: Batch | None = None) -> dict[Address, bytes]:
        """The known keys among these addresses."""
        names = {str(address): address for address in addresses}
        return {names[name]: key for name, key in (await self.table.get_many(names, batch)).items()}

    def put(self, batch: Batch, address: Address, key: bytes) -> None:
        """Trust `key` for this address from now on."""
        self.table.put(batch, str(address), key)

    def delete(self, batch: Batch, address: Address) -> None:
        """Forget the key."""
        self.table.delete(batch, str(address))
