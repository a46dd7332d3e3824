"""The account's privacy settings.

<iq xmlns="privacy" type="get" to="@s.whatsapp.net" id="…"><privacy/></iq>
<iq type="result" id="…"><privacy><category name="readreceipts" value="all"/>…</privacy></iq>

<iq xmlns="privacy" type="set" to="@s.whatsapp.net" id="…">
  <privacy><category name="last" value="contacts"/></privacy>
</iq>

With exceptions, people go by LID; a `dhash` that is not the server's is refused with 409:

<iq xmlns="privacy" type="get" …><privacy addressing_mode="lid">
  <list name="last" value="contact_blacklist"/></privacy></iq>
<iq type="result" …><privacy>
  <list name="last" value="contact_blacklist" dhash="…"><user jid="…@lid"/>…</list></privacy></iq>

<iq xmlns="privacy" type="set" …><privacy addressing_mode="lid">
  <category name="last" value="contact_blacklist" dhash="…|none">
    <user action="add|remove" jid="…@lid" pn_jid="…@s.whatsapp.net"/>…
  </category></privacy></iq>
<iq type="result" …><privacy><category name="last" value="contact_blacklist" dhash="…"/></privacy></iq>

<iq xmlns="disappearing_mode" type="set" …><disappearing_mode duration="604800"/></iq>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.model.privacy import PrivacyCategory, PrivacyExceptions, PrivacySettings, PrivacyValue

_NO_LIST: Final = "none"
"""The hash of a list that was never made."""


@dataclass(frozen=True, slots=True)
class GetPrivacySettings(Iq[PrivacySettings]):
    """Fetch the settings."""

    xmlns: ClassVar[str] = "privacy"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """`<privacy/>`."""
        return (Node("privacy"),)

    def result(self, iq: Reader) -> PrivacySettings:
        """All categories that the server sent."""
        categories = iq.child("privacy").children("category")
        return PrivacySettings({category.text("name"): category.text("value") for category in categories})


@dataclass(frozen=True, slots=True)
class SetPrivacy(Iq[None]):
    """Change one setting."""

    xmlns: ClassVar[str] = "privacy"
    kind: ClassVar[Literal["get", "set"]] = "set"

    category: PrivacyCategory
    value: PrivacyValue

    def content(self) -> Iterable[Node]:
        """`<category>`."""
        return (element("privacy", body=[element("category", {"name": self.category, "value": self.value})]),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was done."""


@dataclass(frozen=True, slots=True)
class GetExceptions(Iq[PrivacyExceptions]):
    """Fetch the contacts for whom a setting does not hold."""

    xmlns: ClassVar[str] = "privacy"
    kind: ClassVar[Literal["get", "set"]] = "get"

    category: PrivacyCategory

    def content(self) -> Iterable[Node]:
        """`<list>`."""
        wanted = element("list", {"name": self.category, "value": PrivacyValue.CONTACTS_EXCEPT})
        return (element("privacy", {"addressing_mode": "lid"}, [wanted]),)

    def result(self, iq: Reader) -> PrivacyExceptions:
        """The list; empty when there is none."""
        privacy = iq.optional_child("privacy")
        found = privacy.optional_child("list") if privacy else None
        if found is None:
            return PrivacyExceptions()
        people = tuple(user.jid("jid").user_jid for user in found.children("user"))
        return PrivacyExceptions(people=people, hash=found.optional_text("dhash"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptPeople(Iq[str | None]):
    """Make a setting hold for contacts except some; gives the new hash. People are pairs of LID and PN, if known.

    `Conflict`: the list has changed since it had the hash `known`.
    """

    xmlns: ClassVar[str] = "privacy"
    kind: ClassVar[Literal["get", "set"]] = "set"

    category: PrivacyCategory
    known: str | None
    added: tuple[tuple[Jid, Jid | None], ...] = ()
    removed: tuple[tuple[Jid, Jid | None], ...] = ()

    def content(self) -> Iterable[Node]:
        """`<category>` with the changes."""
        changes = [*(("add", one) for one in self.added), *(("remove", one) for one in self.removed)]
        users = [element("user", {"action": action, "jid": lid, "pn_jid": pn}) for action, (lid, pn) in changes]
        attrs = {"name": self.category, "value": PrivacyValue.CONTACTS_EXCEPT, "dhash": self.known or _NO_LIST}
        return (element("privacy", {"addressing_mode": "lid"}, [element("category", attrs, users)]),)

    def result(self, iq: Reader) -> str | None:
        """The hash of the list as it is now."""
        privacy = iq.optional_child("privacy")
        category = privacy.optional_child("category") if privacy else None
        return category.optional_text("dhash") if category else None


@dataclass(frozen=True, slots=True)
class SetDefaultTimer(Iq[None]):
    """Have the messages of new chats disappear after so many seconds; 0: never."""

    xmlns: ClassVar[str] = "disappearing_mode"
    kind: ClassVar[Literal["get", "set"]] = "set"

    seconds: int

    def content(self) -> Iterable[Node]:
        """`<disappearing_mode>`."""
        return (element("disappearing_mode", {"duration": self.seconds}),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was done."""
