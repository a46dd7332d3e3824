"""Who sees a status.

    named by the user     these
    named by nobody       whom the account's privacy names: its saved contacts, those except some, or some alone

All of them go by LID as far as it is known, as in most groups: the sender key is then the same for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from motte.core.stanza.status import UNSET, GetStatusPrivacy
from motte.errors import ItemNotFound, LocalProtocolError
from motte.model.jid import Jid
from motte.model.status import StatusPrivacy, StatusRule
from motte.runtime.context import Context
from motte.runtime.devices import Devices

NOBODY: Final = "nobody would see this status: no contacts are known; name the audience"


class Audience:
    """Finds the people whom a status is for."""

    def __init__(self, context: Context, devices: Devices) -> None:
        self._context, self._devices = context, devices

    async def privacy(self) -> StatusPrivacy:
        """What the account has set.

        Raises:
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        try:
            return await self._context.wire.request(GetStatusPrivacy())
        except ItemNotFound:
            return UNSET

    async def people(self, named: Iterable[Jid] | None) -> tuple[Jid, ...]:
        """Those whom the user named, or whom the account's privacy does; each once, the own account never.

        Raises:
            LocalProtocolError: that is nobody.
            Disconnected, RequestTimeout, ServerError: the server had to be asked and did not answer.
        """
        people = await self._by_lid(await self._chosen() if named is None else named)
        people = tuple(one for one in people if not self._context.account.me.owns(one))
        if not people:
            raise LocalProtocolError(NOBODY)
        return people

    async def of(self, message_id: str) -> tuple[Jid, ...] | None:
        """For whom an own status was; None when it is not kept any more."""
        sent = await self._context.store.sent.get(message_id)
        return sent.participants if sent is not None and sent.chat.is_status else None

    async def _chosen(self) -> tuple[Jid, ...]:
        privacy = await self.privacy()
        if privacy.rule is StatusRule.ONLY:
            return privacy.people
        saved = await self._context.store.contacts.saved()
        if privacy.rule is StatusRule.CONTACTS:
            return saved
        excepted = set(await self._by_lid(privacy.people))
        return tuple(one for one in await self._by_lid(saved) if one not in excepted)

    async def _by_lid(self, people: Iterable[Jid]) -> tuple[Jid, ...]:
        users, lids = list(dict.fromkeys(one.user_jid for one in people)), self._context.store.lids
        by_number = [user for user in users if user.is_pn]
        known = await lids.others(by_number)
        if unknown := [user for user in by_number if user not in known]:
            await self._devices.of(unknown)  # the answer tells their LIDs, too
            known |= await lids.others(unknown)
        return tuple(dict.fromkeys(known.get(user, user) for user in users))
