"""Groups as far as they are known: asked for once, then kept up to date by what the server tells.

A group that is being asked for while news of it comes is not kept: nobody knows which of the two is older.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from motte.core.stanza.groups.changes import GroupNotification
from motte.core.stanza.groups.metadata import MAX_QUERIED, GetGroup, GetGroups, GetSomeGroups
from motte.errors import RateLimited, ServerError
from motte.events.group import GroupChanged
from motte.model.group import Group, Participant
from motte.model.group_change import Created, GroupChange, ParticipantsAdded, ParticipantsRemoved, applied
from motte.model.jid import Jid
from motte.runtime.context import Context
from motte.store.cache import Lru

log = logging.getLogger("motte.groups")

CACHED: Final = 1024
"""Groups that are remembered."""
MAX_AGE: Final = 3600.0
"""Seconds that a group is trusted; changes are told, so this only mends what was missed."""
WAITS: Final = (1.0, 3.0, 9.0)
"""Seconds before asking again, when the server says that it is asked too often."""


@dataclass(frozen=True, slots=True)
class _Known:
    group: Group
    fetched: float


class Groups:
    """Group metadata by JID; one request at a time for each group."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: Lru[_Known | None] = Lru(CACHED)
        self._asking: dict[Jid, asyncio.Future[None]] = {}

    async def metadata(self, group: Jid, *, fresh: bool = False) -> Group:
        """The group, from the cache or from the server.

        Raises:
            Forbidden, ItemNotFound: the account is not in it, or there is no such group.
            Disconnected, RequestTimeout, ServerError: the server had to be asked and did not answer.
        """
        while True:
            known = None if fresh else self._fresh(group)
            if known is not None:
                return known
            asking = self._asking.get(group)
            if asking is None or fresh:
                return await self._fetch(group)
            # Shielded, since several wait for one answer: who gives up takes it from nobody else.
            await asyncio.shield(asking)

    async def some(self, groups: Iterable[Jid], *, fresh: bool = False) -> dict[Jid, Group]:
        """Those of these groups that the account may see; what is not known is asked for in one request."""
        found = {group: None if fresh else self._fresh(group) for group in groups}
        missing = [group for group, known in found.items() if known is None]
        for start in range(0, len(missing), MAX_QUERIED):
            request = GetSomeGroups(tuple(missing[start : start + MAX_QUERIED]))
            fetched, large = await self._context.wire.request(request)
            for group in fetched:
                await self.keep(group)
                found[group.jid] = group
            for jid in large:
                found[jid] = await self.metadata(jid, fresh=True)
        return {jid: group for jid, group in found.items() if group is not None}

    async def is_admin(self, group: Jid, names: Iterable[Jid]) -> bool:
        """Whether somebody who goes by these names is an admin of a group; not, when the server does not tell.

        This may be asked while an address is locked: what the answer says of addresses is learnt afterwards.

        Raises:
            Disconnected, RequestTimeout: the server had to be asked and did not answer.
        """
        found = self._fresh(group)
        if found is None:
            try:
                found = await self._context.wire.request(GetGroup(group))
            except ServerError as error:
                log.info("who the admins of %s are is not known: %s", group, error)
                return False
            self._known.put(str(group), _Known(found, self._context.clock.now()))
            self._context.tasks.start(self._learn(found.participants), "group-members")
        return any(admin.is_one(name) for admin in found.admins for name in names)

    async def all(self) -> tuple[Group, ...]:
        """Every group that the account is in, asked for in one request."""
        groups = await self._context.wire.request(GetGroups())
        for group in groups:
            await self.keep(group)
        return groups

    async def keep(self, group: Group) -> None:
        """This is how the group is now."""
        self._known.put(str(group.jid), _Known(group, self._context.clock.now()))
        await self._learn(group.participants)

    def forget(self, group: Jid) -> None:
        """Ask again next time, also when an answer is on its way."""
        self._known.drop(str(group))
        self._asking.pop(group, None)

    async def changed(self, notification: GroupNotification) -> None:
        """The server tells of changes: remember and publish them."""
        for change in notification.changes:
            await self._remember(notification.group, change)
            event = GroupChanged(
                group=notification.group,
                change=change,
                by=notification.by,
                by_alt=notification.by_alt,
                timestamp=notification.header.t,
            )
            self._context.bus.publish(event)

    def _fresh(self, group: Jid) -> Group | None:
        known = self._known.get(str(group), None)
        return known.group if known is not None and known.fetched >= self._context.clock.now() - MAX_AGE else None

    async def _remember(self, group: Jid, change: GroupChange) -> None:
        known = self._known.get(str(group), None)
        self.forget(group)
        match change:
            case Created(group=new):
                await self.keep(new)
                return
            case ParticipantsAdded(participants=people):
                await self._learn(people)
            case ParticipantsRemoved(participants=people) if any(self._is_me(one) for one in people):
                return
        after = applied(change, known.group) if known is not None else None
        if after is not None and known is not None:
            self._known.put(str(group), _Known(after, known.fetched))

    async def _fetch(self, group: Jid) -> Group:
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asking[group] = answered
        try:
            fetched = await self._ask(group)
            if self._asking.get(group) is answered:
                await self.keep(fetched)
            else:
                await self._learn(fetched.participants)
            return fetched
        finally:
            if self._asking.get(group) is answered:
                del self._asking[group]
            answered.set_result(None)

    async def _ask(self, group: Jid) -> Group:
        for wait in WAITS:
            try:
                return await self._context.wire.request(GetGroup(group))
            except RateLimited:
                log.info("the server is asked too often for %s; again in %.0f s", group, wait)
                await self._context.clock.sleep(wait)
        return await self._context.wire.request(GetGroup(group))

    async def _learn(self, people: tuple[Participant, ...]) -> None:
        await self._context.addresses.learn((one.pn, one.lid) for one in people if one.pn and one.lid)

    def _is_me(self, participant: Participant) -> bool:
        me = self._context.account.maybe_me
        return me is not None and me.owns(participant.jid)
