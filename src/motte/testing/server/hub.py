"""The world of one server: who exists, what they own, and the two ways a stanza moves.

`receive(device, node)` takes a stanza that a device sent and hands it to the handler of its tag or IQ namespace.
`deliver(device, node)` gives a stanza to a device: through its mailbox when it is of the kind that waits, else only
when the device is connected.

Handlers run one after the other and never wait: a stanza that a handler causes (the phone answers a message with a
receipt) is queued behind it, so that no handler ever runs inside another.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TypeAlias

from motte.core.binary.node import Node
from motte.core.crypto.rng import Rng
from motte.model.jid import LID, Jid
from motte.testing.server.accounts import Account, Device, Directory
from motte.testing.server.faultplan import FaultPlan
from motte.testing.server.groups import Group, Groups
from motte.testing.server.lobby import Lobby
from motte.testing.server.mailbox import MAILED
from motte.testing.server.mediastore import Blob, MediaStore
from motte.testing.server.reader import Refused, attr, refusal, result
from motte.testing.server.settings import Settings
from motte.testing.server.tokens import Token
from motte.testing.server.whereabouts import Whereabouts

log = logging.getLogger("motte.server")

StanzaHandler: TypeAlias = "Callable[[Hub, Device, Node], None]"
"""Takes a stanza of its tag."""
Watcher: TypeAlias = Callable[[bool, Device, Node], None]
"""Sees a stanza: whether it is for the device (else from it), the device, and the stanza."""
IqHandler: TypeAlias = "Callable[[Hub, Device, Node], tuple[Node, ...]]"
"""Takes an IQ of its namespace and gives the children of the result; raises `Refused` for an error."""


class Hub:
    """What all connections of a server share.

    `stanzas` maps a tag, `iqs` a pair of namespace and first child's tag (`""` for an IQ without children) to handlers;
    `registry` makes both.
    """

    def __init__(
        self,
        stanzas: Mapping[str, StanzaHandler],
        iqs: Mapping[tuple[str, str], IqHandler],
        *,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
        rng: Rng = os.urandom,
    ) -> None:
        self._stanzas = stanzas
        self._iqs = iqs
        self._jobs: deque[Callable[[], None]] = deque()
        self._working = False
        self._last_id = 0
        self.clock = clock
        self.rng = rng
        self.settings = settings or Settings()
        self.directory = Directory()
        self.groups = Groups()
        self.media = MediaStore(clock, rng)
        self.tokens: dict[tuple[Account, Account], tuple[Token, ...]] = {}  # (who gave them, to whom): newest first
        self.salts: dict[Account, bytes] = {}  # what each account's clients make tokens of
        self.pictures: dict[Account | Group, tuple[str, Blob]] = {}  # its id, and the file
        self.plan = FaultPlan()
        self.lobby = Lobby()
        self.whereabouts = Whereabouts()
        self.watchers: list[Watcher] = []

    @property
    def now(self) -> int:
        """Unix seconds, as stanzas carry them."""
        return int(self.clock())

    def next_id(self) -> str:
        """An id for a stanza that the server itself sends."""
        self._last_id += 1
        return f"srv-{self._last_id}"

    def post(self, job: Callable[[], None]) -> None:
        """Run a job now, or after the job that is running."""
        self._jobs.append(job)
        if self._working:
            return
        self._working = True
        while self._jobs:
            try:
                self._jobs.popleft()()
            except Exception:  # one broken handler must not stop the others' stanzas
                log.exception("the server failed on a stanza")
        self._working = False

    def receive(self, sender: Device, node: Node) -> None:
        """Handle a stanza that a device sent. A stanza that breaks its rules gets an error or is logged, never both."""
        log.debug("from %s: %s", sender.pn, _outline(node))
        self._show(False, sender, node)
        self.post(lambda: self._handle(sender, node))

    def ask(self, sender: Device, iq: Node) -> Node:
        """The answer to an IQ of a phone, which no wire carries."""
        self._show(False, sender, iq)
        return self._answer(sender, iq)

    def deliver(self, device: Device, node: Node) -> None:
        """Give a stanza to a device."""
        log.debug("for %s: %s", device.pn, _outline(node))
        self._show(True, device, node)
        if node.tag in MAILED:
            device.mailbox.put(node)
        elif device.outlet is not None:
            device.outlet.send(node)

    def notify(self, device: Device, kind: str, *children: Node, sender: str, **attrs: str) -> None:
        """Send a `<notification type=kind>` of the server's own."""
        head = {"from": sender, "type": kind, "id": self.next_id(), "t": str(self.now), **attrs}
        self.deliver(device, Node("notification", head, children))

    def addressing(self, chat: Jid) -> Jid:
        """A JID in the addressing of a group; of anything else that many read, a LID."""
        group = self.groups.get(chat)
        return group.like if group else Jid("", LID)

    def account(self, who: str) -> Account:
        """The account with this name, number or JID; `Refused(404)` when there is none."""
        account = self.directory.find(who)
        if account is None:
            raise Refused(404, f"no account is called {who[:60]!r}")
        return account

    def _show(self, incoming: bool, device: Device, node: Node) -> None:
        for watcher in self.watchers:
            watcher(incoming, device, node)

    def _handle(self, sender: Device, node: Node) -> None:
        try:
            if node.tag == "iq":
                self._handle_iq(sender, node)
            elif handler := self._stanzas.get(node.tag):
                handler(self, sender, node)
            else:
                log.warning("no handler for <%s> of %s", node.tag, sender.pn)
        except Refused as reason:
            log.warning("<%s> of %s refused: %s", node.tag, sender.pn, reason)

    def _handle_iq(self, sender: Device, iq: Node) -> None:
        if iq.attrs.get("type") not in ("result", "error"):
            self.deliver(sender, self._answer(sender, iq))

    def _answer(self, sender: Device, iq: Node) -> Node:
        try:
            return result(iq, *self._iq_handler(sender, iq)(self, sender, iq))
        except Refused as reason:
            log.warning("iq %s of %s refused: %s", iq.attrs.get("xmlns", "?"), sender.pn, reason)
            return refusal(iq, reason)

    def _iq_handler(self, sender: Device, iq: Node) -> IqHandler:
        namespace = attr(iq, "xmlns")
        if fault := self.plan.next_iq(sender.account, namespace):
            raise Refused(fault.code, "as a fault was to")
        for tag in [node.tag for node in iq.children] or [""]:
            if handler := self._iqs.get((namespace, tag)):
                return handler
        tags = ",".join(node.tag for node in iq.children) or "nothing"
        raise Refused(501, f"no handler for namespace {namespace[:60]!r} with {tags[:60]}")


def _outline(node: Node) -> str:
    """A stanza for the log: attributes and the tags of its children, no content."""
    attrs = "".join(f" {name}={value}" for name, value in node.attrs.items())
    return f"<{node.tag}{attrs}> {' '.join(child.tag for child in node.children)}"
