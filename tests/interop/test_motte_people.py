"""Privacy, the blocklist, businesses, about texts and presence: real Baileys and motte ask and set the same things."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from motte import events
from motte.model.presence import Availability
from motte.model.privacy import PrivacyCategory, PrivacyValue
from motte.testing.server.accounts import BusinessCard
from tests.interop.motte_peer import MottePeer
from tests.interop.pairs import Pair, paired

pytestmark = pytest.mark.asyncio(loop_scope="module")

SETTERS = {
    PrivacyCategory.MESSAGES: ("updateMessagesPrivacy", PrivacyValue.CONTACTS),
    PrivacyCategory.CALLS: ("updateCallPrivacy", PrivacyValue.KNOWN),
    PrivacyCategory.LAST_SEEN: ("updateLastSeenPrivacy", PrivacyValue.NOBODY),
    PrivacyCategory.ONLINE: ("updateOnlinePrivacy", PrivacyValue.LIKE_LAST_SEEN),
    PrivacyCategory.PICTURE: ("updateProfilePicturePrivacy", PrivacyValue.CONTACTS),
    PrivacyCategory.ABOUT: ("updateStatusPrivacy", PrivacyValue.NOBODY),
    PrivacyCategory.READ_RECEIPTS: ("updateReadReceiptsPrivacy", PrivacyValue.NOBODY),
    PrivacyCategory.GROUPS: ("updateGroupsAddPrivacy", PrivacyValue.CONTACTS),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    async with paired() as together:
        yield together


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def second(pair: Pair) -> AsyncIterator[MottePeer]:
    """motte as another device of Baileys' account."""
    async with MottePeer(pair.server, "Ann") as device:
        yield device


@pytest.mark.parametrize("category", SETTERS)
async def test_a_setting_of_baileys_reaches_motte(pair: Pair, second: MottePeer, category: PrivacyCategory) -> None:
    name, value = SETTERS[category]
    before = await second.client.privacy.get(category)
    await pair.ann.call(name, value.value)
    changed = await second.event(events.PrivacyChanged)
    assert changed.values == {category.value: value.value}
    assert await second.client.privacy.get(category) is value
    assert isinstance(before, PrivacyValue)
    await second.client.privacy.set(category, before)
    assert (await pair.ann.call("fetchPrivacySettings", True))[category.value] == before.value
    assert (await second.event(events.PrivacyChanged)).values == {category.value: before.value}


async def test_the_blocklist(pair: Pair, second: MottePeer) -> None:
    bob = pair.server.account("Bob")
    await pair.from_ann("pn", {"text": "so that she knows his LID"})
    assert await second.client.blocklist.get() == ()
    await pair.ann.call("updateBlockStatus", str(bob.pn), "block")
    assert (await second.event(events.BlocklistChanged)).blocked == (bob.lid,)
    assert await second.client.blocklist.has(bob.pn)
    assert await pair.ann.call("fetchBlocklist") == [str(bob.lid)]
    await second.client.blocklist.unblock(bob.pn)
    update = await pair.ann.event("blocklist.update", lambda data: data["type"] == "remove")
    assert update["blocklist"] == [str(bob.lid)]
    assert await pair.ann.call("fetchBlocklist") == []


async def test_about_texts_and_default_timers(pair: Pair) -> None:
    await pair.ann.call("updateProfileStatus", "at the sea 🌊")
    about = await pair.bob.client.contacts.about(pair.jid("Ann", "pn"))
    assert about is not None
    assert about.text == "at the sea 🌊"
    await pair.bob.client.profile.set_about("in the hills")
    (shown,) = await pair.ann.call("fetchStatus", str(pair.jid("Bob", "pn")))
    assert shown["status"]["status"] == "in the hills"
    await pair.ann.call("updateDefaultDisappearingMode", 604800)
    timer = await pair.bob.client.contacts.default_timer(pair.jid("Ann", "lid"))
    assert timer is not None
    assert timer.seconds == 604800
    await pair.bob.client.privacy.set_default_timer(86400)
    (shown,) = await pair.ann.call("fetchDisappearingDuration", str(pair.jid("Bob", "pn")))
    assert shown["disappearing_mode"]["duration"] == 86400


async def test_who_is_on_whatsapp(pair: Pair) -> None:
    bob, absent = pair.server.account("Bob").pn, "15550109999"
    found = await pair.ann.call("onWhatsApp", bob.user, absent)
    checks = await pair.bob.client.contacts.check(bob.user, absent)
    assert [(one["jid"], one["exists"]) for one in found] == [
        (str(check.jid), True) for check in checks if check.exists
    ]


async def test_a_business_and_bots(pair: Pair) -> None:
    hours = ({"day_of_week": "mon", "mode": "specific_hours", "open_time": "480", "close_time": "1080"},)
    card = BusinessCard(
        name="Bob's Bread",
        description="Bread and more",
        address="1 Example Street",
        email="bob@example.com",
        websites=("https://example.com",),
        categories={"2250": "Bakery"},
        hours=hours,
    )
    pair.server.account("Bob").profile.business = card
    bob = pair.jid("Bob", "pn")
    by_baileys = await pair.ann.call("getBusinessProfile", str(bob))
    by_motte = await pair.bob.client.business.profile(bob)
    assert by_motte is not None
    assert by_baileys == {
        "wid": str(by_motte.jid),
        "address": by_motte.address,
        "description": by_motte.description,
        "website": list(by_motte.websites),
        "email": by_motte.email,
        "category": by_motte.categories[0].name,
        "business_hours": {"timezone": by_motte.time_zone, "business_config": list(hours)},
    }
    bots = await pair.bob.client.business.bots()
    assert await pair.ann.call("getBotListV2") == [{"jid": str(bot.jid), "personaId": bot.persona_id} for bot in bots]


async def test_presence_both_ways(pair: Pair) -> None:
    ann, bob = pair.jid("Ann", "lid"), pair.jid("Bob", "lid")
    await pair.ann.named()
    await pair.bob.client.presence.available()
    await pair.ann.subscribe(str(bob))
    seen = await pair.ann.event("presence.update", lambda data: data["id"] == str(bob))
    assert seen["presences"][str(bob)]["lastKnownPresence"] == "available"
    await pair.bob.client.presence.unavailable()
    gone = await pair.ann.event(
        "presence.update", lambda data: data["presences"].get(str(bob), {}).get("lastKnownPresence") == "unavailable"
    )
    assert gone["presences"][str(bob)]["lastSeen"]
    await pair.ann.presence("available")
    await pair.bob.client.presence.subscribe(ann)
    told = await pair.bob.event(
        events.PresenceChanged, lambda event: event.presence.availability is Availability.AVAILABLE
    )
    assert told.presence.user == ann
