"""`client.privacy`: who may see and do what."""

from __future__ import annotations

from collections.abc import Iterable

from motte.client.features.messages import address
from motte.client.ports import Requests
from motte.client.ports_people import PrivacyRules
from motte.core.stanza.privacy import SetDefaultTimer
from motte.model.jid import Jid
from motte.model.privacy import PrivacyCategory, PrivacyExceptions, PrivacySettings, PrivacyValue


class Privacy:
    """The account's privacy settings. Changes, on whichever device, come as `PrivacyChanged`.

    Every method may have to ask the server, and then raises `Disconnected`, `RequestTimeout` or a `ServerError`.

        await client.privacy.set(PrivacyCategory.LAST_SEEN, PrivacyValue.CONTACTS)
    """

    def __init__(self, *, rules: PrivacyRules, wire: Requests) -> None:
        self._rules, self._wire = rules, wire

    async def settings(self, *, fresh: bool = False) -> PrivacySettings:
        """All settings; `fresh` asks even when they are known."""
        return await self._rules.get(fresh=fresh)

    async def get(self, category: PrivacyCategory) -> PrivacyValue | str | None:
        """One setting: a text when this version does not know it, None when the server did not say."""
        return (await self._rules.get()).get(category)

    async def set(self, category: PrivacyCategory, value: PrivacyValue) -> None:
        """Change a setting.

        Raises:
            LocalProtocolError: the category does not take this value.
        """
        await self._rules.set(category, value)

    async def exceptions(self, category: PrivacyCategory) -> PrivacyExceptions:
        """The contacts for whom a setting does not hold.

        Raises:
            LocalProtocolError: the category has no exceptions.
        """
        return await self._rules.exceptions(category)

    async def set_exceptions(self, category: PrivacyCategory, people: Iterable[Jid | str]) -> None:
        """Have a setting hold for all contacts except these, whoever was excepted before.

        Raises:
            LocalProtocolError: the category has no exceptions, or somebody is not on WhatsApp.
            Conflict: other devices change the list faster than we can.
        """
        await self._rules.set_exceptions(category, [address(one) for one in people])

    async def set_default_timer(self, seconds: int) -> None:
        """Have the messages of new chats disappear after so many seconds (a day, a week, 90 days); 0: never.

        What is set now tells `client.contacts.default_timer` of the own number.
        """
        await self._wire.request(SetDefaultTimer(seconds))
