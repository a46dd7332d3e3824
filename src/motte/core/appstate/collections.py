"""The five collections of an account's state.

critical_block          what has to be known before anything is shown: push name, locale
critical_unblock_low    contacts
regular_high            mutes, deletions
regular_low             pins, archived and read chats, stars
regular                 everything else
"""

from __future__ import annotations

from enum import StrEnum


class Collection(StrEnum):
    """A collection, in the order in which they are fetched first."""

    CRITICAL_BLOCK = "critical_block"
    CRITICAL_UNBLOCK_LOW = "critical_unblock_low"
    REGULAR_HIGH = "regular_high"
    REGULAR_LOW = "regular_low"
    REGULAR = "regular"

    @classmethod
    def known(cls, name: str) -> Collection | None:
        """The collection of that name, or None for one that this version does not know."""
        return cls._value2member_map_.get(name)  # type: ignore[return-value]
