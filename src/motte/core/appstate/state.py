"""What is known of a collection: its version and the LT-hash of its records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from motte.core.appstate import lthash
from motte.core.appstate.mutation import Mutation
from motte.errors import StoreCorrupt

MAX_VERSION: Final = 2**63 - 1
Macs: TypeAlias = Mapping[bytes, bytes]
"""Index MAC → value MAC of records. What the hash is made of; a value that goes has to be taken out of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionState:
    """A collection at a version; version 0 is one that was never fetched."""

    version: int = 0
    lthash: bytes = field(default=lthash.EMPTY, repr=False)

    def serialize(self) -> bytes:
        """The state as the store keeps it: 8 bytes of version, 128 of hash."""
        return self.version.to_bytes(8, "big") + self.lthash

    @classmethod
    def parse(cls, data: bytes) -> CollectionState:
        """The state that `serialize` wrote.

        Raises:
            StoreCorrupt: it is none.
        """
        if len(data) != 8 + lthash.SIZE:
            raise StoreCorrupt("the stored state of an app-state collection has a wrong size")
        return cls(version=int.from_bytes(data[:8], "big"), lthash=data[8:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What follows from a patch or a snapshot: the new state, what changed, and the MACs to keep with it.

    `macs` holds the records that were set, and None for those that are gone. `unreadable` counts records that are
    authentic and yet make no sense; `unknown_removals` those that were removed without having been there.
    """

    state: CollectionState
    mutations: tuple[Mutation, ...]
    macs: Mapping[bytes, bytes | None]
    unreadable: int = 0
    unknown_removals: int = 0
