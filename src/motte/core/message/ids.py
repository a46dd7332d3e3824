"""Message ids as WhatsApp Web makes them: `3EB0` and 18 hexadecimal digits."""

from __future__ import annotations

import hashlib
from typing import Final

from motte.core.crypto.rng import Rng
from motte.model.jid import Jid

WEB_PREFIX: Final = "3EB0"
_OWNER_SIZE: Final = 20
_HASHED_BYTES: Final = 9


def message_id(own: Jid, now: float, rng: Rng) -> str:
    """A fresh id: the start of a hash over the time (unix seconds), the own user and 16 random bytes."""
    owner = f"{own.user}@c.us".encode()[:_OWNER_SIZE].ljust(_OWNER_SIZE, b"\0")
    digest = hashlib.sha256(int(now).to_bytes(8, "big") + owner + rng(16)).digest()
    return WEB_PREFIX + digest[:_HASHED_BYTES].hex().upper()
