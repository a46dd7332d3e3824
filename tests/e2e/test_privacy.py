"""Privacy settings, exceptions, the blocklist: set here, set elsewhere, and what others then see."""

from __future__ import annotations

import pytest

from motte import StatusPrivacy, StatusRule, errors, events
from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.model.presence import Availability
from motte.model.privacy import VALUES, PrivacyCategory, PrivacyValue
from motte.testing import LocalServer
from motte.testing.server.accounts import Device
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, settled, tell
from tests.e2e.wiretap import Wiretap, sent

CHOICES = [
    (category, value)
    for category, values in VALUES.items()
    for value in sorted(values - {PrivacyValue.CONTACTS_EXCEPT})
]


async def test_every_setting_takes_each_of_its_values(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    for category, value in CHOICES:
        await soon(alice.privacy.set(category, value))
        assert server.account("alice").profile.privacy[category] == value
        assert await soon(alice.privacy.get(category)) is value
        assert (await soon(alice.privacy.settings(fresh=True))).get(category) is value


@pytest.mark.parametrize(
    ("category", "value"),
    [
        (PrivacyCategory.ONLINE, PrivacyValue.CONTACTS),
        (PrivacyCategory.READ_RECEIPTS, PrivacyValue.KNOWN),
        (PrivacyCategory.LAST_SEEN, PrivacyValue.CONTACTS_EXCEPT),
    ],
)
async def test_what_a_setting_does_not_take_is_refused_here(
    server: LocalServer, linked: Linked, category: PrivacyCategory, value: PrivacyValue
) -> None:
    alice = await linked("alice")
    tap = Wiretap(server)
    with pytest.raises(errors.LocalProtocolError):
        await soon(alice.privacy.set(category, value))
    with pytest.raises(errors.LocalProtocolError, match="no exceptions"):
        await soon(alice.privacy.exceptions(PrivacyCategory.ONLINE))
    assert tap.all(sent(me(alice).pn, "iq", xmlns="privacy")) == []


async def test_settings_are_asked_for_once_and_patched(server: LocalServer, linked: Linked) -> None:
    alice, other = await linked("alice"), await linked("alice")
    tap = Wiretap(server)
    assert (await soon(alice.privacy.settings())).read_receipts
    for device in (alice, other):
        changed = alice.expect(events.PrivacyChanged)
        await soon(device.privacy.set(PrivacyCategory.READ_RECEIPTS, PrivacyValue.NOBODY))
        assert (await soon(changed)).values == {"readreceipts": "none"}
        assert not (await soon(alice.privacy.settings())).read_receipts
        changed = alice.expect(events.PrivacyChanged)
        server.account("alice").phone.account.set_privacy("readreceipts", "all")
        assert (await soon(changed)).values == {"readreceipts": "all"}
        assert (await soon(alice.privacy.settings())).read_receipts
    assert len(tap.all(sent(me(alice).pn, "iq", xmlns="privacy", type="get"))) == 1


async def test_exceptions_are_changed_by_their_difference(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    bob, carol, dave = server.account("bob"), server.account("carol"), server.account("dave")
    category, excepted = PrivacyCategory.LAST_SEEN, server.account("alice").profile.excepted
    await soon(alice.privacy.set_exceptions(category, [bob.pn, carol.pn.user]))
    assert excepted["last"] == {bob, carol}
    assert await soon(alice.privacy.get(category)) is PrivacyValue.CONTACTS_EXCEPT
    tap = Wiretap(server)
    await soon(alice.privacy.set_exceptions(category, [carol.pn, dave.pn]))
    assert excepted["last"] == {carol, dave}
    (change,) = tap.all(sent(me(alice).pn, "iq", xmlns="privacy", type="set"))
    users = change.children[0].children[0].children
    assert [(user.attrs["action"], user.attrs["jid"], user.attrs["pn_jid"]) for user in users] == [
        ("add", str(dave.lid), str(dave.pn)),
        ("remove", str(bob.lid), str(bob.pn)),
    ]
    assert set((await soon(alice.privacy.exceptions(category))).people) == {carol.lid, dave.lid}
    await soon(alice.privacy.set_exceptions(category, []))
    assert (await soon(alice.privacy.exceptions(category))).people == ()
    with pytest.raises(errors.LocalProtocolError, match="not on WhatsApp"):
        await soon(alice.privacy.set_exceptions(category, ["15550109999"]))


async def test_a_list_that_changes_meanwhile_is_read_again(server: LocalServer, linked: Linked) -> None:
    alice, bob, phone = await linked("alice"), server.account("bob"), server.account("alice").phone.account
    others = ["carol", "dave", "erin"]
    for name in others:
        server.account(name)

    def meddle(incoming: bool, device: Device, node: Node) -> None:
        """Between the answer with the list and the change of it, the phone changes it."""
        privacy = node.child("privacy") if incoming and node.tag == "iq" else None
        if others and privacy is not None and privacy.child("list"):
            phone.set_exceptions("status", [others.pop()])

    server.watch(meddle)
    with pytest.raises(errors.Conflict):
        await soon(alice.privacy.set_exceptions(PrivacyCategory.ABOUT, [bob.pn]))
    others.append("dave")
    await soon(alice.privacy.set_exceptions(PrivacyCategory.ABOUT, [bob.pn]))
    assert server.account("alice").profile.excepted["status"] == {bob}


async def test_people_are_blocked_by_lid(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), server.account("bob")
    tap = Wiretap(server)
    changed = alice.expect(events.BlocklistChanged)
    await soon(alice.blocklist.block(bob.pn))
    assert await soon(changed) == events.BlocklistChanged(blocked=(bob.lid,))
    (request,) = tap.all(sent(me(alice).pn, "iq", xmlns="blocklist", type="set"))
    assert request.children[0].attrs == {"action": "block", "jid": str(bob.lid), "pn_jid": str(bob.pn)}
    assert server.account("alice").profile.blocked == {bob}
    assert await soon(alice.blocklist.get()) == (bob.lid,)
    assert await soon(alice.blocklist.has(bob.pn))
    assert await soon(alice.blocklist.has(bob.lid))
    await soon(alice.blocklist.unblock(bob.lid))
    assert tap.all(sent(me(alice).pn, "iq", xmlns="blocklist", type="set"))[1].children[0].attrs == {
        "action": "unblock",
        "jid": str(bob.lid),
    }
    assert not await soon(alice.blocklist.has(bob.pn))
    with pytest.raises(errors.LocalProtocolError, match="not on WhatsApp"):
        await soon(alice.blocklist.block("15550109999"))


async def test_who_is_blocked_gets_nothing_through(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(bob, alice, "hello")
    await soon(alice.blocklist.block(lid(bob).user_jid))
    await settled(alice)
    await soon(bob.messages.send(lid(alice).user_jid, "are you there?"))
    seen = bob.expect(events.PresenceChanged)
    await bob.presence.subscribe(lid(alice).user_jid)
    await settled(bob)
    assert not seen.done()
    await soon(alice.blocklist.unblock(lid(bob).user_jid))
    assert (await tell(bob, alice, "and now?")).text == "and now?"


async def test_the_blocklist_is_kept_up_with_other_devices(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await linked("alice"), server.account("bob"), server.account("carol")
    phone, tap = server.account("alice").phone.account, Wiretap(server)
    assert await soon(alice.blocklist.get()) == ()
    changed = alice.expect(events.BlocklistChanged)
    phone.block("bob")
    assert (await soon(changed)).blocked == (bob.lid,)
    changed = alice.expect(events.BlocklistChanged)
    phone.block("carol")
    await soon(changed)
    changed = alice.expect(events.BlocklistChanged)
    phone.unblock("bob")
    assert (await soon(changed)).unblocked == (bob.lid,)
    assert await soon(alice.blocklist.get()) == (carol.lid,)
    assert len(tap.all(sent(me(alice).pn, "iq", xmlns="blocklist"))) == 1


async def test_a_change_that_was_missed_has_the_list_fetched_again(server: LocalServer, linked: Linked) -> None:
    alice, bob, carol = await linked("alice"), server.account("bob"), server.account("carol")
    await soon(alice.blocklist.get())
    server.account("alice").profile.blocked.add(bob)  # behind everybody's back
    changed = alice.expect(events.BlocklistChanged)
    server.account("alice").phone.account.block("carol")
    assert (await soon(changed)).blocked == (carol.lid,)
    assert set(await soon(alice.blocklist.get())) == {bob.lid, carol.lid}


async def test_the_last_seen_of_who_hides_it(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(bob)
    await soon(bob.privacy.set(PrivacyCategory.LAST_SEEN, PrivacyValue.NOBODY))
    await bob.presence.unavailable()
    await settled(bob)
    told = alice.expect(events.PresenceChanged)
    await alice.presence.subscribe(lid(bob).user_jid)
    presence = (await soon(told)).presence
    assert (presence.availability, presence.last_seen) == (Availability.UNAVAILABLE, None)
    assert presence.last_seen_hidden


async def test_how_many_of_a_group_are_there(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await settled(alice)
    await settled(bob)
    group = (await soon(alice.groups.create("party", [lid(bob).user_jid]))).group
    told = alice.expect(events.PresenceChanged, lambda event: event.presence.user.is_group)
    await alice.presence.subscribe(group.jid)
    crowd = (await soon(told)).presence
    assert (crowd.user, crowd.online_count) == (group.jid, 2)
    told = alice.expect(events.PresenceChanged, lambda event: event.presence.user.is_group)
    await bob.presence.unavailable()
    assert (await soon(told)).presence.online_count == 1


async def test_the_default_timer(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await soon(alice.privacy.set_default_timer(604800))
    timer = await soon(bob.contacts.default_timer(me(alice).pn.user_jid))
    assert timer is not None
    assert (timer.seconds, timer.user) == (604800, me(alice).pn.user_jid)
    assert await soon(bob.contacts.default_timer("15550109999")) is None


async def test_without_a_connection(linked: Linked) -> None:
    alice = await linked("alice")
    await soon(alice.disconnect())
    bob = Jid.phone("15550100009")
    for asking in (alice.blocklist.get(), alice.blocklist.block(bob), alice.privacy.settings()):
        with pytest.raises(errors.Disconnected):
            await soon(asking)


async def test_what_other_devices_prefer_is_told(server: LocalServer, linked: Linked) -> None:
    alice, phone = await linked("alice"), server.account("alice").phone.account
    timer, about = alice.expect(events.DefaultTimerChanged), alice.expect(events.AboutChanged)
    phone.set_default_timer(86400)
    assert (await soon(timer)).seconds == 86400
    phone.set_about("at the sea")
    assert ((await soon(about)).user, (await about).text) == (me(alice).pn.user_jid, "at the sea")


async def test_without_read_receipts_the_own_devices_alone_are_told(server: LocalServer, linked: Linked) -> None:
    alice, bob, tablet = await linked("alice"), await linked("bob"), await linked("bob")
    tap = Wiretap(server)
    for value, kind in ((PrivacyValue.NOBODY, "read-self"), (PrivacyValue.ALL, "read")):
        seen = tablet.expect(events.PrivacyChanged)
        await soon(bob.privacy.set(PrivacyCategory.READ_RECEIPTS, value))
        await soon(seen)
        for device in (bob, tablet):
            event = await tell(alice, device, f"{kind} {me(device).pn}")
            await soon(event.mark_read())
            receipt = await tap.first(sent(me(device).pn, "receipt", id=event.message.key.id, type=kind))
            assert receipt.attrs["to"] == str(lid(alice).user_jid)


@pytest.mark.parametrize("rule", list(StatusRule))
async def test_who_sees_the_status_is_set_for_all_devices(linked: Linked, rule: StatusRule) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    people = () if rule is StatusRule.CONTACTS else (lid(bob).user_jid,)
    await settled(alice)
    await soon(alice.status.set_privacy(rule, people))
    assert await soon(alice.status.privacy()) == StatusPrivacy(rule=rule, people=people)
