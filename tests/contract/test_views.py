"""Every typed view: what is put comes back, from the batch, after the commit, and after a restart."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from motte.core.crypto.curve import KeyPair
from motte.core.signal.address import Address
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.group_cipher import create
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.keys import generate_prekeys, generate_signed_prekey
from motte.core.signal.record import SessionRecord
from motte.core.signal.session import start
from motte.errors import InvalidJid
from motte.model.jid import Jid
from motte.model.message import MessageKey, Origin
from motte.store.repo.account import Credentials, Link
from motte.store.repo.contacts import ContactNames
from motte.store.repo.devices import DeviceList, KnownDevice
from motte.store.repo.inbox import InboxEntry
from motte.store.repo.received import MessageState, Received, ReceivedId
from motte.store.repo.sent import MAX_AGE, SentMessage
from motte.store.repo.tokens import Trust
from motte.store.store import Store
from motte.testing.rng import SeededRng

Reopen = Callable[[], Awaitable[Store]]

ALICE = Jid.parse("15550100001@s.whatsapp.net")
ALICE_LID = Jid.parse("900000000000001@lid")
BOB = Jid.parse("15550100002@s.whatsapp.net")
BOB_LID = Jid.parse("900000000000002@lid")
GROUP = Jid.parse("120363000000000001@g.us")


async def test_credentials(store: Store, reopen: Reopen) -> None:
    assert await store.account.get() is None
    credentials = Credentials.fresh(now=1000.5, rng=SeededRng(1))
    batch = store.batch()
    store.account.put(batch, credentials)
    assert await store.account.get() is None
    assert await store.account.get(batch) == credentials
    await store.commit(batch)
    assert await store.account.get() == credentials
    assert await (await reopen()).account.get() == credentials


async def test_credentials_of_a_linked_device(store: Store, reopen: Reopen) -> None:
    link = Link(
        jid=ALICE.with_device(7),
        lid=ALICE_LID.with_device(7),
        identity=b"\x00adv\xff",
        platform="android",
        push_name="Alice ☕",
        business_name="Café",
        linked_at=1234.5,
    )
    linked = replace(
        Credentials.fresh(now=1000.0, rng=SeededRng(1)),
        link=link,
        next_prekey_id=813,
        routing_info=b"\x08\x02",
        server_certificate=b"chain",
        props_hash="abc",
    )
    batch = store.batch()
    store.account.put(batch, linked)
    await store.commit(batch)
    store = await reopen()
    assert await store.account.get() == linked
    batch = store.batch()
    store.account.put(batch, replace(linked, link=replace(link, lid=None)))
    await store.commit(batch)
    found = await (await reopen()).account.get()
    assert found is not None and found.link is not None and found.link.lid is None


def test_rotated_signed_prekeys_stay_until_they_are_out_of_use_for_long() -> None:
    rng = SeededRng(2)
    credentials = Credentials.fresh(now=0.0, rng=rng)
    for key_id, now in ((2, 100.0), (3, 200.0), (4, 210.0)):
        key = generate_signed_prekey(credentials.identity, key_id, rng)
        credentials = credentials.rotated(key, now=now, keep=100.0)
    # Key 1 was replaced at 100, which is 110 ago; key 2 was replaced at 200.
    assert [kept.key.id for kept in credentials.signed_prekeys] == [4, 3, 2]
    assert credentials.signed_prekey.id == 4
    assert credentials.find_signed_prekey(2) is not None
    assert credentials.find_signed_prekey(1) is None


async def test_sessions(store: Store, reopen: Reopen) -> None:
    record = _session()
    phone, laptop, other = Address("1_1", 0), Address("1_1", 3), Address("11_1", 0)
    batch = store.batch()
    for address in (phone, laptop, other):
        store.sessions.put(batch, address, record)
    await store.commit(batch)
    assert await store.sessions.get(phone) is record
    store = await reopen()
    assert await store.sessions.get(phone) == record
    assert await store.sessions.get_many([phone, Address("2", 0), other]) == {phone: record, other: record}
    assert await store.sessions.of_user("1_1") == {phone: record, laptop: record}
    batch = store.batch()
    store.sessions.delete(batch, phone)
    assert await store.sessions.of_user("1_1", batch) == {laptop: record}
    assert await store.sessions.get(phone, batch) is None
    assert await store.sessions.get(phone) == record
    await store.commit(batch)
    assert await store.sessions.get(phone) is None
    assert await store.sessions.of_user("1_1") == {laptop: record}


async def test_identities(store: Store, reopen: Reopen) -> None:
    here, there = Address("1", 0), Address("1", 1)
    batch = store.batch()
    store.identities.put(batch, here, b"k" * 32)
    await store.commit(batch)
    store = await reopen()
    assert await store.identities.get(here) == b"k" * 32
    assert await store.identities.get(there) is None
    assert await store.identities.get_many([here, there]) == {here: b"k" * 32}
    batch = store.batch()
    store.identities.delete(batch, here)
    await store.commit(batch)
    assert await (await reopen()).identities.get(here) is None


async def test_prekeys(store: Store, reopen: Reopen) -> None:
    keys = generate_prekeys(9, 4, SeededRng(3))
    batch = store.batch()
    store.prekeys.put_many(batch, keys)
    await store.commit(batch)
    store = await reopen()
    assert await store.prekeys.get(10) == keys[1]
    assert await store.prekeys.get(13) is None
    assert await store.prekeys.count() == 4
    batch = store.batch()
    store.prekeys.put_many(batch, keys[:2], uploaded=True)
    store.prekeys.delete(batch, 11)
    assert await store.prekeys.not_uploaded(batch) == [keys[3]]
    assert await store.prekeys.not_uploaded() == keys
    await store.commit(batch)
    store = await reopen()
    assert await store.prekeys.not_uploaded() == [keys[3]]
    assert await store.prekeys.get(9) == keys[0]
    assert await store.prekeys.get(11) is None
    assert await store.prekeys.count() == 3


async def test_sender_keys(store: Store, reopen: Reopen) -> None:
    record = create(SeededRng(4))
    sender, devices = Address("1_1", 2), [ALICE_LID.with_device(1), BOB_LID]
    batch = store.batch()
    store.sender_keys.put(batch, GROUP, sender, record)
    store.sender_keys.put_holders(batch, GROUP, devices)
    await store.commit(batch)
    store = await reopen()
    assert await store.sender_keys.get(GROUP, sender) == record
    assert await store.sender_keys.get(GROUP, Address("1_1", 0)) is None
    assert await store.sender_keys.holders(GROUP) == set(devices)
    batch = store.batch()
    store.sender_keys.delete(batch, GROUP, sender)
    store.sender_keys.put_holders(batch, GROUP, ())
    await store.commit(batch)
    store = await reopen()
    assert await store.sender_keys.get(GROUP, sender) is None
    assert await store.sender_keys.holders(GROUP) == frozenset()


async def test_lids(store: Store, reopen: Reopen) -> None:
    batch = store.batch()
    pairs = [(ALICE.with_device(3), ALICE_LID.with_device(3)), (BOB, BOB_LID), (BOB, BOB_LID)]
    assert await store.lids.learn(batch, pairs) == [(ALICE, ALICE_LID), (BOB, BOB_LID)]
    assert await store.lids.lid_of(ALICE) is None
    assert await store.lids.lid_of(ALICE, batch) == ALICE_LID
    await store.commit(batch)
    store = await reopen()
    assert await store.lids.lid_of(ALICE.with_device(5)) == ALICE_LID.with_device(5)
    assert await store.lids.pn_of(BOB_LID) == BOB
    assert await store.lids.lid_of(Jid("15550100001", "hosted", 99)) == Jid(ALICE_LID.user, "hosted.lid", 99)
    assert await store.lids.lid_of(ALICE_LID) == ALICE_LID
    assert await store.lids.pn_of(ALICE) == ALICE
    assert await store.lids.others([ALICE, BOB_LID, GROUP, Jid("999", "lid")]) == {ALICE: ALICE_LID, BOB_LID: BOB}
    assert await store.lids.learn(store.batch(), pairs) == []


async def test_a_number_that_moves_to_another_lid(store: Store) -> None:
    batch = store.batch()
    await store.lids.learn(batch, [(ALICE, ALICE_LID), (BOB, BOB_LID)])
    await store.commit(batch)
    batch = store.batch()
    assert await store.lids.learn(batch, [(ALICE, BOB_LID)]) == [(ALICE, BOB_LID)]
    await store.commit(batch)
    assert await store.lids.lid_of(ALICE) == BOB_LID
    assert await store.lids.pn_of(BOB_LID) == ALICE
    assert await store.lids.pn_of(ALICE_LID) is None
    assert await store.lids.lid_of(BOB) is None


async def test_two_numbers_that_swap_their_lids(store: Store) -> None:
    batch = store.batch()
    await store.lids.learn(batch, [(ALICE, ALICE_LID), (BOB, BOB_LID)])
    await store.lids.learn(batch, [(ALICE, BOB_LID), (BOB, ALICE_LID)])
    await store.commit(batch)
    assert await store.lids.others([ALICE, BOB, ALICE_LID, BOB_LID]) == {
        ALICE: BOB_LID,
        BOB: ALICE_LID,
        ALICE_LID: BOB,
        BOB_LID: ALICE,
    }


async def test_a_pair_that_is_none(store: Store) -> None:
    for pair in ((ALICE, BOB), (ALICE_LID, ALICE), (ALICE, GROUP), (Jid("", "s.whatsapp.net"), ALICE_LID)):
        with pytest.raises(InvalidJid):
            await store.lids.learn(store.batch(), [pair])


async def test_devices(store: Store, reopen: Reopen) -> None:
    devices = DeviceList(
        devices=(KnownDevice(id=0), KnownDevice(id=3, key_index=2), KnownDevice(id=99, key_index=5, hosted=True)),
        fetched=1000.25,
        timestamp=900,
        signed_key_index=b"\x01\xff",
    )
    batch = store.batch()
    store.devices.put(batch, ALICE.with_device(3), devices)
    await store.commit(batch)
    store = await reopen()
    assert await store.devices.get(ALICE) == devices
    assert await store.devices.get_many([ALICE.with_device(1), BOB]) == {ALICE: devices}
    assert devices.jids(ALICE) == (ALICE, ALICE.with_device(3), Jid(ALICE.user, "hosted", 99))
    assert devices.jids(ALICE_LID)[2] == Jid(ALICE_LID.user, "hosted.lid", 99)
    batch = store.batch()
    store.devices.delete(batch, ALICE)
    await store.commit(batch)
    assert await (await reopen()).devices.get(ALICE) is None


async def test_sent_messages(store: Store, reopen: Reopen) -> None:
    message = _sent("3EB0AA", 1000.0)
    batch = store.batch()
    await store.sent.put(batch, message)
    await store.commit(batch)
    store = await reopen()
    assert await store.sent.get("3EB0AA") == message
    batch = store.batch()
    store.sent.delete(batch, "3EB0AA")
    await store.commit(batch)
    assert await (await reopen()).sent.get("3EB0AA") is None


async def test_old_sent_messages_go(store: Store, reopen: Reopen) -> None:
    for number in range(3):
        await _put_sent(store, _sent(f"OLD{number}", 1000.0 + number))
    store = await reopen()
    await _put_sent(store, _sent("NEW", 1002.0 + MAX_AGE))
    assert [await store.sent.get(f"OLD{number}") is None for number in range(3)] == [True, True, False]
    assert await store.sent.get("NEW") is not None


async def test_received_messages(store: Store, reopen: Reopen) -> None:
    first = ReceivedId(chat=GROUP, sender=ALICE_LID.with_device(2), id="A|B")
    second = ReceivedId(chat=ALICE, sender=ALICE, id="A|B")
    pending = Received(state=MessageState.PENDING, first_seen=5.5, retries=2, failure=7)
    batch = store.batch()
    await store.received.put(batch, first, pending)
    await store.received.put(batch, second, Received(state=MessageState.DONE, first_seen=6.0))
    assert await store.received.get(first) is None
    await store.commit(batch)
    store = await reopen()
    assert await store.received.get(first) == pending
    assert await store.received.pending() == {first: pending}
    assert await store.received.get(replace(first, id="C")) is None
    batch = store.batch()
    await store.received.put(batch, first, replace(pending, state=MessageState.DONE))
    assert await store.received.pending(batch) == {}
    await store.commit(batch)
    assert await (await reopen()).received.pending() == {}


async def test_inbox(store: Store, reopen: Reopen) -> None:
    key = MessageKey(chat=GROUP, sender=ALICE_LID.with_device(1), id="3EB0AA", from_me=False)
    full = InboxEntry(
        key=key,
        timestamp=1_700_000_000,
        origin=Origin.OFFLINE,
        raw=b"\x00\xff",
        push_name="Alice ☕",
        sender_alt=ALICE,
        recovered=True,
    )
    plain = InboxEntry(key=replace(key, from_me=True), timestamp=5, origin=Origin.LIVE, raw=b"")
    batch = store.batch()
    store.inbox.put(batch, 10, plain)
    store.inbox.put(batch, 9, full)
    await store.commit(batch)
    store = await reopen()
    assert list((await store.inbox.all()).items()) == [(9, full), (10, plain)]
    batch = store.batch()
    store.inbox.delete(batch, 9)
    await store.commit(batch)
    assert await (await reopen()).inbox.all() == {10: plain}


async def test_contacts_tokens_and_app_state(store: Store, reopen: Reopen) -> None:
    batch = store.batch()
    store.contacts.put(batch, ALICE.with_device(4), ContactNames(push_name="Alice ☕"))
    store.contacts.put(batch, BOB, ContactNames(saved_name="Bob from work"))
    trust = Trust(token=b"\x00token", given_at=1_700_000_000, issued_at=5)
    store.tokens.put(batch, ALICE.with_device(3), trust)
    store.appstate.put_version(batch, "regular", b"v1")
    store.appstate.put_key(batch, b"\x00\x01", b"key")
    store.appstate.put_macs(batch, "regular", {b"\x01" * 32: b"one", b"\x02" * 32: b"two", b"\x03" * 32: b"three"})
    store.appstate.put_macs(batch, "regular_low", {b"\x01" * 32: b"another"})
    await store.commit(batch)
    store = await reopen()
    assert await store.contacts.get(ALICE) == ContactNames(push_name="Alice ☕")
    assert await store.contacts.saved() == (BOB,)
    assert await store.tokens.get(ALICE) == trust
    assert await store.tokens.all() == {ALICE: trust}
    assert await store.appstate.get_version("regular") == b"v1"
    assert await store.appstate.get_key(b"\x00\x01") == b"key"
    assert await store.appstate.key_ids() == [b"\x00\x01"]
    assert await store.appstate.keys() == {b"\x00\x01": b"key"}
    asked = [b"\x01" * 32, b"\x03" * 32, b"\x04" * 32]
    assert await store.appstate.get_macs("regular", asked) == {b"\x01" * 32: b"one", b"\x03" * 32: b"three"}
    batch = store.batch()
    store.tokens.delete(batch, ALICE)
    store.appstate.put_macs(batch, "regular", {b"\x03" * 32: None})
    await store.appstate.replace_macs(batch, "regular", {b"\x02" * 32: b"new"})
    await store.commit(batch)
    store = await reopen()
    assert await store.tokens.get(ALICE) == Trust()
    assert await store.tokens.all() == {}
    assert await store.appstate.get_version("regular_low") is None
    assert await store.appstate.get_macs("regular", [*asked, b"\x02" * 32]) == {b"\x02" * 32: b"new"}
    assert await store.appstate.get_macs("regular_low", asked) == {b"\x01" * 32: b"another"}


def _session() -> SessionRecord:
    rng, peer = SeededRng(5), KeyPair.generate(SeededRng(6))
    signed, (prekey,) = generate_signed_prekey(peer, 1, rng), generate_prekeys(1, 1, rng)
    bundle = PreKeyBundle(
        registration_id=5,
        identity=peer.public,
        signed_prekey_id=signed.id,
        signed_prekey=signed.pair.public,
        signature=signed.signature,
        prekey_id=prekey.id,
        prekey=prekey.pair.public,
    )
    own = OwnIdentity(pair=KeyPair.generate(rng), registration_id=7)
    return start(None, bundle, own=own, rng=rng, now=1000.0)


def _sent(message_id: str, sent_at: float) -> SentMessage:
    devices = (ALICE, ALICE.with_device(2), BOB_LID)
    return SentMessage(id=message_id, chat=ALICE_LID, message=b"\x0a\x00\xff", participants=devices, sent_at=sent_at)


async def _put_sent(store: Store, message: SentMessage) -> None:
    batch = store.batch()
    await store.sent.put(batch, message)
    await store.commit(batch)
