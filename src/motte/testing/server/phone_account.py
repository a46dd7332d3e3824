"""What the owner of a phone sets for the account: the same IQs that any client sends, answered at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub
from motte.testing.server.privacy import list_hash
from motte.testing.server.reader import SERVER, Refused, attr, child, number

Who: TypeAlias = str | Jid
"""A name, a number, a JID."""


class PhoneAccount:
    """Privacy, blocklist, about text of one account, from its phone. Every call raises `Refused` like the server."""

    def __init__(self, hub: Hub, device: Device) -> None:
        self._hub, self._device = hub, device

    def block(self, who: Who) -> None:
        """Block a person."""
        account = self._account(who)
        self._ask("blocklist", Node("item", {"action": "block", "jid": str(account.lid), "pn_jid": str(account.pn)}))

    def unblock(self, who: Who) -> None:
        """Block a person no longer."""
        self._ask("blocklist", Node("item", {"action": "unblock", "jid": str(self._account(who).lid)}))

    def set_privacy(self, category: str, value: str) -> None:
        """Change a privacy setting, both as the wire names them."""
        self._ask("privacy", Node("privacy", {}, (Node("category", {"name": category, "value": value}),)))

    def set_exceptions(self, category: str, people: Iterable[Who]) -> None:
        """Have a setting hold for all contacts except these."""
        before = self._device.account.profile.excepted.get(category, set())
        after = {self._account(who) for who in people}
        users = [Node("user", {"action": "add", "jid": str(one.lid)}) for one in after - before]
        users += [Node("user", {"action": "remove", "jid": str(one.lid)}) for one in before - after]
        attrs = {"name": category, "value": "contact_blacklist", "dhash": list_hash(before)}
        self._ask("privacy", Node("privacy", {"addressing_mode": "lid"}, (Node("category", attrs, tuple(users)),)))

    def set_about(self, text: str) -> None:
        """Show another about text."""
        self._ask("status", Node("status", {}, text.encode()))

    def set_default_timer(self, seconds: int) -> None:
        """Have the messages of new chats disappear after so many seconds; 0: never."""
        self._ask("disappearing_mode", Node("disappearing_mode", {"duration": str(seconds)}))

    def _account(self, who: Who) -> Account:
        return self._hub.account(str(who))

    def _ask(self, xmlns: str, child_node: Node) -> None:
        iq = Node("iq", {"id": self._hub.next_id(), "to": SERVER, "type": "set", "xmlns": xmlns}, (child_node,))
        answer = self._hub.ask(self._device, iq)
        if answer.attrs["type"] == "error":
            error = child(answer, "error")
            raise Refused(number(error, "code"), attr(error, "text"))
