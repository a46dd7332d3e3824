"""The keys of app state: a shared secret of the account's devices, and the five keys that follow from it.

HKDF-SHA256(key data, 160 bytes, info "WhatsApp Mutation Keys")
  = index | value encryption | value MAC | snapshot MAC | patch MAC        32 bytes each
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from motte.core.crypto.kdf import Hmac, hkdf, hmac_sha256
from motte.errors import RemoteProtocolError

INFO: Final = b"WhatsApp Mutation Keys"
MAX_KEY_ID: Final = 64
"""Bytes of a key id; real ones have six: the maker's device and a counter."""
MAC_SIZE: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationKeys:
    """One app-state key, expanded."""

    id: bytes
    index: bytes = field(repr=False)
    value: bytes = field(repr=False)
    value_mac: bytes = field(repr=False)
    snapshot_mac: bytes = field(repr=False)
    patch_mac: bytes = field(repr=False)
    _of_index: Hmac = field(init=False, repr=False, compare=False)
    _of_value: Hmac = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_of_index", Hmac(self.index, "sha256"))
        object.__setattr__(self, "_of_value", Hmac(self.value_mac, "sha512"))

    @classmethod
    def derive(cls, key_id: bytes, secret: bytes) -> MutationKeys:
        """The keys of the secret that was shared under `key_id`.

        Raises:
            RemoteProtocolError: the id or the secret is empty or too long.
        """
        if not 0 < len(key_id) <= MAX_KEY_ID or not secret:
            raise RemoteProtocolError("an app-state key without an id or a secret")
        expanded = hkdf(secret, 5 * 32, info=INFO)
        index, value, value_mac, snapshot_mac, patch_mac = (expanded[at : at + 32] for at in range(0, 160, 32))
        return cls(
            id=key_id,
            index=index,
            value=value,
            value_mac=value_mac,
            snapshot_mac=snapshot_mac,
            patch_mac=patch_mac,
        )

    def mac_of_index(self, index: bytes) -> bytes:
        """What stands for an index on the server."""
        return self._of_index.digest(index)

    def mac_of_value(self, operation: int, sealed: bytes) -> bytes:
        """The MAC of IV and ciphertext, for the operation 0 (set) or 1 (remove)."""
        named = bytes((operation + 1,)) + self.id
        return self._of_value.digest(named + sealed + len(named).to_bytes(8, "big"))[:MAC_SIZE]

    def mac_of_state(self, collection: str, version: int, lthash: bytes) -> bytes:
        """The snapshot MAC: what a collection holds at a version."""
        return hmac_sha256(self.snapshot_mac, lthash + version.to_bytes(8, "big") + collection.encode())

    def mac_of_patch(self, collection: str, version: int, snapshot_mac: bytes, value_macs: bytes) -> bytes:
        """The patch MAC: which values, in this order, lead to that snapshot MAC."""
        return hmac_sha256(self.patch_mac, snapshot_mac + value_macs + version.to_bytes(8, "big") + collection.encode())
