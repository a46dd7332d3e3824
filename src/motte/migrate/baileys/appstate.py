"""App state: its keys, and how far each collection was read.

    app-state-sync-key-<id>        the JSON of an AppStateSyncKeyData
    app-state-sync-version-<name>  {"version", "hash": 128 bytes, "indexValueMap": {"<index MAC>": {"valueMac"}}}

The collections' names are the wire's.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from motte.core.appstate import lthash
from motte.core.appstate.keys import MAC_SIZE
from motte.core.appstate.state import MAX_VERSION, CollectionState
from motte.migrate.baileys.folder import Item
from motte.proto.e2e_pb2 import Message

_UINT32: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCollection:
    """A collection at a version, with the value MACs of its records by index MAC."""

    state: CollectionState
    macs: Mapping[bytes, bytes] = field(repr=False)

    @property
    def sound(self) -> bool:
        """Whether the hash is that of the records: Baileys does not check it unless it is told to."""
        return lthash.change(lthash.EMPTY, remove=(), add=self.macs.values()) == self.state.lthash


def read_sync_key(item: Item) -> bytes:
    """A key as a serialised AppStateSyncKeyData.

    Raises:
        ImportFailed: the file is damaged.
    """
    entry = item.read()
    key = Message.AppStateSyncKeyData(keyData=entry["keyData"].data())
    if not key.keyData:
        raise entry["keyData"].fail("is empty")
    if (timestamp := entry.get("timestamp")) is not None:
        key.timestamp = timestamp.number()
    if (fingerprint := entry.get("fingerprint")) is not None:
        for name in ("rawId", "currentIndex"):
            if (number := fingerprint.get(name)) is not None:
                setattr(key.fingerprint, name, number.number(0, _UINT32))
        if (indexes := fingerprint.get("deviceIndexes")) is not None:
            key.fingerprint.deviceIndexes.extend(one.number(0, _UINT32) for one in indexes.elements())
    return key.SerializeToString()


def read_collection(item: Item) -> KnownCollection | None:
    """A collection; `None` for one that was never fetched.

    Raises:
        ImportFailed: the file is damaged.
    """
    entry = item.read()
    state = CollectionState(version=entry["version"].number(0, MAX_VERSION), lthash=entry["hash"].data(lthash.SIZE))
    if not state.version:
        return None
    macs = {}
    for name, record in entry["indexValueMap"].items():
        try:
            index_mac = binascii.a2b_base64(name, strict_mode=True)
        except (binascii.Error, ValueError):
            index_mac = b""
        if len(index_mac) != MAC_SIZE:
            raise record.fail("is not named by an index MAC")
        macs[index_mac] = record["valueMac"].data(MAC_SIZE)
    return KnownCollection(state=state, macs=macs)
