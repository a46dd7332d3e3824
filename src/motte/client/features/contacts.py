"""`client.contacts`: who is on WhatsApp, and by which addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from motte.client.features.messages import address
from motte.client.features.pictures import Pictures
from motte.client.ports import DeviceLists, Learning, Mappings, Requests
from motte.core.crypto.rng import Rng
from motte.core.stanza.usync import Protocol, Usync
from motte.model.device import DeviceList
from motte.model.jid import Jid
from motte.model.picture import Picture

BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCheck:
    """What the server says of a phone number: whether it is on WhatsApp, and its addresses if so."""

    number: str
    exists: bool
    jid: Jid | None
    lid: Jid | None


class Contacts:
    """Looks people up."""

    def __init__(
        self,
        *,
        wire: Requests,
        devices: DeviceLists,
        mappings: Mappings,
        addresses: Learning,
        pictures: Pictures,
        rng: Rng,
    ) -> None:
        self._wire, self._devices, self._mappings, self._pictures = wire, devices, mappings, pictures
        self._addresses, self._rng = addresses, rng

    async def check(self, *numbers: str) -> list[NumberCheck]:
        """Whether phone numbers are on WhatsApp, in the order given.

        Raises:
            InvalidJid: one of them is not a phone number.
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        digits = [Jid.phone(number).user for number in numbers]
        found: dict[str, NumberCheck] = {}
        for start in range(0, len(digits), BATCH):
            for check in await self._ask(digits[start : start + BATCH]):
                found[check.number] = check
        absent = (NumberCheck(number=number, exists=False, jid=None, lid=None) for number in digits)
        return [found.get(missing.number, missing) for missing in absent]

    async def devices(self, user: Jid | str, *, fresh: bool = False) -> DeviceList | None:
        """The devices of a person; None when the server knows none. `fresh` asks even when they are cached."""
        lists = await self._devices.of([address(user)], fresh=fresh)
        return lists[0] if lists else None

    async def picture(self, user: Jid | str, *, full: bool = True, known: Picture | None = None) -> Picture | None:
        """The picture of a person, in full size or small; None when there is none.

        Give the one that you have as `known`: it is given back when it is still right.

        Raises:
            NotAuthorized: they do not show it to us.
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        return await self._pictures.get(address(user), full=full, known=known)

    async def lid_of(self, user: Jid | str) -> Jid | None:
        """The LID that belongs to a phone number, as far as it was learnt."""
        return await self._mappings.lid_of(address(user))

    async def pn_of(self, user: Jid | str) -> Jid | None:
        """The phone number that belongs to a LID, as far as it was learnt."""
        return await self._mappings.pn_of(address(user))

    async def _ask(self, digits: Sequence[str]) -> list[NumberCheck]:
        request = Usync(sid=self._rng(8).hex(), protocols=(Protocol.CONTACT, Protocol.LID), numbers=tuple(digits))
        users = (await self._wire.request(request)).users
        await self._addresses.learn([(user.jid.user_jid, user.lid) for user in users if user.jid and user.lid])
        checks = []
        for user in users:
            number = (user.number or (user.jid.user if user.jid else "")).lstrip("+")
            exists = bool(user.contact)
            checks.append(NumberCheck(number=number, exists=exists, jid=user.jid if exists else None, lid=user.lid))
        return checks
