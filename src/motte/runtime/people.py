"""Who people are: their two addresses and their names as they were learnt, and what the server says of them.

A number that was looked up is not asked for again within `MAX_AGE`; at most `KEPT` of them are remembered, in memory.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from motte.core.stanza.usync import BATCH, Protocol, Usync, UsyncUser, batches
from motte.errors import LocalProtocolError
from motte.model.jid import Jid
from motte.model.user import About, DefaultTimer, NumberCheck, User
from motte.runtime.context import Context
from motte.runtime.devices import Devices
from motte.store.repo.contacts import ContactNames

MAX_AGE: Final = 3600.0
"""Seconds that an answer about a number is believed."""
KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class _Known:
    check: NumberCheck
    asked_at: float


class People:
    """Looks people up, here and at the server."""

    def __init__(self, context: Context, devices: Devices) -> None:
        self._context, self._devices = context, devices
        self._checks: OrderedDict[str, _Known] = OrderedDict()

    async def named(self, user: Jid) -> tuple[Jid | None, Jid]:
        """The PN, if known, and the LID of a person, by which the server wants people named in its lists.

        The server is asked for a LID that is not known.

        Raises:
            LocalProtocolError: their LID is not to be found.
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        lids, jid = self._context.store.lids, user.user_jid
        if jid.is_pn and await lids.lid_of(jid) is None:
            await self._devices.of([jid])  # the answer tells their LIDs, too
        lid = await lids.lid_of(jid)
        if lid is None:
            raise LocalProtocolError(f"{user} is not on WhatsApp, or their LID is not known")
        return await lids.pn_of(jid), lid

    async def user(self, jid: Jid) -> User:
        """A person, as far as they are known here."""
        (found,) = await self.users([jid])
        return found

    async def users(self, jids: Iterable[Jid]) -> list[User]:
        """People, as far as they are known here, read together and in the order given."""
        wanted = [jid.user_jid for jid in jids]
        others = await self._context.store.lids.others(wanted)
        names = await self._context.store.contacts.get_many([*wanted, *others.values()])
        return [_user(jid, others.get(jid), names) for jid in wanted]

    async def saved(self) -> list[User]:
        """Everybody whom the account has saved, each once."""
        users = await self.users(await self._context.store.contacts.saved())
        return list({user.jid: user for user in users}.values())

    async def check(self, numbers: Sequence[str], *, fresh: bool = False) -> list[NumberCheck]:
        """Whether phone numbers (digits) are on WhatsApp, in the order given.

        Raises:
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        oldest = self._context.clock.now() - MAX_AGE
        found = {
            number: kept.check
            for number in numbers
            if not fresh and (kept := self._checks.get(number)) is not None and kept.asked_at >= oldest
        }
        unasked = [number for number in dict.fromkeys(numbers) if number not in found]
        for start in range(0, len(unasked), BATCH):
            found |= await self._ask(unasked[start : start + BATCH])
        return [found[number] for number in numbers]

    async def abouts(self, users: Sequence[Jid]) -> list[About]:
        """The about texts of those people who have an account. Raises like `check`."""
        answers = await self._query(users, Protocol.STATUS)
        return [
            About(user=one.jid, text=one.status.text, set_at=one.status.set_at)
            for one in answers
            if one.jid is not None and one.status is not None
        ]

    async def timers(self, users: Sequence[Jid]) -> list[DefaultTimer]:
        """The default disappearing timers of those people who have an account. Raises like `check`."""
        answers = await self._query(users, Protocol.DISAPPEARING_MODE)
        return [
            DefaultTimer(user=one.jid, seconds=one.disappearing_mode.duration, set_at=one.disappearing_mode.set_at)
            for one in answers
            if one.jid is not None and one.disappearing_mode is not None
        ]

    async def _query(self, users: Sequence[Jid], protocol: Protocol) -> list[UsyncUser]:
        found: list[UsyncUser] = []
        for portion in batches([user.user_jid for user in users]):
            request = Usync(sid=self._context.rng(8).hex(), protocols=(protocol,), jids=portion)
            answer = await self._context.wire.request(request)
            if (error := answer.errors.get(protocol)) is not None:
                raise error
            found += answer.users
        return found

    async def _ask(self, digits: Sequence[str]) -> dict[str, NumberCheck]:
        protocols = (Protocol.CONTACT, Protocol.LID, Protocol.BUSINESS)
        request = Usync(sid=self._context.rng(8).hex(), protocols=protocols, numbers=tuple(digits))
        answer = await self._context.wire.request(request)
        if (error := answer.errors.get(Protocol.CONTACT)) is not None:
            raise error
        pairs = [(user.jid.user_jid, user.lid) for user in answer.users if user.jid and user.jid.is_pn and user.lid]
        await self._context.addresses.learn(pairs)
        told = [_check(user) for user in answer.users]
        absent = {number: NumberCheck(number=number, exists=False) for number in digits}
        checks = absent | {check.number: check for check in told if check.number in absent}
        for number, check in checks.items():
            self._remember(number, check)
        return checks

    def _remember(self, number: str, check: NumberCheck) -> None:
        self._checks[number] = _Known(check, self._context.clock.now())
        self._checks.move_to_end(number)
        while len(self._checks) > KEPT:
            self._checks.popitem(last=False)


def _check(user: UsyncUser) -> NumberCheck:
    number = (user.number or (user.jid.user if user.jid else "")).lstrip("+")
    if not user.contact:
        return NumberCheck(number=number, exists=False)
    return NumberCheck(
        number=number,
        exists=True,
        jid=user.jid,
        lid=user.lid,
        is_business=user.verified_name is not None,
        verified_name=user.verified_name,
    )


def _user(jid: Jid, other: Jid | None, names: dict[Jid, ContactNames]) -> User:
    pn = jid if jid.is_pn else other
    lid = jid if jid.is_lid else other
    found = [names[one] for one in (pn, lid) if one is not None and one in names]
    user = User(pn=pn, lid=lid) if jid.is_user else User(pn=None, lid=jid)
    for one in found:
        user = replace(
            user,
            saved_name=user.saved_name or one.saved_name,
            first_name=user.first_name or one.first_name,
            push_name=user.push_name or one.push_name,
            verified_name=user.verified_name or one.verified_name,
            username=user.username or one.username,
        )
    return user
