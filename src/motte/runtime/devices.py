"""Which devices people have: asked for once, kept, and dropped when the server says that they changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Final

from motte.core.crypto.adv import verify_key_indexes
from motte.core.stanza.devices import DevicesChanged
from motte.core.stanza.usync import Context as UsyncContext
from motte.core.stanza.usync import Protocol, Usync, UsyncUser, batches
from motte.errors import PairingError
from motte.model.device import Device, DeviceList
from motte.model.jid import Jid
from motte.runtime.context import Context
from motte.store.repo import devices as rows

log = logging.getLogger("motte.devices")

MAX_AGE: Final = 3600.0
"""Seconds that a list is trusted; changes are told, so this only mends what was missed."""


class Devices:
    """Device lists by user; one request at a time for each user."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asking: dict[Jid, asyncio.Future[bool]] = {}

    async def of(self, users: Iterable[Jid], *, fresh: bool = False) -> list[DeviceList]:
        """The lists of these users, from the cache or from the server; who is not on WhatsApp has none.

        Raises:
            Disconnected, RequestTimeout, ServerError: the server had to be asked and did not answer.
        """
        wanted = list(dict.fromkeys(user.user_jid for user in users))
        known = {} if fresh else await self._known(wanted)
        missing = [user for user in wanted if user not in known]
        if missing:
            await self._fetch(missing)
            known |= await self._known(missing)
        return [known[user] for user in wanted if user in known]

    async def forget(self, users: Iterable[Jid]) -> None:
        """Ask again next time."""
        batch = self._context.store.batch()
        for user in users:
            self._context.store.devices.delete(batch, user)
        await self._context.store.commit(batch)

    async def changed(self, change: DevicesChanged) -> None:
        """Act on a notification: what we knew of this user is old, under both addresses."""
        if change.user_lid is not None and change.user.is_pn:
            await self._context.addresses.learn([(change.user, change.user_lid)])
        others = await self._context.store.lids.others([change.user])
        await self.forget([change.user, *others.values()])

    async def _known(self, users: Sequence[Jid]) -> dict[Jid, DeviceList]:
        found = await self._context.store.devices.get_many(users)
        oldest = self._context.clock.now() - MAX_AGE
        return {user: _value(user, row) for user, row in found.items() if row.fetched >= oldest}

    async def _fetch(self, users: Sequence[Jid]) -> None:
        """Ask for those that nobody is asking for, wait for all; ask for those whose asker failed or gave up."""
        mine = [user for user in users if user not in self._asking]
        theirs = {user: self._asking[user] for user in users if user in self._asking}
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asking |= dict.fromkeys(mine, answered)
        complete = False
        try:
            for portion in batches(mine):
                await self._ask(portion)
            complete = True
        finally:
            for user in mine:
                del self._asking[user]
            answered.set_result(complete)
        # Shielded, since many wait for one answer: who is cancelled takes it from nobody else.
        left = [user for user, other in theirs.items() if not await asyncio.shield(other)]
        if left:
            await self._fetch(left)

    async def _ask(self, users: tuple[Jid, ...]) -> None:
        context = self._context
        request = Usync(
            sid=context.rng(8).hex(),
            protocols=(Protocol.DEVICES, Protocol.LID),
            jids=users,
            context=UsyncContext.MESSAGE,
        )
        answer = (await context.wire.request(request)).users
        pairs = [(user.jid.user_jid, user.lid) for user in answer if user.jid and user.jid.is_pn and user.lid]
        await context.addresses.learn(pairs)
        batch = context.store.batch()
        for user in answer:
            if user.jid is not None and user.devices is not None:
                listed = await self._verified(user, user.devices)
                context.store.devices.put(batch, user.jid, _row(listed, context.clock.now()))
        await context.store.commit(batch)

    async def _verified(self, user: UsyncUser, listed: DeviceList) -> DeviceList:
        """The list without devices that the account did not vouch for, as far as its key is known."""
        assert user.jid is not None
        account = await self._context.addresses.of(user.jid.user_jid)
        key = await self._context.store.identities.get(account)
        if key is None or listed.key_index_list is None:
            return listed
        try:
            index = verify_key_indexes(listed.key_index_list, key)
        except PairingError as error:
            # The identity may have changed since; the phone alone is certain until its new key is known.
            log.warning("the device list of %s is not vouched for (%s); sending to the phone only", user.jid, error)
            return _only(listed, {0})
        valid = {device.id for device in listed.devices if device.id == 0 or index.accepts(device.key_index)}
        return _only(listed, valid)


def _only(listed: DeviceList, ids: set[int]) -> DeviceList:
    devices = tuple(device for device in listed.devices if device.id in ids)
    return DeviceList(user=listed.user, devices=devices, hash=listed.hash, timestamp=listed.timestamp)


def _row(listed: DeviceList, now: float) -> rows.DeviceList:
    devices = tuple(
        rows.KnownDevice(id=one.id, key_index=one.key_index or 0, hosted=one.is_hosted) for one in listed.devices
    )
    return rows.DeviceList(
        devices=devices,
        fetched=now,
        timestamp=listed.timestamp or 0,
        signed_key_index=listed.key_index_list or b"",
    )


_PHONE_ALONE: Final = (Device(id=0),)
_PHONE_ROW: Final = (rows.KnownDevice(id=0),)


def _value(user: Jid, row: rows.DeviceList) -> DeviceList:
    if row.devices == _PHONE_ROW:  # as with most people: worth a short cut, since groups have a thousand of them
        return DeviceList(user=user, devices=_PHONE_ALONE, timestamp=row.timestamp or None)
    devices = tuple(Device(id=one.id, key_index=one.key_index or None, is_hosted=one.hosted) for one in row.devices)
    return DeviceList(user=user, devices=devices, timestamp=row.timestamp or None)
