"""`client.presence`: be online or not, watch others, show that one is typing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from motte.client.features.messages import address
from motte.client.ports import Account, Announcing, Requests, Tokens
from motte.core.crypto.rng import Rng
from motte.core.stanza import chatstate, presence
from motte.model.jid import Jid
from motte.model.presence import Activity, Availability


class Presence:
    """Own presence and that of others. All methods raise `Disconnected` without a connection."""

    def __init__(self, *, announcing: Announcing, wire: Requests, account: Account, trusted: Tokens, rng: Rng) -> None:
        self._announcing, self._wire, self._account = announcing, wire, account
        self._trusted, self._rng = trusted, rng

    async def available(self) -> bool:
        """Show this account as online; False when it has no name yet, without which the server shows nothing."""
        return self._announcing.announce(Availability.AVAILABLE)

    async def unavailable(self) -> bool:
        """Show this account as offline; the phone gets its notifications again."""
        return self._announcing.announce(Availability.UNAVAILABLE)

    async def subscribe(self, user: Jid | str) -> None:
        """Have `PresenceChanged` events of a person from now on, for as long as this connection lasts.

        Of a group, they say how many of its members are online.
        """
        watched = address(user)
        token = await self._trusted.shown_to(watched, dated=True)
        self._wire.send(presence.subscribe(watched, self._rng(8).hex(), token))

    async def set(self, chat: Jid | str, activity: Activity) -> None:
        """Show a chat that one is typing, recording, or doing neither any more."""
        self._wire.send(chatstate.send(self._account.me, address(chat), activity))

    @asynccontextmanager
    async def typing(self, chat: Jid | str, activity: Activity = Activity.COMPOSING) -> AsyncIterator[None]:
        """Show that one is typing for the length of the block."""
        await self.set(chat, activity)
        try:
            yield
        finally:
            await self.set(chat, Activity.PAUSED)
