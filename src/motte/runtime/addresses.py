"""From JIDs to Signal addresses: by LID as soon as a person's LID is known.

A person's sessions live under one address. What was made under the phone number before the LID was known moves over
when it is learnt; where both exist, the LID's session stays current and the other one can still decrypt what is on its
way.

Pairs come from the server, stanza by stanza. Who we are ourselves is known from the link and the login, and no stanza
changes it: else a stranger's session could speak for our own phone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from motte.core.signal.address import Address
from motte.core.signal.record import MAX_ARCHIVED, SessionRecord
from motte.model.jid import Jid
from motte.runtime.account import AccountState
from motte.runtime.locks import KeyedLocks
from motte.store.batch import Batch
from motte.store.store import Store

log = logging.getLogger("motte.addresses")

Pair = tuple[Jid, Jid]
"""A PN and the LID of the same person."""


class Addresses:
    """Resolves and learns. `locks` are the session locks of the account."""

    def __init__(self, store: Store, locks: KeyedLocks[Address], account: AccountState) -> None:
        self._store, self._locks, self._account = store, locks, account

    async def of(self, device: Jid, batch: Batch | None = None) -> Address:
        """The address of one device."""
        return Address.of(await self._store.lids.lid_of(device, batch) or device)

    async def of_many(self, devices: Iterable[Jid]) -> dict[Jid, Address]:
        """The addresses of many devices, read together."""
        devices = list(devices)
        others = await self._store.lids.others([jid for jid in devices if jid.is_pn])
        return {jid: Address.of(others.get(jid, jid)) for jid in devices}

    async def names(self, chat: Jid, batch: Batch | None = None) -> list[Jid]:
        """The addresses of a person, as far as they are known, the phone number first; of a group the one it has."""
        if not chat.is_user:
            return [chat]
        user, me = chat.user_jid, self._account.maybe_me
        if me is not None and me.owns(user):
            own = (me.pn, me.lid) if me.lid is not None else (me.pn,)
            return [one.user_jid for one in own]
        other = (await self._store.lids.others([user], batch)).get(user)
        names = [user] if other is None else [user, other]
        return sorted(names, key=lambda name: name.is_lid)

    async def learn(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Keep pairs of PN and LID and move sessions over; gives what was news."""
        batch = self._store.batch()
        believed = [pair for pair in pairs if not self._is_false(*pair)]
        before = await self._store.lids.others(pn.user_jid for pn, _ in believed)
        news = await self._store.lids.learn(batch, believed)
        if not news:
            return news
        moves = [move for pair in news for move in await self._moves(pair)]
        async with self._locks.hold(address for move in moves for address in move):
            for old, new in moves:
                await self._move(old, new, batch)
            for pn, lid in news:
                await self._carry_identity(before.get(pn, pn), lid, batch)
            await self._store.commit(batch)
        for pn, lid in news:
            log.debug("learnt that %s is %s", pn, lid)
        return news

    async def adopt(self, address: Address, batch: Batch) -> SessionRecord | None:
        """The session of `address`; one that was left under the person's PN is moved here first. Hold the lock."""
        record = await self._store.sessions.get(address, batch)
        if record is not None:
            return record
        pn = await self._store.lids.pn_of(address.jid, batch)
        if pn is None or pn == address.jid:
            return None
        await self._move(Address.of(pn), address, batch)
        return await self._store.sessions.get(address, batch)

    def _is_false(self, pn: Jid, lid: Jid) -> bool:
        """Whether a pair names our own account and somebody else as one person."""
        me = self._account.maybe_me
        if me is None or me.owns(pn) == me.owns(lid):
            return False
        log.warning("not believed: that %s is %s", pn, lid)
        return True

    async def adopt_many(self, addresses: Iterable[Address]) -> bool:
        """Move what was left under PNs to these addresses, which have no session; whether there was anything."""
        lids = [address.jid for address in addresses]
        old = {Address.of(pn): Address.of(lid) for lid, pn in (await self._store.lids.others(lids)).items() if pn.is_pn}
        left = await self._store.sessions.get_many(old)
        if not left:
            return False
        async with self._locks.hold(address for one in left for address in (one, old[one])):
            batch = self._store.batch()
            for one in left:
                await self._move(one, old[one], batch)
            await self._store.commit(batch)
        return True

    async def _carry_identity(self, old: Jid, new: Jid, batch: Batch) -> None:
        """A person goes by a new address: the phone's identity is expected to be the one known under the old."""
        identities, address = self._store.identities, Address.of(new.user_jid)
        known = await identities.get(Address.of(old.user_jid), batch)
        if known is not None and await identities.get(address, batch) is None:
            identities.put(batch, address, known)

    async def _moves(self, pair: Pair) -> list[tuple[Address, Address]]:
        pn, lid = pair
        found = await self._store.sessions.of_user(Address.of(pn).user)
        return [(old, Address(Address.of(lid).user, old.device)) for old in found]

    async def _move(self, old: Address, new: Address, batch: Batch) -> None:
        sessions, identities = self._store.sessions, self._store.identities
        moved = await sessions.get(old, batch)
        if moved is None:
            return
        sessions.put(batch, new, _merged(await sessions.get(new, batch), moved))
        sessions.delete(batch, old)
        identity = await identities.get(old, batch)
        if identity is not None:
            if await identities.get(new, batch) is None:
                identities.put(batch, new, identity)
            identities.delete(batch, old)


def _merged(kept: SessionRecord | None, moved: SessionRecord) -> SessionRecord:
    if kept is None:
        return moved
    known = {session.base_key for session in kept.sessions}
    extra = tuple(session for session in moved.sessions if session.base_key not in known)
    return SessionRecord(kept.current, (*kept.archived, *extra)[:MAX_ARCHIVED])
