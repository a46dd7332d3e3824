"""Short links to people and businesses: `https://wa.me/qr/CODE` and `https://wa.me/message/CODE`.

<iq xmlns="w:qr" type="set" to="@s.whatsapp.net" id="…"><qr type="contact" action="get|revoke"/></iq>
<iq type="result" id="…"><qr code="ABCDEFGH"/></iq>

<iq xmlns="w:qr" type="get" to="@s.whatsapp.net" id="…"><qr code="ABCDEFGH"/></iq>
<iq type="result" id="…"><qr jid="15550100002@s.whatsapp.net" notify="Bob" type="contact|message">
  [<message>prepared text</message>]
  [<business is_signed="true" verified_name="Bob's" verified_level="high"/>]
</qr></iq>                                                               (or error 404: there is no such link)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.business import LinkTarget

CONTACT: Final = "https://wa.me/qr/"
_PREFIXES: Final = (
    CONTACT,
    "https://wa.me/message/",
    "https://api.whatsapp.com/qr/",
    "https://api.whatsapp.com/message/",
)


def code_of(link: str) -> str:
    """The code in a link, or the text itself when it is a code already."""
    for prefix in _PREFIXES:
        if link.startswith(prefix):
            return link.removeprefix(prefix).partition("?")[0].strip("/")
    return link


@dataclass(frozen=True, slots=True)
class GetContactLink(Iq[str]):
    """The link to the own account; with `renew` another one, and the old one leads nowhere."""

    xmlns: ClassVar[str] = "w:qr"
    kind: ClassVar[Literal["get", "set"]] = "set"

    renew: bool = False

    def content(self) -> Iterable[Node]:
        """`<qr>`."""
        return (element("qr", {"type": "contact", "action": "revoke" if self.renew else "get"}),)

    def result(self, iq: Reader) -> str:
        """The link."""
        return CONTACT + iq.child("qr").text("code")


@dataclass(frozen=True, slots=True)
class ResolveLink(Iq[LinkTarget]):
    """Whom a code leads to."""

    xmlns: ClassVar[str] = "w:qr"
    kind: ClassVar[Literal["get", "set"]] = "get"

    code: str

    def content(self) -> Iterable[Node]:
        """`<qr>`."""
        return (element("qr", {"code": self.code}),)

    def result(self, iq: Reader) -> LinkTarget:
        """The person or business."""
        found = iq.child("qr")
        message, business = found.optional_child("message"), found.optional_child("business")
        return LinkTarget(
            jid=found.jid("jid").user_jid,
            push_name=found.optional_text("notify") or "",
            kind=found.optional_text("type") or "",
            message=message.string() if message else None,
            verified_name=business.optional_text("verified_name") if business else None,
            verified_level=business.optional_text("verified_level") if business else None,
            is_signed=business.flag("is_signed") if business else False,
        )
