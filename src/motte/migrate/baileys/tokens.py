"""Trusted-contact tokens: `{"token", "timestamp", "senderTimestamp"}`, times in unix seconds.

`tctoken-__index` lists whose tokens there are.
"""

from __future__ import annotations

from typing import Final

from motte.migrate.baileys.folder import Item
from motte.store.repo.tokens import Trust

INDEX: Final = "__index"


def read_trust(item: Item) -> Trust | None:
    """What is between a person and us; `None` for nothing.

    Raises:
        ImportFailed: the file is damaged.
    """
    entry = item.read()
    token = held.data() if (held := entry.get("token")) is not None else b""
    given, issued = entry.get("timestamp"), entry.get("senderTimestamp")
    trust = Trust(
        token=token if given is not None else b"",  # one without a date counts as expired, for Baileys too
        given_at=given.number() if given is not None and token else 0,
        issued_at=issued.number() if issued is not None else 0,
    )
    return trust if trust != Trust() else None
