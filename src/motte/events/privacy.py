"""What changed of the account's privacy, on whichever device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from motte.events.base import Event
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class BlocklistChanged(Event):
    """The account blocked or unblocked people; all of them are in `client.blocklist.get()`."""

    blocked: tuple[Jid, ...] = ()
    unblocked: tuple[Jid, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyChanged(Event):
    """Privacy settings changed to these values, by category; see `client.privacy`."""

    values: Mapping[str, str]
