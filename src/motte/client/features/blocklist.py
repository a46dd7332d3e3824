"""`client.blocklist`: whom the account blocks."""

from __future__ import annotations

from motte.client.features.messages import address
from motte.client.ports_people import Blocking, Known
from motte.model.jid import Jid


class Blocklist:
    """Blocks people. Changes, on whichever device, come as `BlocklistChanged`.

    Every method may have to ask the server, and then raises `Disconnected`, `RequestTimeout` or a `ServerError`.
    """

    def __init__(self, *, blocking: Blocking, people: Known) -> None:
        self._blocking, self._people = blocking, people

    async def get(self, *, fresh: bool = False) -> tuple[Jid, ...]:
        """Everybody who is blocked, by LID as a rule; `fresh` asks even when the list is known."""
        return (await self._blocking.get(fresh=fresh)).people

    async def has(self, user: Jid | str) -> bool:
        """Whether a person, by whichever address, is blocked."""
        known = await self._people.user(address(user))
        return any(known.is_called(one) for one in await self.get())

    async def block(self, user: Jid | str) -> None:
        """Block a person: they can neither write to us nor see us.

        Raises:
            LocalProtocolError: they are not on WhatsApp.
        """
        await self._blocking.set(address(user), True)

    async def unblock(self, user: Jid | str) -> None:
        """Block a person no longer.

        Raises:
            LocalProtocolError: they are not on WhatsApp.
        """
        await self._blocking.set(address(user), False)
