"""PN and LID: one person, one set of sessions, under the LID."""

from __future__ import annotations

from pathlib import Path

from motte import Client, events
from motte.core.binary.node import Node
from motte.core.signal.address import Address
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.proto.lid_pb2 import LIDMigrationMappingSyncMessage, LIDMigrationMappingSyncPayload
from motte.store.store import Store
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, Unlinked, soon
from tests.e2e.people import lid, me, saying, session_addresses, settled, store_of, tell, undecryptable_of
from tests.e2e.stranger import Stranger, text
from tests.e2e.wiretap import Wiretap, sent


async def move_to_pn(store: Store, lid_jid: Jid, pn: Jid, *, copy: bool = False) -> None:
    """Put the session under the phone number, as an older version left it."""
    batch = store.batch()
    record = await store.sessions.get(Address.of(lid_jid))
    assert record is not None
    store.sessions.put(batch, Address.of(pn), record)
    if not copy:
        store.sessions.delete(batch, Address.of(lid_jid))
    await store.commit(batch)


async def only_lid(client: Client, *people: Client) -> bool:
    """Whether there are sessions with these people, and all of them are under LIDs."""
    for person in people:
        under_lid = await session_addresses(client, lid(person))
        under_pn = await session_addresses(client, me(person).pn)
        if not under_lid or under_pn:
            return False
    return True


