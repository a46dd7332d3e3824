"""What businesses show, the bots that there are, and short links to people and businesses.

<iq type="get" xmlns="w:biz"><business_profile v="244"><profile jid="B@s.whatsapp.net"/></business_profile></iq>
    → <business_profile><profile jid="B@…"><description/><address/><email/><website/>… <categories/>
          <business_hours timezone="…"><business_hours_config day_of_week mode [open_time close_time]/></business_hours>
      </profile></business_profile>; no <profile> for who is no business

<iq type="get" xmlns="bot"><bot v="2"/></iq>
    → <bot><section type="all" name="All"><bot jid="…@bot" persona_id="…"/>…</section></bot>

<iq type="set" xmlns="w:qr"><qr type="contact" action="get|revoke"/></iq>    → <qr code="…" type="contact"/>
<iq type="get" xmlns="w:qr"><qr code="…"/></iq>
    → <qr jid="B@s.whatsapp.net" notify="Bob" type="contact|message">[<message>…</message><business is_signed …/>]</qr>

`server.account("Bob").profile.business = BusinessCard(…)` makes Bob a business, its `messages` give the codes of links
with a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.binary.node import Node
from motte.proto.business_pb2 import VerifiedNameCertificate
from motte.testing.server.accounts import Account, BusinessCard, Device
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import Refused, attr, child, jid

BOTS: Final = (("867051314767696", "meta_ai"), ("718584497008509", "writer"))
"""User and persona of each."""
_CODE: Final = 7


def verified_name(card: BusinessCard) -> Node:
    """`<verified_name>` with a certificate that nobody signed."""
    details = VerifiedNameCertificate.Details(serial=1, issuer="smb:wa", verifiedName=card.name)
    certificate = VerifiedNameCertificate(details=details.SerializeToString())
    return Node("verified_name", {"v": "1"}, certificate.SerializeToString())


def _profile(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    shown: list[Node] = []
    for asked in child(iq, "business_profile").all("profile"):
        account = hub.directory.account(jid(asked, "jid"))
        if account is not None and account.profile.business is not None:
            shown.append(_shown(attr(asked, "jid"), account.profile.business))
    return (Node("business_profile", {}, tuple(shown)),)


def _shown(asked: str, card: BusinessCard) -> Node:
    texts = {"description": card.description, "address": card.address, "email": card.email}
    parts = [Node(tag, {}, text.encode()) for tag, text in texts.items() if text]
    parts += [Node("website", {}, site.encode()) for site in card.websites]
    named = tuple(Node("category", {"id": number}, name.encode()) for number, name in card.categories.items())
    parts.append(Node("categories", {}, named))
    days = tuple(Node("business_hours_config", dict(day)) for day in card.hours)
    if days:
        parts.append(Node("business_hours", {"timezone": card.time_zone}, days))
    return Node("profile", {"jid": asked}, tuple(parts))


def _bots(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    bots = tuple(Node("bot", {"jid": f"{user}@bot", "persona_id": persona}) for user, persona in BOTS)
    return (Node("bot", {}, (Node("section", {"type": "all", "name": "All"}, bots),)),)


def _qr(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    asked = child(iq, "qr")
    if iq.attrs.get("type") == "get":
        return (_target(hub, attr(asked, "code")),)
    profile = device.account.profile
    if attr(asked, "type") != "contact" or attr(asked, "action") not in ("get", "revoke"):
        raise Refused(400, "a code is of the type contact, to be got or revoked")
    if not profile.link_code or asked.attrs["action"] == "revoke":
        profile.link_code = hub.rng(_CODE).hex().upper()
    return (Node("qr", {"code": profile.link_code, "type": "contact"}),)


def _target(hub: Hub, code: str) -> Node:
    for account in hub.directory:
        if code == account.profile.link_code:
            return Node("qr", _named(account, "contact"))
        card = account.profile.business
        if card is not None and code in card.messages:
            business = {"is_signed": "true", "verified_name": card.name, "verified_level": "low"}
            parts = (Node("message", {}, card.messages[code].encode()), Node("business", business))
            return Node("qr", _named(account, "message"), parts)
    raise Refused(404, "this code leads nowhere")


def _named(account: Account, kind: str) -> dict[str, str]:
    return {"jid": str(account.pn), "notify": account.profile.push_name, "type": kind}


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {
    ("w:biz", "business_profile"): _profile,
    ("bot", "bot"): _bots,
    ("w:qr", "qr"): _qr,
}
