"""What the features about people and privacy need, as narrow protocols; `ports` has the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from motte.model.jid import Jid
from motte.model.privacy import Blocklist, PrivacyCategory, PrivacyExceptions, PrivacySettings, PrivacyValue
from motte.model.user import About, DefaultTimer, NumberCheck, User


class Known(Protocol):
    """What is known of people, here and at the server."""

    async def user(self, jid: Jid) -> User:
        """A person, as they are known here."""
        ...

    async def saved(self) -> list[User]:
        """The account's contacts."""
        ...

    async def check(self, numbers: Sequence[str], *, fresh: bool = False) -> list[NumberCheck]:
        """Whether phone numbers are on WhatsApp."""
        ...

    async def abouts(self, users: Sequence[Jid]) -> list[About]:
        """About texts."""
        ...

    async def timers(self, users: Sequence[Jid]) -> list[DefaultTimer]:
        """Default disappearing timers."""
        ...


class Blocking(Protocol):
    """Whom the account blocks."""

    async def get(self, *, fresh: bool = False) -> Blocklist:
        """The list."""
        ...

    async def set(self, user: Jid, blocked: bool) -> None:
        """Block or unblock a person."""
        ...


class PrivacyRules(Protocol):
    """The account's privacy settings."""

    async def get(self, *, fresh: bool = False) -> PrivacySettings:
        """All of them."""
        ...

    async def set(self, category: PrivacyCategory, value: PrivacyValue) -> None:
        """Change one."""
        ...

    async def exceptions(self, category: PrivacyCategory) -> PrivacyExceptions:
        """For whom one does not hold."""
        ...

    async def set_exceptions(self, category: PrivacyCategory, people: Iterable[Jid]) -> None:
        """Have one hold for contacts except some."""
        ...