async def test_sessions_are_under_lids_however_the_chat_is_named(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    for n in range(5):
        to = me(bob).pn if n % 2 == 0 else lid(bob)
        await tell(alice, bob, f"{n}", to=to.user_jid)
    await tell(bob, alice, "by number", to=me(alice).pn.user_jid)
    assert await only_lid(alice, bob)
    assert await only_lid(bob, alice)


async def test_also_after_a_restart(linked: Linked, opened: Unlinked, tmp_path: Path) -> None:
    alice, bob = await linked("alice", tmp_path / "alice.db"), await linked("bob")
    await tell(alice, bob, "before")
    await soon(alice.close())
    alice = await opened("alice", tmp_path / "alice.db")
    await soon(alice.connect())
    await tell(alice, bob, "after", to=me(bob).pn.user_jid)
    await tell(bob, alice, "and back")
    assert await only_lid(alice, bob)
    assert await only_lid(bob, alice)


async def test_the_own_phone_is_under_the_lid(server: LocalServer, linked: Linked) -> None:
    tap = Wiretap(server)
    alice = await linked("alice")
    await tap.greeted(me(alice).pn)
    await settled(alice)
    assert await session_addresses(alice, lid(alice)) == {f"{lid(alice).user}_1.0"}
    assert await session_addresses(alice, me(alice).pn) == set()


async def test_keys_are_asked_for_by_lid(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    tap = Wiretap(server)
    await tell(alice, bob, "hello", to=me(bob).pn.user_jid)
    asked = [
        user.attrs["jid"]
        for iq in tap.all(sent(me(alice).pn, "iq", xmlns="encrypt"))
        for key in iq.all("key")
        for user in key.all("user")
    ]
    assert asked
    assert all(jid.endswith("@lid") for jid in asked)
    (message,) = tap.all(sent(me(alice).pn, "message"))
    participants = message.child("participants")
    assert participants is not None
    assert all(to.attrs["jid"].endswith("@s.whatsapp.net") for to in participants.all("to"))


async def test_a_stale_copy_under_the_number_harms_nothing(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    await move_to_pn(store_of(bob), lid(alice), me(alice).pn, copy=True)
    broken = undecryptable_of(bob)
    for n in range(3):
        await tell(alice, bob, f"{n}", to=me(bob).pn.user_jid if n % 2 else lid(bob))
        await tell(bob, alice, f"{n}, too")
    assert broken == []


async def test_a_session_left_under_the_number_moves_when_a_message_comes(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    await tell(bob, alice, "and back")
    await move_to_pn(store_of(bob), lid(alice), me(alice).pn)
    broken = undecryptable_of(bob)
    await tell(alice, bob, "still readable")
    assert broken == []
    assert await store_of(bob).sessions.get(Address.of(me(alice).pn)) is None
    assert await store_of(bob).sessions.get(Address.of(lid(alice))) is not None


async def test_a_session_left_under_the_number_moves_when_a_message_goes(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    await tell(alice, bob, "before")
    await tell(bob, alice, "and back")
    await move_to_pn(store_of(bob), lid(alice), me(alice).pn)
    tap = Wiretap(server)
    await tell(bob, alice, "with the old session")
    assert tap.all(sent(me(bob).pn, "iq", xmlns="encrypt")) == []
    assert await store_of(bob).sessions.get(Address.of(me(alice).pn)) is None


async def test_a_pair_is_learnt_from_a_message(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    carol = server.account("carol")
    store = store_of(alice)
    assert await store.lids.lid_of(carol.pn) is None
    got = alice.expect(events.MessageReceived)
    await server.phone("carol").send_text(lid(alice), "hello")
    event = await soon(got)
    assert (event.chat, event.message.sender_alt) == (carol.lid, carol.pn)
    assert await alice.contacts.lid_of(carol.pn) == carol.lid
    assert await alice.contacts.pn_of(carol.lid) == carol.pn


async def test_a_pair_is_learnt_from_user_sync(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    carol = server.account("carol")
    await soon(alice.messages.send(carol.pn, "hello"))
    assert await alice.contacts.lid_of(carol.pn) == carol.lid


async def test_a_pair_is_learnt_from_a_look_up(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    carol = server.account("carol")
    await soon(alice.contacts.check(carol.pn.user))
    assert await alice.contacts.lid_of(carol.pn) == carol.lid


async def test_a_pair_is_learnt_from_a_devices_notification(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    changed = alice.expect(events.DevicesChanged)
    attrs = {"id": "N1", "type": "devices", "from": "15550100077@s.whatsapp.net", "lid": "77@lid", "t": "1"}
    device = Node("device", {"jid": "15550100077:3@s.whatsapp.net", "key-index": "3"})
    server.deliver(me(alice).pn, Node("notification", attrs, (Node("add", {"device_hash": "2:x"}, (device,)),)))
    await soon(changed)
    await settled(alice)
    assert await alice.contacts.lid_of("15550100077@s.whatsapp.net") == Jid.parse("77@lid")


async def test_the_own_pair_is_learnt_at_login(linked: Linked) -> None:
    alice = await linked("alice")
    assert await alice.contacts.lid_of(me(alice).pn.user_jid) == lid(alice).user_jid


async def test_a_pair_is_learnt_from_the_phones_migration_message(server: LocalServer, linked: Linked) -> None:
    """And the sessions that were made under the numbers move over."""
    alice = await linked("alice")
    unknown = Jid.phone("15550100088")
    stranger = Stranger(server, me(alice).pn, unknown)
    got = alice.expect(events.MessageReceived)
    stranger.send(stranger.enc(text("by number")))
    assert (await soon(got)).chat == unknown
    store = store_of(alice)
    assert await store.sessions.get(Address.of(unknown)) is not None
    payload = LIDMigrationMappingSyncPayload()
    payload.pnToLidMappings.add(pn=int(unknown.user), assignedLid=88)
    sync = LIDMigrationMappingSyncMessage(encodedMappingPayload=payload.SerializeToString())
    kind = Message.ProtocolMessage.LID_MIGRATION_MAPPING_SYNC
    protocol = Message.ProtocolMessage(type=kind, lidMigrationMappingSyncMessage=sync)
    server.phone("alice").mail.send_message(lid(alice).user_jid, Message(protocolMessage=protocol))
    last = alice.expect(events.MessageReceived, saying("that was it"))
    await server.phone("alice").send_text("alice", "that was it")
    await soon(last)
    await settled(alice)
    by_lid = Jid.parse("88@lid")
    assert await alice.contacts.lid_of(unknown) == by_lid
    assert await store.sessions.get(Address.of(unknown)) is None
    assert await store.sessions.get(Address.of(by_lid)) is not None
    # The same session goes on, now by LID.
    broken, got = undecryptable_of(alice), alice.expect(events.MessageReceived, saying("by LID"))
    stranger.jid = by_lid
    stranger.send(stranger.enc(text("by LID")), sender_pn=str(unknown))
    await soon(got)
    assert broken == []


async def test_a_message_by_number_teaches_and_moves(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice")
    unknown, by_lid = Jid.phone("15550100089"), Jid.parse("89@lid")
    stranger = Stranger(server, me(alice).pn, unknown)
    for number, attrs in enumerate([{}, {"sender_lid": str(by_lid)}, {}]):
        got = alice.expect(events.MessageReceived, saying(f"{number}"))
        stranger.send(stranger.enc(text(f"{number}")), **attrs)
        await soon(got)
    assert await store_of(alice).sessions.get(Address.of(unknown)) is None
    assert await store_of(alice).sessions.get(Address.of(by_lid)) is not None
