"""What the owner of a phone does with groups: the same IQs that any client sends, answered at once."""

from __future__ import annotations

from collections.abc import Iterable

from motte.core.binary.node import Node
from motte.model.jid import GROUP, Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.hub import Hub
from motte.testing.server.reader import Refused, as_jid, attr, child, number

_ALL_GROUPS = Jid("", GROUP)
Who = str | Jid
"""A name, a number, a JID."""


class PhoneGroups:
    """The groups of one account, from its phone. Groups and people are named by JID or text.

    Every call raises `Refused` with the code of the server's error.
    """

    def __init__(self, hub: Hub, device: Device) -> None:
        self._hub = hub
        self._device = device

    def ask(self, *children: Node, to: Who = _ALL_GROUPS, kind: str = "set") -> tuple[Node, ...]:
        """Send any IQ of `w:g2`; gives the children of its result."""
        iq = Node("iq", {"id": self._hub.next_id(), "to": str(to), "type": kind, "xmlns": "w:g2"}, children)
        answer = self._hub.ask(self._device, iq)
        if answer.attrs["type"] == "error":
            raise Refused(number(child(answer, "error"), "code"), attr(child(answer, "error"), "text"))
        return answer.children

    def create(self, subject: str, people: Iterable[Who] = (), *, settings: Iterable[Node] = ()) -> Jid:
        """Make a group; `settings` are nodes like `<announcement/>`. Gives its JID."""
        content = (*(self._participant(who) for who in people), *settings)
        (group,) = self.ask(Node("create", {"subject": subject, "key": self._hub.next_id()}, content or None))
        return Jid(attr(group, "id"), GROUP)

    def add(self, group: Who, *people: Who) -> dict[str, int]:
        """Add people; the status of each by JID: 200, or an error."""
        return self._members("add", group, people)

    def remove(self, group: Who, *people: Who) -> dict[str, int]:
        """Remove members, likewise."""
        return self._members("remove", group, people)

    def promote(self, group: Who, *people: Who) -> dict[str, int]:
        """Make members admins, likewise."""
        return self._members("promote", group, people)

    def demote(self, group: Who, *people: Who) -> dict[str, int]:
        """Make admins plain members, likewise."""
        return self._members("demote", group, people)

    def leave(self, group: Who) -> None:
        """Leave a group."""
        self.ask(Node("leave", {}, (Node("group", {"id": str(group)}),)))

    def set_subject(self, group: Who, subject: str) -> None:
        """Rename a group."""
        self.ask(Node("subject", {}, subject.encode()), to=group)

    def set_description(self, group: Who, text: str) -> None:
        """Describe a group anew; an empty text takes the description away."""
        current = self._hub.groups.require(as_jid(str(group))).description
        prev = {"prev": current.id} if current else {}
        body = (Node("body", {}, text.encode()),) if text else None
        attrs = {"id": self._hub.next_id()} if text else {"delete": "true"}
        self.ask(Node("description", attrs | prev, body), to=group)

    def set(self, group: Who, setting: str) -> None:
        """Set `announcement`, `not_announcement`, `locked`, `unlocked` or `not_ephemeral`."""
        self.ask(Node(setting), to=group)

    def set_timer(self, group: Who, seconds: int) -> None:
        """Let messages disappear after 86400, 604800 or 7776000 seconds; 0: never."""
        timer = Node("ephemeral", {"expiration": str(seconds)}) if seconds else Node("not_ephemeral")
        self.ask(timer, to=group)

    def set_approval(self, group: Who, on: bool) -> None:
        """Whether admins must let people in."""
        state = Node("group_join", {"state": "on" if on else "off"})
        self.ask(Node("membership_approval_mode", {}, (state,)), to=group)

    def invite_code(self, group: Who, *, revoke: bool = False) -> str:
        """The code of the invite link; a new one with `revoke`."""
        (invite,) = self.ask(Node("invite"), to=group, kind="set" if revoke else "get")
        return attr(invite, "code")

    def join(self, code: str) -> Jid:
        """Follow an invite link; gives the group, which may still have to approve."""
        (group,) = self.ask(Node("invite", {"code": code}))
        return as_jid(attr(group, "jid"))

    def approve(self, group: Who, *people: Who) -> dict[str, int]:
        """Let people in who asked; the status of each by JID."""
        return self._decide("approve", group, people)

    def reject(self, group: Who, *people: Who) -> dict[str, int]:
        """Turn people away who asked, likewise."""
        return self._decide("reject", group, people)

    def _members(self, action: str, group: Who, people: Iterable[Who]) -> dict[str, int]:
        (answer,) = self.ask(Node(action, {}, tuple(self._participant(who) for who in people)), to=group)
        return _statuses(answer)

    def _decide(self, action: str, group: Who, people: Iterable[Who]) -> dict[str, int]:
        inner = Node(action, {}, tuple(self._participant(who) for who in people))
        (answer,) = self.ask(Node("membership_requests_action", {}, (inner,)), to=group)
        return _statuses(child(answer, action))

    def _participant(self, who: Who) -> Node:
        account: Account | None = self._hub.directory.find(str(who))
        return Node("participant", {"jid": str(account.lid) if account else str(as_jid(str(who)))})


def _statuses(answer: Node) -> dict[str, int]:
    return {attr(node, "jid"): int(node.attrs.get("error", "200")) for node in answer.all("participant")}
