"""Requests about people, privacy, businesses and links, as Baileys builds them, and what their answers say."""

from __future__ import annotations

import pytest

from motte.core.binary.node import Node
from motte.core.stanza import presence
from motte.core.stanza.blocklist import BlocklistChanged, GetBlocklist, SetBlocked
from motte.core.stanza.business import GetBots, GetBusinessProfile
from motte.core.stanza.dispatch import read
from motte.core.stanza.iq import Iq
from motte.core.stanza.links import GetContactLink, ResolveLink, code_of
from motte.core.stanza.privacy import ExceptPeople, GetExceptions, SetDefaultTimer, SetPrivacy
from motte.core.stanza.reader import Reader
from motte.core.stanza.status import SetAbout
from motte.core.stanza.usync import MAX_CERTIFICATE, Protocol, Usync
from motte.errors import Conflict, RemoteProtocolError
from motte.model.business import Bot, BusinessProfile, LinkTarget
from motte.model.jid import Jid
from motte.model.privacy import (
    EXCEPTABLE,
    VALUES,
    Blocklist,
    PrivacyCategory,
    PrivacyExceptions,
    PrivacySettings,
    PrivacyValue,
)
from motte.proto.business_pb2 import VerifiedNameCertificate
from tests.unit.core.stanza.wire import ME, PEER, PEER_LID, node_of, plain, vectors, xml

OUTGOING = vectors("stanzas")["outgoing"]
BLOCKED, BLOCKED_LID = Jid.parse("15550100009@s.whatsapp.net"), Jid.parse("100000000000009@lid")
LAST = PrivacyCategory.LAST_SEEN


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("block", SetBlocked(user=BLOCKED_LID, blocked=True, pn=BLOCKED)),
        ("unblock", SetBlocked(user=BLOCKED_LID, blocked=False, pn=BLOCKED)),
        ("set_privacy", SetPrivacy(LAST, PrivacyValue.CONTACTS)),
        ("set_default_timer", SetDefaultTimer(604800)),
        ("set_about", SetAbout("Grüße")),
        ("bots", GetBots()),
    ],
)
def test_requests_are_those_of_baileys(name: str, request_: Iq[object]) -> None:
    assert plain(request_.build("ID")) == plain(node_of(OUTGOING[name][0]))


def test_a_business_is_asked_for_as_baileys_does_but_for_the_spelling_of_the_server() -> None:
    theirs = node_of(OUTGOING["business_profile"][0])
    theirs = Node(theirs.tag, {**theirs.attrs, "to": "@s.whatsapp.net"}, theirs.content)
    assert plain(GetBusinessProfile(PEER).build("ID")) == plain(theirs)


def answer(*children: Node) -> Node:
    return xml("iq", *children, type="result")


def test_every_category_says_what_it_takes() -> None:
    assert set(VALUES) == set(PrivacyCategory)
    assert {"last", "profile", "status", "groupadd"} == EXCEPTABLE


def test_values_of_later_versions_are_kept() -> None:
    settings = PrivacySettings({"last": "contacts", "online": "on_sundays"})
    assert settings.get(LAST) is PrivacyValue.CONTACTS
    assert settings.get(PrivacyCategory.ONLINE) == "on_sundays"
    assert settings.get(PrivacyCategory.CALLS) is None


def test_exceptions() -> None:
    body = xml("list", xml("user", jid=str(PEER_LID)), name="last", value="contact_blacklist", dhash="abc")
    request = GetExceptions(LAST)
    found = PrivacyExceptions(people=(PEER_LID.user_jid,), hash="abc")
    assert request.parse(answer(xml("privacy", body))) == found
    assert request.parse(answer(xml("privacy"))) == request.parse(answer()) == PrivacyExceptions()
    change = ExceptPeople(category=LAST, known=None, added=((PEER_LID, PEER),), removed=((BLOCKED_LID, None),))
    privacy = change.build("ID").children[0]
    assert privacy.attrs == {"addressing_mode": "lid"}
    assert privacy.children[0].attrs == {"name": "last", "value": "contact_blacklist", "dhash": "none"}
    assert [user.attrs for user in privacy.children[0].children] == [
        {"action": "add", "jid": str(PEER_LID), "pn_jid": str(PEER)},
        {"action": "remove", "jid": str(BLOCKED_LID)},
    ]
    assert change.parse(answer(xml("privacy", xml("category", dhash="def")))) == "def"
    assert change.parse(answer()) is None
    with pytest.raises(Conflict):
        change.parse(xml("iq", xml("error", code="409", text="conflict"), type="error"))


