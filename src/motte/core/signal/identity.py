"""Identity keys: the own one, and what a changed one of a peer means.

The machinery below authenticates a peer's identity key; whether that key is trusted is decided outside, where the
stored one is known: trust on first use, and an event when it changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from motte.core.crypto.curve import KeyPair


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIdentity:
    """Who this device is to its peers: its long-term key `pair` and its `registration_id` (1 to 16380)."""

    pair: KeyPair
    registration_id: int


def changed(known: bytes | None, seen: bytes) -> bool:
    """Whether a peer shows another identity key (32 bytes) than the one stored; a first one is no change."""
    return known is not None and known != seen
