"""A business changed what it shows: its verified name, its profile, its catalogue; or it is none any more.

<notification type="business" from="…@s.whatsapp.net" …>
  <verified_name jid="…" [name serial issuer]>VerifiedNameCertificate</verified_name>     (or hash= instead of jid=)
  <remove jid="…"/>
  <profile [hash="ABCD"]/>
  <product_catalog><product><id>…</id></product></product_catalog>
  <product_catalog><collection id="…"/></product_catalog>
  <subscriptions><subscription id="…" status="…"/></subscriptions>
</notification>

One of them. The certificate is parsed for its name alone: what it is signed with, nobody outside can check.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.proto.business_pb2 import VerifiedNameCertificate

MAX_CERTIFICATE: Final = 16_384
MAX_ITEMS: Final = 1024
"""Products, collections or subscriptions named in one notification."""


class BusinessPart(StrEnum):
    """What changed, by the tag that tells."""

    VERIFIED_NAME = "verified_name"
    REMOVED = "remove"
    PROFILE = "profile"
    CATALOG = "product_catalog"
    SUBSCRIPTIONS = "subscriptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessChanged:
    """A change of a business.

    `user` is None when the server tells a `hash` of the number alone, as it does for businesses that are no contacts.
    `items` are the ids of products, collections or subscriptions.
    """

    header: Header
    part: BusinessPart
    user: Jid | None
    hash: str | None = None
    name: str | None = None
    items: tuple[str, ...] = ()


def read(notification: Reader, header: Header) -> BusinessChanged | None:
    """The value of the notification; None when it holds no known part."""
    body = next((part for part in notification.children() if part.tag in _PARTS), None)
    if body is None:
        return None
    hashed, user = body.optional_text("hash"), body.optional_jid("jid")
    part = BusinessPart(body.tag)
    return BusinessChanged(
        header=header,
        part=part,
        user=user or (None if hashed else header.source.user_jid),
        hash=hashed,
        name=_name(body) if part is BusinessPart.VERIFIED_NAME else None,
        items=_items(body),
    )


def _items(body: Reader) -> tuple[str, ...]:
    found: list[str] = []
    for item in body.children():
        named = item.optional_child("id")
        identity = named.string() if named else item.optional_text("id")
        if identity and item.tag in _ITEMS and len(found) < MAX_ITEMS:
            found.append(identity)
    return tuple(found)


def _name(body: Reader) -> str | None:
    if told := body.optional_text("name"):
        return told
    if not isinstance(body.node.content, bytes):
        return None
    try:
        certificate = VerifiedNameCertificate.FromString(body.data(limit=MAX_CERTIFICATE))
        return VerifiedNameCertificate.Details.FromString(certificate.details).verifiedName or None
    except (DecodeError, UnicodeDecodeError):
        raise body.error("holds no certificate") from None


_PARTS: Final = frozenset(BusinessPart)
_ITEMS: Final = frozenset({"product", "collection", "subscription"})
