"""Device lists: asked for once, renewed when they change, and only devices that the account vouches for."""

from __future__ import annotations

import asyncio

from motte import Client, Jid, events
from motte.core.binary.node import Node
from motte.core.crypto import adv
from motte.core.crypto.curve import KeyPair
from motte.testing import LocalServer
from motte.testing.rng import SeededRng
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me, saying, session_addresses, settled, store_of, tell, undecryptable_of
from tests.e2e.wiretap import Wiretap, received, sent


def asked_for_devices(tap: Wiretap, client: Client) -> int:
    """How often a client asked for device lists."""
    return len(tap.all(sent(me(client).pn, "iq", xmlns="usync")))


def devices_of(node: Node) -> set[str]:
    """The devices that a message is encrypted for."""
    participants = node.child("participants")
    assert participants is not None
    return {to.attrs["jid"] for to in participants.all("to")}


async def test_lists_are_asked_for_once(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    tap = Wiretap(server)
    for n in range(3):
        await tell(alice, bob, f"{n}")
    assert asked_for_devices(tap, alice) == 1


async def test_the_cache_outlives_a_reconnect(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    tap = Wiretap(server)
    await soon(alice.disconnect())
    await soon(alice.connect())
    await tell(alice, bob, "after")
    assert asked_for_devices(tap, alice) == 0


async def test_a_new_device_gets_the_next_message(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    changed = alice.expect(events.DevicesChanged)
    tablet = await linked("bob")
    assert (await soon(changed)).user == me(bob).pn.user_jid
    await settled(alice)
    got = tablet.expect(events.MessageReceived, saying("to all"))
    await tell(alice, bob, "to all")
    assert (await soon(got)).chat == lid(alice).user_jid


async def test_an_own_new_device_gets_copies(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    changed = alice.expect(events.DevicesChanged)
    tablet = await linked("alice")
    await soon(changed)
    await settled(alice)
    got = tablet.expect(events.MessageReceived, saying("copy"))
    await tell(alice, bob, "copy")
    assert (await soon(got)).message.key.from_me


async def test_a_removed_device_gets_nothing_more(server: LocalServer, linked: Linked) -> None:
    alice, bob, tablet = await linked("alice"), await linked("bob"), await linked("bob")
    await tell(alice, bob, "before")
    await settled(alice)
    gone = lid(tablet)
    assert str(gone) in {str(address.jid) for address in await store_of(alice).sessions.of_user(f"{gone.user}_1")}
    changed = alice.expect(events.DevicesChanged)
    await soon(tablet.logout())
    await soon(changed)
    await settled(alice)
    tap = Wiretap(server)
    await tell(alice, bob, "after")
    (message,) = tap.all(sent(me(alice).pn, "message"))
    assert devices_of(message) == {str(lid(bob)), str(lid(bob).with_device(0)), str(lid(alice).with_device(0))}
    assert f"{gone.user}_1.{gone.device}" not in await session_addresses(alice, gone)


async def test_a_change_while_away_is_learnt_from_the_queue(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    await soon(alice.disconnect())
    tablet = await linked("bob")
    done = alice.expect(events.OfflineDone)
    await soon(alice.connect())
    await soon(done)
    await settled(alice)
    got = tablet.expect(events.MessageReceived, saying("to all"))
    await tell(alice, bob, "to all")
    await soon(got)


async def test_a_stale_list_is_noticed_by_the_ack(server: LocalServer, linked: Linked) -> None:
    """The server's ack names another participant hash: the lists are asked for again before the next message."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    tap = Wiretap(server)
    server.faults.drop_ack("alice")
    sending = asyncio.ensure_future(alice.messages.send(lid(bob), "with a stale list"))
    message = await tap.first(sent(me(alice).pn, "message"))
    attrs = {"class": "message", "id": message.attrs["id"], "from": message.attrs["to"], "t": "1", "phash": "2:XXXX"}
    server.deliver(me(alice).pn, Node("ack", attrs))
    await soon(sending)
    await tell(alice, bob, "with a fresh one")
    assert asked_for_devices(tap, alice) == 1


async def test_a_list_that_the_account_did_not_sign_is_cut_to_the_phone(server: LocalServer, linked: Linked) -> None:
    """A server could slip in a device of its own; only the phone's signature makes one a device of the account."""
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "so that alice knows bob's phone")
    account = server.account("bob")
    mallory, indexes = KeyPair.generate(SeededRng(1)), frozenset({0, 1, 2})
    forged = adv.KeyIndexList(raw_id=1, timestamp=1_700_000_000, current_index=2, valid_indexes=indexes)
    account.key_index_list = adv.sign_key_indexes(mallory, forged, rng=SeededRng(2))
    listed = await soon(alice.contacts.devices(lid(bob), fresh=True))
    assert listed is not None
    assert [device.id for device in listed.devices] == [0]
    tap = Wiretap(server)
    await soon(alice.messages.send(lid(bob), "to the phone"))
    await soon(server.phone("bob").wait_for_text("to the phone"))
    (message,) = tap.all(sent(me(alice).pn, "message"))
    assert devices_of(message) == {str(lid(bob).with_device(0)), str(lid(alice).with_device(0))}


async def test_a_device_that_the_signed_list_leaves_out_gets_nothing(server: LocalServer, linked: Linked) -> None:
    alice, bob, tablet = await linked("alice"), await linked("bob"), await linked("bob")
    await tell(alice, bob, "before")
    account, newest = server.account("bob"), lid(tablet).device
    signed = adv.KeyIndexList(
        raw_id=1, timestamp=1_700_000_000, current_index=newest, valid_indexes=frozenset({0, lid(bob).device})
    )
    account.key_index_list = adv.sign_key_indexes(server.phone("bob").identity, signed, rng=SeededRng(3))
    listed = await soon(alice.contacts.devices(lid(bob), fresh=True))
    assert listed is not None
    assert [device.id for device in listed.devices] == [0, lid(bob).device]


async def test_a_phone_set_up_anew(server: LocalServer, linked: Linked) -> None:
    """Another identity: the user is told, and messages go on, both ways, also from its new companion."""
    alice = await linked("alice")
    bob = server.account("bob").lid
    await soon(alice.messages.send(bob, "before"))
    await soon(server.phone("bob").wait_for_text("before"))
    got = alice.expect(events.MessageReceived, saying("and back"))
    await server.phone("bob").send_text("alice", "and back")
    await soon(got)
    changed, broken = alice.expect(events.IdentityChanged), undecryptable_of(alice)
    server.phone("bob").reinstall()
    assert (await soon(changed)).device == bob
    await settled(alice)
    await soon(alice.messages.send(bob, "are you still bob?"))
    await soon(server.phone("bob").wait_for_text("are you still bob?"))
    got = alice.expect(events.MessageReceived, saying("new phone, same bob"))
    await server.phone("bob").send_text("alice", "new phone, same bob")
    await soon(got)
    tablet = await linked("bob")
    await tell(tablet, alice, "new tablet, too")
    await tell(alice, tablet, "congratulations")
    assert broken == []


async def test_a_new_identity_without_a_notice_is_told_too(server: LocalServer, linked: Linked) -> None:
    """The first thing that alice hears of it is a message."""
    alice = await linked("alice")
    got = alice.expect(events.MessageReceived)
    await server.phone("bob").send_text("alice", "before")
    await soon(got)
    server.account("alice").contacts.clear()
    server.account("bob").contacts.clear()
    changed = alice.expect(events.IdentityChanged)
    got = alice.expect(events.MessageReceived, saying("it is me"))
    server.phone("bob").reinstall()
    await server.phone("bob").send_text("alice", "it is me")
    assert (await soon(changed)).device == server.account("bob").lid
    await soon(got)
    await soon(alice.messages.send(server.account("bob").lid, "is it?"))
    await soon(server.phone("bob").wait_for_text("is it?"))


async def test_our_own_identity_notice_is_not_acted_on(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    await settled(alice)
    tap = Wiretap(server)
    attrs = {"id": "N1", "type": "encrypt", "from": str(me(alice).pn.user_jid), "t": "1"}
    server.deliver(me(alice).pn, Node("notification", attrs, (Node("identity"),)))
    await tap.first(sent(me(alice).pn, "ack", class_="notification", id="N1", type="encrypt"))
    await settled(alice)
    assert tap.all(sent(me(alice).pn, "iq", xmlns="encrypt")) == []


async def test_somebody_without_an_account_has_no_list(linked: Linked) -> None:
    alice = await linked("alice")
    assert await soon(alice.contacts.devices(Jid.phone("15550109999"))) is None


async def test_notifications_are_acked(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    tap, told = Wiretap(server), alice.expect(events.UnknownNotification)
    attrs = {"id": "N2", "type": "brand-new", "from": "15550100009@s.whatsapp.net", "t": "1"}
    server.deliver(me(alice).pn, Node("notification", attrs, (Node("set", {"id": "1"}),)))
    event = await soon(told)
    assert (event.type, event.parts, event.problem) == ("brand-new", ("set",), None)
    assert event.outline.startswith('<notification id="N2" type="brand-new"')
    assert '<set id="1"/>' in event.outline
    await tap.first(sent(me(alice).pn, "ack", class_="notification", id="N2", type="brand-new"))
    assert tap.all(received(me(alice).pn, "notification", id="N2"))
