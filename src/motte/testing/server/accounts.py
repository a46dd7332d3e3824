"""Who exists: accounts with a phone number and a LID, and their devices.

Identity goes by push name: the same name is the same account and gets its next device number, a fresh name is a fresh
phone number. Numbers come from the range reserved for fiction (1 555 01xx …), so that no real person is ever named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from motte.core.binary.node import Node
from motte.model.jid import LID, PN, Jid
from motte.testing.server.mailbox import Mailbox

if TYPE_CHECKING:
    from motte.testing.server.appstate import Collection
    from motte.testing.server.phone import Phone
    from motte.testing.server.phone_state import PhoneState
    from motte.testing.server.shelf import Shelf

FIRST_PHONE: Final = 15_550_100_001
FIRST_LID: Final = 200_000_000_000_001
_LID_STEP: Final = 7_919  # LIDs that do not count up with the phone numbers show mix-ups of the two


class Outlet(Protocol):
    """Where a device's stanzas go while it is connected: a session, or the phone itself."""

    def send(self, node: Node) -> None:
        """Send one stanza, in order."""
        ...

    def end(self) -> None:
        """Close after what was sent has left."""
        ...


@dataclass(slots=True, eq=False)
class BusinessCard:
    """What a business shows.

    `categories` by id, `hours` as the attributes of each day, `messages` the texts of its links by code.
    """

    name: str
    description: str = ""
    address: str = ""
    email: str = ""
    websites: tuple[str, ...] = ()
    categories: dict[str, str] = field(default_factory=dict)
    time_zone: str = "Europe/Berlin"
    hours: tuple[dict[str, str], ...] = ()
    messages: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Profile:
    """What an account shows and prefers. Mutable: its owner changes it."""

    push_name: str
    about: str = ""
    about_set_at: int = 0
    disappearing: int = 0
    disappearing_set_at: int = 0
    privacy: dict[str, str] = field(default_factory=dict)
    excepted: dict[str, set[Account]] = field(default_factory=dict)
    blocked: set[Account] = field(default_factory=set)
    business: BusinessCard | None = None
    link_code: str = ""
    status_rule: str | None = None
    status_people: list[Account] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Device:
    """One device of an account: 0 is the phone, companions count from 1."""

    account: Account
    number: int
    shelf: Shelf
    key_index: int = 0
    noise_static: bytes = b""
    signed_identity: bytes = b""
    mailbox: Mailbox = field(default_factory=Mailbox)
    outlet: Outlet | None = None
    greeted: bool = False
    wants_full_history: bool = False
    synced: dict[str, int] = field(default_factory=dict)  # the collections of app state it has had, at which version

    @property
    def pn(self) -> Jid:
        """Its JID by phone number."""
        return self.account.pn.with_device(self.number)

    @property
    def lid(self) -> Jid:
        """Its JID by LID."""
        return self.account.lid.with_device(self.number)

    def jid(self, *, like: Jid) -> Jid:
        """Its JID in the addressing of another one."""
        return self.lid if like.is_lid else self.pn

    def __repr__(self) -> str:
        return f"<Device {self.account.name!r} {self.pn}>"


@dataclass(slots=True, eq=False)
class Account:
    """A person: phone number, LID, devices, and the accounts that they exchanged messages with."""

    name: str
    pn: Jid
    lid: Jid
    profile: Profile
    devices: dict[int, Device] = field(default_factory=dict)
    next_device: int = 1
    key_index_list: bytes = b""
    key_index_time: int = 0
    contacts: set[Account] = field(default_factory=set)
    collections: dict[str, Collection] = field(default_factory=dict)  # its app state, as the server has it
    phone: Phone = field(init=False)

    def jid(self, *, like: Jid) -> Jid:
        """The account in the addressing of another JID."""
        return self.lid if like.is_lid else self.pn

    @property
    def state(self) -> PhoneState:
        """Its app state, as its phone understands it."""
        return self.phone.state

    @property
    def companions(self) -> list[Device]:
        """Its linked devices, the phone left out."""
        return [device for number, device in sorted(self.devices.items()) if number]

    def __repr__(self) -> str:
        return f"<Account {self.name!r} {self.pn} {self.lid}>"


class Directory:
    """All accounts, found by name, phone number or LID."""

    def __init__(self) -> None:
        self._by_name: dict[str, Account] = {}
        self._by_user: dict[tuple[str, str], Account] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_name.values())

    def named(self, name: str) -> Account | None:
        """The account with this name."""
        return self._by_name.get(name)

    def create(self, name: str, phone: str = "") -> Account:
        """A new account: with this phone number or the next free one, and `user N` when no name is given."""
        index = len(self._by_name)
        if not name or name in self._by_name:
            name = phone or f"user {index + 1}"
        number = int(phone or FIRST_PHONE)
        while (PN, str(number)) in self._by_user:
            number += 1
        pn, lid = Jid(str(number), PN), Jid(str(FIRST_LID + index * _LID_STEP), LID)
        account = Account(name, pn, lid, Profile(push_name=name))
        self._by_name[name] = account
        self._by_user[PN, pn.user] = self._by_user[LID, lid.user] = account
        return account

    def account(self, jid: Jid) -> Account | None:
        """The account that a JID of any of its devices names."""
        return self._by_user.get((LID if jid.is_lid else PN, jid.user)) if jid.is_user else None

    def device(self, jid: Jid) -> Device | None:
        """The device that a JID names."""
        account = self.account(jid)
        return None if account is None else account.devices.get(jid.device)

    def find(self, who: str) -> Account | None:
        """An account by name, phone number, or JID: for people who type."""
        if who in self._by_name:
            return self._by_name[who]
        user = who.partition("@")[0].partition(":")[0].lstrip("+")
        return self._by_user.get((PN, user)) or self._by_user.get((LID, user))
