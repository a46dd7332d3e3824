"""App state: the version of each collection and the keys that open their patches. Opaque bytes to the store.

The salt of client-made tokens is here too: app state brings and takes it, and history may have brought it before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from motte.store.batch import Batch
from motte.store.codec import RAW
from motte.store.table import Space

CACHED: Final = 32
_SYNCED_SALT: Final = "salt:synced"
_TOLD_SALT: Final = "salt:told"


class AppState:
    """Collection → state and MACs; key id → key."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("appstate", RAW, cached=CACHED)
        # Read once per change: in the cache they would only push the keys out.
        self.macs = space.table("appstate", RAW, cached=0)

    async def get_version(self, collection: str, batch: Batch | None = None) -> bytes | None:
        """The state of a collection."""
        return await self.table.get(f"version:{collection}", batch)

    def put_version(self, batch: Batch, collection: str, state: bytes) -> None:
        """Keep the state of a collection."""
        self.table.put(batch, f"version:{collection}", state)

    async def get_macs(
        self, collection: str, index_macs: Iterable[bytes], batch: Batch | None = None
    ) -> dict[bytes, bytes]:
        """The value MACs of those records that exist, by their index MACs."""
        keys = {f"mac:{collection}:{index_mac.hex()}": index_mac for index_mac in index_macs}
        return {keys[key]: mac for key, mac in (await self.macs.get_many(keys, batch)).items()}

    def put_macs(self, batch: Batch, collection: str, changed: Mapping[bytes, bytes | None]) -> None:
        """Keep the value MACs of records by their index MACs, and forget those of the records that are None."""
        for index_mac, mac in changed.items():
            key = f"mac:{collection}:{index_mac.hex()}"
            if mac is None:
                self.macs.delete(batch, key)
            else:
                self.macs.put(batch, key, mac)

    async def replace_macs(self, batch: Batch, collection: str, macs: Mapping[bytes, bytes | None]) -> None:
        """Keep these MACs, and forget all others of the collection."""
        prefix = f"mac:{collection}:"
        for key in await self.macs.scan(prefix, batch):
            if bytes.fromhex(key.removeprefix(prefix)) not in macs:
                self.macs.delete(batch, key)
        self.put_macs(batch, collection, macs)

    async def get_key(self, key_id: bytes, batch: Batch | None = None) -> bytes | None:
        """The key of that id."""
        return await self.table.get(f"key:{key_id.hex()}", batch)

    async def keys(self, batch: Batch | None = None) -> dict[bytes, bytes]:
        """All keys by their ids."""
        rows = await self.table.scan("key:", batch)
        return {bytes.fromhex(name.partition(":")[2]): key for name, key in rows.items()}

    async def key_ids(self, batch: Batch | None = None) -> list[bytes]:
        """The ids of all keys that we have."""
        return [bytes.fromhex(name.partition(":")[2]) for name in await self.table.scan("key:", batch)]

    def put_key(self, batch: Batch, key_id: bytes, key: bytes) -> None:
        """Keep a key."""
        self.table.put(batch, f"key:{key_id.hex()}", key)

    async def get_salt(self, batch: Batch | None = None) -> bytes | None:
        """The salt, as app state has it, else as history brought it."""
        synced = await self.table.get(_SYNCED_SALT, batch)
        return (synced if synced is not None else await self.table.get(_TOLD_SALT, batch)) or None

    def put_salt(self, batch: Batch, salt: bytes | None) -> None:
        """App state brings the salt, or (None) takes it: from then on history's does not count."""
        self.table.put(batch, _SYNCED_SALT, salt or b"")

    def put_told_salt(self, batch: Batch, salt: bytes) -> None:
        """History brings the salt."""
        self.table.put(batch, _TOLD_SALT, salt)
