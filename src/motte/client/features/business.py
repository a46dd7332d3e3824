"""`client.business`: businesses, and bots."""

from __future__ import annotations

from motte.client.features.messages import address
from motte.client.ports import Requests
from motte.core.stanza.business import GetBots, GetBusinessProfile
from motte.model.business import Bot, BusinessProfile
from motte.model.jid import Jid


class Business:
    """Looks businesses up. Every method raises `Disconnected`, `RequestTimeout` or a `ServerError`."""

    def __init__(self, *, wire: Requests) -> None:
        self._wire = wire

    async def profile(self, user: Jid | str) -> BusinessProfile | None:
        """What a business says of itself; None when they are none."""
        return await self._wire.request(GetBusinessProfile(address(user)))

    async def bots(self) -> tuple[Bot, ...]:
        """The bots that can be written to."""
        return await self._wire.request(GetBots())
