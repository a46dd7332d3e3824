"""People under both addresses and all names, what they show, businesses, bots and links."""

from __future__ import annotations

import pytest

from motte import errors, events
from motte.model.business import Bot, BusinessCategory, BusinessProfile, Opening, OpeningHours
from motte.model.jid import Jid
from motte.model.privacy import PrivacyCategory, PrivacyValue
from motte.model.user import User
from motte.testing import LocalServer
from motte.testing.server.accounts import BusinessCard
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, settled, store_of, tell
from tests.e2e.wiretap import Wiretap, sent

BAKERY = BusinessCard(
    name="Bob's Bread",
    description="Bread and more",
    address="1 Example Street",
    email="bob@example.com",
    websites=("https://example.com", "https://example.org"),
    categories={"2250": "Bakery"},
    hours=(
        {"day_of_week": "mon", "mode": "specific_hours", "open_time": "480", "close_time": "1080"},
        {"day_of_week": "tue", "mode": "open_24h"},
        {"day_of_week": "wed", "mode": "by_moonlight"},
    ),
    messages={"HELLO123": "Two loaves, please"},
)


async def test_a_person_has_both_addresses_and_all_names(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(bob, alice, "hello")
    await soon(alice.contacts.check(me(bob).pn.user))
    await soon(alice.contacts.save(me(bob).pn.user_jid, "Robert Example", first_name="Rob"))
    for address in (me(bob).pn, lid(bob), f"+{me(bob).pn.user}"):
        user = await soon(alice.contacts.get(address))
        assert (user.pn, user.lid) == (me(bob).pn.user_jid, lid(bob).user_jid)
        assert (user.push_name, user.saved_name, user.first_name) == ("bob", "Robert Example", "Rob")
        assert (user.name, user.jid, user.is_saved) == ("Robert Example", lid(bob).user_jid, True)
        assert user.is_called(lid(bob))
    assert await soon(alice.contacts.all()) == [user]
    await soon(alice.contacts.remove(me(bob).pn.user_jid))
    assert await soon(alice.contacts.all()) == []


async def test_who_is_not_known_is_called_by_number(linked: Linked) -> None:
    alice = await linked("alice")
    stranger = await soon(alice.contacts.get("15550109999"))
    assert stranger == User(pn=Jid.phone("15550109999"), lid=None)
    assert (stranger.name, stranger.is_saved) == ("+15550109999", False)
    assert (await soon(alice.contacts.get("123@lid"))).name == "123@lid"


async def test_numbers_are_not_asked_for_twice(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), server.account("bob")
    bob.profile.business = BAKERY
    tap = Wiretap(server)
    numbers = (bob.pn.user, "15550109999", bob.pn.user)
    first = await soon(alice.contacts.check(*numbers))
    assert [(one.exists, one.is_business, one.verified_name) for one in first] == [
        (True, True, "Bob's Bread"),
        (False, False, None),
        (True, True, "Bob's Bread"),
    ]
    assert await soon(alice.contacts.check(*numbers)) == first
    assert len(tap.all(sent(me(alice).pn, "iq", xmlns="usync"))) == 1
    server.account("carol")
    (again,) = await soon(alice.contacts.check(bob.pn.user, fresh=True))
    assert again == first[0]
    assert len(tap.all(sent(me(alice).pn, "iq", xmlns="usync"))) == 2


async def test_a_refused_look_up_is_not_taken_for_nobody(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    await settled(alice)
    server.faults.refuse_iq(429, "usync", "alice")
    with pytest.raises(errors.RateLimited):
        await soon(alice.contacts.check("15550109999"))
    assert not (await soon(alice.contacts.check("15550109999")))[0].exists


async def test_about_texts(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(bob, alice, "hello")
    told = alice.expect(events.AboutChanged)
    await soon(bob.profile.set_about("at the sea 🌊"))
    assert ((await soon(told)).user, (await told).text) == (me(bob).pn.user_jid, "at the sea 🌊")
    (one, two) = await soon(alice.contacts.abouts(me(bob).pn, lid(alice), "15550109999"))
    assert (one.user, one.text, one.set_at is not None) == (me(bob).pn.user_jid, "at the sea 🌊", True)
    assert (two.user, two.text) == (lid(alice).user_jid, "")
    assert await soon(alice.contacts.about("15550109999")) is None
    await soon(bob.privacy.set(PrivacyCategory.ABOUT, PrivacyValue.NOBODY))
    hidden = await soon(alice.contacts.about(lid(bob)))
    assert hidden is not None
    assert hidden.text == ""
    own = await soon(bob.profile.about())
    assert own == "at the sea 🌊"
    await soon(bob.profile.set_about(""))
    assert await soon(bob.profile.about()) == ""
    with pytest.raises(errors.NotAcceptable):
        await soon(bob.profile.set_about("x" * 140))


async def test_what_a_business_shows(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await linked("alice"), server.account("bob"), server.account("carol")
    bob.profile.business = BAKERY
    assert await soon(alice.business.profile(carol.pn)) is None
    assert await soon(alice.business.profile(bob.pn)) == BusinessProfile(
        jid=bob.pn,
        description="Bread and more",
        address="1 Example Street",
        email="bob@example.com",
        websites=("https://example.com", "https://example.org"),
        categories=(BusinessCategory(id="2250", name="Bakery"),),
        time_zone="Europe/Berlin",
        hours=(
            OpeningHours(day="mon", opening=Opening.HOURS, opens=480, closes=1080),
            OpeningHours(day="tue", opening=Opening.ALWAYS),
            OpeningHours(day="wed", opening="by_moonlight"),
        ),
    )


async def test_bots(linked: Linked) -> None:
    alice = await linked("alice")
    bots = await soon(alice.business.bots())
    assert Bot(jid=Jid.parse("867051314767696@bot"), persona_id="meta_ai") in bots


async def test_links_lead_to_people(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    link = await soon(bob.contacts.link())
    assert link.startswith("https://wa.me/qr/")
    assert await soon(bob.contacts.link()) == link
    target = await soon(alice.contacts.resolve(link))
    assert (target.jid, target.push_name, target.kind, target.message) == (
        me(bob).pn.user_jid,
        "bob",
        "contact",
        None,
    )
    renewed = await soon(bob.contacts.link(renew=True))
    assert renewed != link
    with pytest.raises(errors.ItemNotFound):
        await soon(alice.contacts.resolve(link))
    server.account("bob").profile.business = BAKERY
    for written in ("HELLO123", "https://wa.me/message/HELLO123?src=qr", "https://api.whatsapp.com/message/HELLO123"):
        business = await soon(alice.contacts.resolve(written))
        assert (business.message, business.verified_name) == ("Two loaves, please", "Bob's Bread")
        assert business.is_signed


async def test_names_survive_a_restart(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(bob, alice, "hello")
    await soon(alice.contacts.check(me(bob).pn.user))
    names = await store_of(alice).contacts.get_many([me(bob).pn.user_jid, lid(bob).user_jid])
    assert {one.push_name for one in names.values()} == {"bob"}
