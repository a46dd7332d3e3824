"""Trusted-contact tokens: opaque bytes that a peer or the server gave us for a user."""

from __future__ import annotations

from typing import Final

from motte.model.jid import Jid
from motte.store.batch import Batch
from motte.store.codec import RAW
from motte.store.table import Space

CACHED: Final = 1024


class Tokens:
    """User → bytes."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("tokens", RAW, cached=CACHED)

    async def get(self, user: Jid, batch: Batch | None = None) -> bytes | None:
        """What is kept for a user."""
        return await self.table.get(str(user.user_jid), batch)

    def put(self, batch: Batch, user: Jid, token: bytes) -> None:
        """Keep a token."""
        self.table.put(batch, str(user.user_jid), token)

    def delete(self, batch: Batch, user: Jid) -> None:
        """Forget a token."""
        self.table.delete(batch, str(user.user_jid))
