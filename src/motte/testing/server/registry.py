"""Which handler takes which stanza: the tables of all domains, joined. A key that two domains claim fails at import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from motte.testing.server import (
    appstate,
    blocklist,
    business,
    devices,
    groups_invites,
    groups_members,
    groups_queries,
    media,
    pictures,
    prekeys,
    presence,
    privacy,
    profile,
    receipts,
    routing,
    status,
    trust,
    upkeep,
    usync,
)
from motte.testing.server.hub import IqHandler, StanzaHandler

K = TypeVar("K")
V = TypeVar("V")


def joined(*tables: Mapping[K, V]) -> dict[K, V]:
    """One table of many; `ValueError` when two have the same key."""
    whole: dict[K, V] = {}
    for table in tables:
        if twice := whole.keys() & table.keys():
            raise ValueError(f"two handlers for {sorted(map(str, twice))}")
        whole.update(table)
    return whole


STANZAS: Final[Mapping[str, StanzaHandler]] = joined(
    routing.STANZAS, receipts.STANZAS, presence.STANZAS, upkeep.STANZAS
)
IQS: Final[Mapping[tuple[str, str], IqHandler]] = joined(
    prekeys.IQS,
    usync.IQS,
    devices.IQS,
    profile.IQS,
    privacy.IQS,
    blocklist.IQS,
    business.IQS,
    upkeep.IQS,
    groups_queries.IQS,
    groups_members.IQS,
    groups_invites.IQS,
    media.IQS,
    pictures.IQS,
    status.IQS,
    trust.IQS,
    appstate.IQS,
)
