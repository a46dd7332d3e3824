"""Who sees the account's status, and its about text, which is called status on the wire too.

<iq xmlns="status" type="get" to="@s.whatsapp.net" id="…"><privacy/></iq>
<iq type="result" id="…"><privacy>
  <list type="contacts|blacklist|whitelist" [default="true"]><user jid="…"/>…</list>…
</privacy></iq>                                    (or error 404: never set)

<iq xmlns="status" type="set" to="@s.whatsapp.net" id="…"><status>new text</status></iq>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.status import StatusPrivacy, StatusRule

UNSET: Final = StatusPrivacy(rule=StatusRule.CONTACTS)
"""What holds for an account that never set anything."""


@dataclass(frozen=True, slots=True)
class GetStatusPrivacy(Iq[StatusPrivacy]):
    """Fetch the rule that is in force: an account may have several, one of them the default."""

    xmlns: ClassVar[str] = "status"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """`<privacy/>`."""
        return (element("privacy"),)

    def result(self, iq: Reader) -> StatusPrivacy:
        """The default list, else the first one."""
        privacy = iq.optional_child("privacy")
        lists = list(privacy.children("list")) if privacy else []
        chosen = next((one for one in lists if one.flag("default")), lists[0] if lists else None)
        if chosen is None:
            return UNSET
        try:
            rule = StatusRule(chosen.text("type"))
        except ValueError:
            # To take an unknown rule for a known one could show a status to people whom it is not for.
            raise chosen.error("a rule that this version does not know", "type") from None
        return StatusPrivacy(rule=rule, people=tuple(user.jid("jid").user_jid for user in chosen.children("user")))


@dataclass(frozen=True, slots=True)
class SetAbout(Iq[None]):
    """Give the account another about text."""

    xmlns: ClassVar[str] = "status"
    kind: ClassVar[Literal["get", "set"]] = "set"

    text: str

    def content(self) -> Iterable[Node]:
        """`<status>`."""
        return (element("status", body=self.text.encode()),)

    def result(self, iq: Reader) -> None:
        """Nothing."""
