"""Whom the account blocks.

<iq xmlns="blocklist" type="get" to="@s.whatsapp.net" id="…"/>
<iq type="result" id="…"><list dhash="…"><item jid="100000000000002@lid" pn_jid="…"/>…</list></iq>

<notification type="account_sync" …><blocklist action="modify" dhash="…" prev_dhash="…">
  <item jid="100000000000002@lid" action="block"/>…
</blocklist></notification>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.header import Header
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True)
class GetBlocklist(Iq[tuple[Jid, ...]]):
    """Fetch the list; the JIDs come as the server addresses them, LID or PN."""

    xmlns: ClassVar[str] = "blocklist"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """Nothing."""
        return ()

    def result(self, iq: Reader) -> tuple[Jid, ...]:
        """The blocked; empty when the server sends no list."""
        blocked = iq.optional_child("list")
        return tuple(item.jid("jid") for item in blocked.children("item")) if blocked else ()


@dataclass(frozen=True, slots=True)
class BlocklistChanged:
    """Another device blocked (True) or unblocked somebody. Without changes: fetch the list again."""

    header: Header
    changes: tuple[tuple[Jid, bool], ...]

    @classmethod
    def read(cls, blocklist: Reader, header: Header) -> BlocklistChanged:
        """The value of the notification's `<blocklist>`."""
        changes = tuple((item.jid("jid"), item.text("action") == "block") for item in blocklist.children("item"))
        return cls(header, changes)
