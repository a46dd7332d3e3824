"""Whom the account blocks.

<iq xmlns="blocklist" type="get" to="@s.whatsapp.net" id="…"/>
<iq type="result" id="…"><list dhash="…"><item jid="100000000000002@lid" [pn_jid="…"]/>…</list></iq>

<iq xmlns="blocklist" type="set" to="@s.whatsapp.net" id="…">
  <item jid="100000000000002@lid" action="block" pn_jid="15550100002@s.whatsapp.net"/>      (pn_jid for block alone)
</iq>
<iq type="result" id="…"><list dhash="…">…</list></iq>                                       (or nothing)

<notification type="account_sync" …><blocklist action="modify" dhash="…" prev_dhash="…">
  <item jid="100000000000002@lid" action="block"/>…
</blocklist></notification>                                   (action="default", or no items: fetch the list again)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.header import Header
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.model.privacy import Blocklist


@dataclass(frozen=True, slots=True)
class GetBlocklist(Iq[Blocklist]):
    """Fetch the list; the JIDs come as the server addresses them, LID or PN."""

    xmlns: ClassVar[str] = "blocklist"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """Nothing."""
        return ()

    def result(self, iq: Reader) -> Blocklist:
        """The blocked; nobody when the server sends no list."""
        return _list(iq) or Blocklist()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBlocked(Iq[Blocklist | None]):
    """Block or unblock a person, who goes by LID; to block also by phone number, where it is known.

    Gives the list as it is now, if the server says so.
    """

    xmlns: ClassVar[str] = "blocklist"
    kind: ClassVar[Literal["get", "set"]] = "set"

    user: Jid
    blocked: bool
    pn: Jid | None = None

    def content(self) -> Iterable[Node]:
        """`<item>`."""
        action, pn = ("block", self.pn) if self.blocked else ("unblock", None)
        return (element("item", {"action": action, "jid": self.user, "pn_jid": pn}),)

    def result(self, iq: Reader) -> Blocklist | None:
        """The list."""
        return _list(iq)


@dataclass(frozen=True, slots=True)
class BlocklistChanged:
    """Another device blocked (True) or unblocked somebody, the list having had the hash `before`.

    Without changes: fetch the list again.
    """

    header: Header
    changes: tuple[tuple[Jid, bool], ...]
    hash: str | None = None
    before: str | None = None

    @classmethod
    def read(cls, blocklist: Reader, header: Header) -> BlocklistChanged:
        """The value of the notification's `<blocklist>`."""
        items = blocklist.children("item")
        changes = tuple((item.jid("jid").user_jid, item.text("action") == "block") for item in items)
        return cls(header, changes, blocklist.optional_text("dhash"), blocklist.optional_text("prev_dhash"))


def _list(iq: Reader) -> Blocklist | None:
    found = iq.optional_child("list")
    if found is None:
        return None
    people = tuple(item.jid("jid").user_jid for item in found.children("item"))
    return Blocklist(people=people, hash=found.optional_text("dhash"))
