"""`client.contacts`: who is on WhatsApp, and by which addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from motte.client.features.messages import address
from motte.client.features.pictures import Pictures
from motte.client.features.state import State
from motte.client.ports import DeviceLists, Learning, Mappings, Requests
from motte.core.crypto.rng import Rng
from motte.core.stanza.usync import Protocol, Usync
from motte.model.appstate import ContactEntry, ContactRemoved, LidContact, Removed
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
        state: State,
        rng: Rng,
    ) -> None:
        self._wire, self._devices, self._mappings, self._pictures = wire, devices, mappings, pictures
        self._addresses, self._state, self._rng = addresses, state, rng

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

    async def save(self, user: Jid | str, full_name: str, *, first_name: str = "", on_phone: bool = True) -> None:
        """Put a person into the account's address book, or change what they are called there.

        Args:
            user: a phone number or JID; somebody of whom only the LID is known is filed under that.
            full_name, first_name: what to call them.
            on_phone: the phone is to put them into its own address book too.

        Raises:
            LocalProtocolError: the phone has not shared the keys of the account's state yet.
            AppStateError, Conflict, Disconnected, RequestTimeout, ServerError: see `client.chats`.
        """
        pn, lid = await self._mappings.pn_of(address(user)), await self._mappings.lid_of(address(user))
        if pn is not None:
            entry = ContactEntry(user=pn, full_name=full_name, first_name=first_name, lid=lid, on_phone=on_phone)
            await self._state.set(entry)
        else:
            await self._state.set(LidContact(user=address(user), full_name=full_name, first_name=first_name))

    async def remove(self, user: Jid | str) -> None:
        """Take a person out of the account's address book. Raises like `save`."""
        pn = await self._mappings.pn_of(address(user))
        await self._state.set(
            Removed(index=("lid_contact", str(address(user)))) if pn is None else ContactRemoved(user=pn)
        )

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