def test_the_blocklist_and_its_hash() -> None:
    body = xml("list", xml("item", jid=str(PEER_LID)), dhash="abc")
    expected = Blocklist(people=(PEER_LID.user_jid,), hash="abc")
    assert GetBlocklist().parse(answer(body)) == expected
    assert SetBlocked(user=PEER_LID, blocked=True).parse(answer(body)) == expected
    assert SetBlocked(user=PEER_LID, blocked=True).parse(answer()) is None
    changed = xml("blocklist", xml("item", jid=str(PEER), action="block"), dhash="new", prev_dhash="old")
    told = read(xml("notification", changed, id="1", from_=str(ME.pn), type="account_sync", t="5"), ME)
    assert isinstance(told, BlocklistChanged)
    assert (told.hash, told.before, told.changes) == ("new", "old", ((PEER, True),))


def test_a_business_that_says_little() -> None:
    request = GetBusinessProfile(PEER)
    assert request.parse(answer()) is None
    assert request.parse(answer(xml("business_profile"))) is None
    bare = xml("business_profile", xml("profile", jid=str(PEER)))
    assert request.parse(answer(bare)) == BusinessProfile(jid=PEER)
    options = xml("profile_options", xml("cart_enabled", "true"), xml("bot_fields", xml("prompts")))
    told = request.parse(answer(xml("business_profile", xml("profile", options, jid=str(PEER)))))
    assert told is not None
    assert told.options == {"cart_enabled": "true"}


@pytest.mark.parametrize(
    ("part", "path"),
    [
        (xml("description", b"\xff"), "description"),
        (xml("business_hours", xml("business_hours_config", mode="open_24h")), "business_hours_config@day_of_week"),
        (
            xml(
                "business_hours", xml("business_hours_config", day_of_week="mon", mode="specific_hours", open_time="x")
            ),
            "business_hours_config@open_time",
        ),
        (xml("website", xml("a")), "website"),
    ],
)
def test_a_malformed_business_names_the_place(part: Node, path: str) -> None:
    with pytest.raises(RemoteProtocolError) as raised:
        GetBusinessProfile(PEER).parse(answer(xml("business_profile", xml("profile", part, jid=str(PEER)))))
    assert raised.value.path.endswith(path)


def test_bots_are_those_of_the_whole_list() -> None:
    bot = xml("bot", jid="867051314767696@bot", persona_id="p")
    body = xml("bot", xml("section", bot, type="featured"), xml("section", bot, type="all"))
    assert GetBots().parse(answer(body)) == (Bot(jid=Jid.parse("867051314767696@bot"), persona_id="p"),)
    with pytest.raises(RemoteProtocolError):
        GetBots().parse(answer(xml("bot", xml("section", xml("bot"), type="all"))))


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://wa.me/qr/ABC", "ABC"),
        ("https://wa.me/message/ABC?src=qr", "ABC"),
        ("https://api.whatsapp.com/qr/ABC/", "ABC"),
        ("https://api.whatsapp.com/message/ABC", "ABC"),
        ("ABC", "ABC"),
    ],
)
def test_the_code_of_a_link(link: str, code: str) -> None:
    assert code_of(link) == code


def test_links() -> None:
    assert GetContactLink().build("ID").children[0].attrs == {"type": "contact", "action": "get"}
    assert GetContactLink(renew=True).build("ID").children[0].attrs == {"type": "contact", "action": "revoke"}
    assert GetContactLink().parse(answer(xml("qr", code="ABC"))) == "https://wa.me/qr/ABC"
    request = ResolveLink("ABC")
    assert request.build("ID").children[0].attrs == {"code": "ABC"}
    assert request.parse(answer(xml("qr", jid=str(PEER), type="contact"))) == LinkTarget(jid=PEER, kind="contact")
    for broken in (answer(), answer(xml("qr", type="contact"))):
        with pytest.raises(RemoteProtocolError):
            request.parse(broken)


def certified(name: str) -> bytes:
    details = VerifiedNameCertificate.Details(verifiedName=name).SerializeToString()
    return VerifiedNameCertificate(details=details).SerializeToString()


def test_verified_names() -> None:
    request = Usync(sid="1", protocols=(Protocol.BUSINESS,), jids=(PEER,))
    assert plain(request.build("ID").children[0].children[0].children[0]) == plain(
        xml("business", xml("verified_name"))
    )

    def told(*parts: Node) -> tuple[str | None, bool]:
        user = xml("user", xml("business", *parts), jid=str(PEER))
        (found,) = request.parse(answer(xml("usync", xml("list", user)))).users
        return found.verified_name, "business" in found.errors

    assert told(xml("verified_name", certified("Bob's Bread"))) == ("Bob's Bread", False)
    assert told() == (None, False)
    assert told(xml("verified_name", b"\xff\xff")) == (None, True)
    assert told(xml("verified_name", bytes(MAX_CERTIFICATE + 1))) == (None, True)


def test_a_hidden_last_seen_is_told_from_an_unknown_one() -> None:
    for last, hidden in (("deny", True), ("none", False), ("1700000000", False)):
        value = presence.read(Reader(xml("presence", from_=str(PEER), type="unavailable", last=last)))
        assert value.last_seen_hidden is hidden
