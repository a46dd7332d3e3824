"""What can be set in a group.

<iq to="1203…01@g.us" xmlns="w:g2" type="set">  one of
  <subject>Chess</subject>
  <description id="3EB0…" [prev="…"]><body>…</body></description>   or   <description delete="true" [prev="…"]/>
  <announcement/> <not_announcement/> <locked/> <unlocked/>
  <ephemeral expiration="86400"/> <not_ephemeral/>
  <member_add_mode>admin_add</member_add_mode>
  <membership_approval_mode><group_join state="on"/></membership_approval_mode>
</iq>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.groups.metadata import XMLNS
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.group import MemberAddMode
from motte.model.jid import Jid

_SWITCHES: Final = {
    ("announcement", True): "announcement",
    ("announcement", False): "not_announcement",
    ("locked", True): "locked",
    ("locked", False): "unlocked",
}


@dataclass(frozen=True, slots=True)
class SetInGroup(Iq[None]):
    """Change one setting of a group; the functions below make these."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"
    group: Jid
    setting: Node

    @property
    def to(self) -> Jid:
        """The group."""
        return self.group

    def content(self) -> Iterable[Node]:
        """The setting."""
        return (self.setting,)

    def result(self, iq: Reader) -> None:
        """Nothing: it is set."""


def subject(group: Jid, text: str) -> SetInGroup:
    """Name the group."""
    return SetInGroup(group, element("subject", body=text))


def description(group: Jid, text: str | None, *, version: str, previous: str | None) -> SetInGroup:
    """Describe the group, or with None take the description away.

    `version` is a fresh message id; `previous` the id of the description that there is, so that nobody's is overwritten
    unseen.
    """
    if not text:
        return SetInGroup(group, element("description", {"delete": "true", "prev": previous}))
    return SetInGroup(group, element("description", {"id": version, "prev": previous}, [element("body", body=text)]))


def switch(group: Jid, name: Literal["announcement", "locked"], enabled: bool) -> SetInGroup:
    """Let only admins write (`announcement`), or change what the group is called and the like (`locked`)."""
    return SetInGroup(group, element(_SWITCHES[name, enabled]))


def timer(group: Jid, seconds: int) -> SetInGroup:
    """Let new messages disappear after so many seconds; 0: let them stay."""
    return SetInGroup(group, element("ephemeral", {"expiration": seconds}) if seconds else element("not_ephemeral"))


def member_add_mode(group: Jid, mode: MemberAddMode) -> SetInGroup:
    """Say who may add people."""
    return SetInGroup(group, element("member_add_mode", body=mode.value))


def approval_mode(group: Jid, enabled: bool) -> SetInGroup:
    """Say whether who wants to join has to be let in."""
    join = element("group_join", {"state": "on" if enabled else "off"})
    return SetInGroup(group, element("membership_approval_mode", body=[join]))
