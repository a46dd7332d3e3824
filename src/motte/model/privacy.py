"""Who may see and do what: the account's privacy settings, their exceptions, and whom it blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from motte.model.jid import Jid


class PrivacyCategory(StrEnum):
    """What a setting is about."""

    LAST_SEEN = "last"
    ONLINE = "online"
    PICTURE = "profile"
    ABOUT = "status"
    READ_RECEIPTS = "readreceipts"
    GROUPS = "groupadd"
    CALLS = "calladd"
    MESSAGES = "messages"
    DEFENSE = "defense"
    STICKERS = "stickers"


class PrivacyValue(StrEnum):
    """For whom it holds; which values a category takes says `VALUES`."""

    ALL = "all"
    CONTACTS = "contacts"
    CONTACTS_EXCEPT = "contact_blacklist"
    ONLY = "contact_allowlist"
    NOBODY = "none"
    LIKE_LAST_SEEN = "match_last_seen"
    KNOWN = "known"
    STANDARD = "on_standard"
    OFF = "off"


_SEEN: Final = frozenset({PrivacyValue.ALL, PrivacyValue.CONTACTS, PrivacyValue.CONTACTS_EXCEPT, PrivacyValue.NOBODY})
VALUES: Final[Mapping[PrivacyCategory, frozenset[PrivacyValue]]] = {
    PrivacyCategory.LAST_SEEN: _SEEN,
    PrivacyCategory.PICTURE: _SEEN,
    PrivacyCategory.ABOUT: _SEEN,
    PrivacyCategory.GROUPS: _SEEN,
    PrivacyCategory.ONLINE: frozenset({PrivacyValue.ALL, PrivacyValue.LIKE_LAST_SEEN}),
    PrivacyCategory.READ_RECEIPTS: frozenset({PrivacyValue.ALL, PrivacyValue.NOBODY}),
    PrivacyCategory.CALLS: frozenset({PrivacyValue.ALL, PrivacyValue.KNOWN, PrivacyValue.CONTACTS}),
    PrivacyCategory.MESSAGES: frozenset({PrivacyValue.ALL, PrivacyValue.CONTACTS}),
    PrivacyCategory.DEFENSE: frozenset({PrivacyValue.STANDARD, PrivacyValue.OFF}),
    PrivacyCategory.STICKERS: frozenset({PrivacyValue.CONTACTS, PrivacyValue.ONLY, PrivacyValue.NOBODY}),
}
"""The values that each category takes."""
EXCEPTABLE: Final = frozenset(category for category, values in VALUES.items() if PrivacyValue.CONTACTS_EXCEPT in values)
"""The categories that can be for all contacts except some."""


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """All settings: category → value, as the server names them, so that those of later versions are kept too."""

    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, category: PrivacyCategory) -> PrivacyValue | str | None:
        """The value of a category; a text when this version does not know it, None when the server did not say."""
        value = self.values.get(category)
        if value is None:
            return None
        return PrivacyValue(value) if value in _KNOWN else value

    @property
    def read_receipts(self) -> bool:
        """Whether others may see what this account has read; true when the server did not say."""
        return self.values.get(PrivacyCategory.READ_RECEIPTS, PrivacyValue.ALL) == PrivacyValue.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyExceptions:
    """The contacts that a setting does not hold for, and the server's hash of that list."""

    people: tuple[Jid, ...] = ()
    hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocklist:
    """Whom the account blocks, as the server addresses them (by LID, as a rule), and its hash of that list."""

    people: tuple[Jid, ...] = ()
    hash: str | None = None


_KNOWN: Final = frozenset(PrivacyValue)
