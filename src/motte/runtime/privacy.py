"""The account's privacy settings: asked for once, kept, and changed as devices change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from motte.core.stanza.privacy import ExceptPeople, GetExceptions, GetPrivacySettings, SetPrivacy
from motte.errors import Conflict, LocalProtocolError
from motte.events.privacy import PrivacyChanged
from motte.model.jid import Jid
from motte.model.privacy import EXCEPTABLE, VALUES, PrivacyCategory, PrivacyExceptions, PrivacySettings, PrivacyValue
from motte.runtime.context import Context
from motte.runtime.kept import Kept
from motte.runtime.people import People

ATTEMPTS: Final = 3
"""How often a list that other devices change at the same time is tried."""


class Privacy:
    """The settings of the account."""

    def __init__(self, context: Context, people: People) -> None:
        self._context, self._people = context, people
        self._kept = Kept(lambda: context.wire.request(GetPrivacySettings()))

    async def get(self, *, fresh: bool = False) -> PrivacySettings:
        """All settings. Raises `Disconnected`, `RequestTimeout`, `ServerError`: they had to be asked for, in vain."""
        return await self._kept.get(fresh=fresh)

    async def set(self, category: PrivacyCategory, value: PrivacyValue) -> None:
        """Change a setting.

        Raises:
            LocalProtocolError: the category does not take this value, or takes it by `set_exceptions` alone.
            Disconnected, RequestTimeout, ServerError: the server did not answer, or not with a yes.
        """
        if value not in VALUES[category]:
            allowed = ", ".join(sorted(VALUES[category]))
            raise LocalProtocolError(f"the privacy setting {category} takes {allowed}, not {value}")
        if value is PrivacyValue.CONTACTS_EXCEPT:
            raise LocalProtocolError("name the contacts that are excepted: use set_exceptions")
        await self._context.wire.request(SetPrivacy(category, value))
        self.changed({category: value})

    async def exceptions(self, category: PrivacyCategory) -> PrivacyExceptions:
        """The contacts for whom a setting does not hold.

        Raises:
            LocalProtocolError: the category has no exceptions.
            Disconnected, RequestTimeout, ServerError: the server did not answer.
        """
        if category not in EXCEPTABLE:
            raise LocalProtocolError(f"the privacy setting {category} has no exceptions")
        return await self._context.wire.request(GetExceptions(category))

    async def set_exceptions(self, category: PrivacyCategory, people: Iterable[Jid]) -> None:
        """Have a setting hold for all contacts except these.

        Raises:
            LocalProtocolError: the category has no exceptions, or the LID of somebody is not to be found.
            Conflict: other devices change the list faster than we can.
            Disconnected, RequestTimeout, ServerError: the server did not answer, or not with a yes.
        """
        wanted = {lid: pn for pn, lid in [await self._people.named(one) for one in people]}
        for attempt in range(ATTEMPTS):
            before = await self.exceptions(category)
            gone = [one for one in before.people if one not in wanted]
            request = ExceptPeople(
                category=category,
                known=before.hash,
                added=tuple((lid, pn) for lid, pn in wanted.items() if lid not in before.people),
                removed=tuple([(lid, await self._context.store.lids.pn_of(lid)) for lid in gone]),
            )
            try:
                await self._context.wire.request(request)
            except Conflict:
                if attempt + 1 == ATTEMPTS:
                    raise
            else:
                break
        self.changed({category: PrivacyValue.CONTACTS_EXCEPT})

    def changed(self, values: Mapping[str, str]) -> None:
        """Settings have these values now; none: they are others, and asked for again when they are needed."""
        kept = self._kept.value
        self._kept.change(PrivacySettings({**kept.values, **values}) if values and kept is not None else None)
        self._context.bus.publish(PrivacyChanged(values=dict(values)))
