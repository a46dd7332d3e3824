"""Telling the server that what it called dirty is fetched.

<iq xmlns="urn:xmpp:whatsapp:dirty" type="set" to="@s.whatsapp.net" id="…">
  <clean type="account_sync" timestamp="1700000000"/>
</iq>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader


@dataclass(frozen=True, slots=True)
class Clean(Iq[None]):
    """Wipe the dirty bit of one type, as of `timestamp` (unix seconds, from the bulletin)."""

    xmlns: ClassVar[str] = "urn:xmpp:whatsapp:dirty"
    kind: ClassVar[Literal["get", "set"]] = "set"

    type: str
    timestamp: int | None = None

    def content(self) -> Iterable[Node]:
        """The `<clean>`."""
        return (element("clean", {"type": self.type, "timestamp": self.timestamp}),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was done."""
