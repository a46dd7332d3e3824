"""`client.contacts`: who is on WhatsApp, and by which addresses."""

from __future__ import annotations

from motte.client.features.messages import address
from motte.client.features.pictures import Pictures
from motte.client.features.state import State
from motte.client.ports import DeviceLists, Mappings, Requests
from motte.client.ports_people import Known
from motte.core.stanza.links import GetContactLink, ResolveLink, code_of
from motte.model.appstate import ContactEntry, ContactRemoved, LidContact, Removed
from motte.model.business import LinkTarget
from motte.model.device import DeviceList
from motte.model.jid import Jid
from motte.model.picture import Picture
from motte.model.user import About, DefaultTimer, NumberCheck, User


class Contacts:
    """Looks people up."""

    def __init__(
        self,
        *,
        wire: Requests,
        people: Known,
        devices: DeviceLists,
        mappings: Mappings,
        pictures: Pictures,
        state: State,
    ) -> None:
        self._wire, self._people, self._devices = wire, people, devices
        self._mappings, self._pictures, self._state = mappings, pictures, state

    async def get(self, user: Jid | str) -> User:
        """A person with both addresses and all names, as far as they are known here; nobody is asked."""
        return await self._people.user(address(user))

    async def all(self) -> list[User]:
        """Everybody in the account's address book, as far as it is known here; nobody is asked."""
        return await self._people.saved()

    async def check(self, *numbers: str, fresh: bool = False) -> list[NumberCheck]:
        """Whether phone numbers are on WhatsApp, in the order given.

        Any number of them is asked for, some hundreds at a time; answers are believed for an hour, unless `fresh`.

        Raises:
            InvalidJid: one of them is not a phone number.
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        return await self._people.check([Jid.phone(number).user for number in numbers], fresh=fresh)

    async def about(self, user: Jid | str) -> About | None:
        """The about text of a person, empty when it is hidden from us; None when they are not on WhatsApp.

        Raises:
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        return next(iter(await self._people.abouts([address(user)])), None)

    async def abouts(self, *users: Jid | str) -> list[About]:
        """The about texts of many people, without those who are not on WhatsApp. Raises like `about`."""
        return await self._people.abouts([address(user) for user in users])

    async def default_timer(self, user: Jid | str) -> DefaultTimer | None:
        """After how long the messages of a person's new chats disappear. None and errors are like those of `about`."""
        return next(iter(await self._people.timers([address(user)])), None)

    async def link(self, *, renew: bool = False) -> str:
        """The link of the own QR code, which leads to a chat with the account; `renew` makes the old one useless.

        Raises:
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        return await self._wire.request(GetContactLink(renew))

    async def resolve(self, link: str) -> LinkTarget:
        """Whom a `wa.me/qr/…` or `wa.me/message/…` link leads to, and with what text.

        Raises:
            ItemNotFound: to nobody.
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        return await self._wire.request(ResolveLink(code_of(link)))

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
