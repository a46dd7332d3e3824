"""PN and LID of one person: which address a session is under, and how it gets there."""

from __future__ import annotations

from dataclasses import replace

from motte.core.crypto.curve import KeyPair
from motte.core.signal import session
from motte.core.signal.address import Address
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.keys import generate_signed_prekey
from motte.core.signal.record import MAX_ARCHIVED, SessionRecord
from motte.model.jid import Jid
from motte.runtime.addresses import Addresses
from motte.store.store import Store
from motte.testing.rng import SeededRng
from tests.unit.runtime.host import ME, MY_LID, World, world

PN, LID = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("222@lid")
OTHER_PN, OTHER_LID = Jid.parse("15550100003@s.whatsapp.net"), Jid.parse("333@lid")
RNG = SeededRng("addresses")
OWN = OwnIdentity(pair=KeyPair.generate(RNG), registration_id=1)


def record(before: SessionRecord | None = None) -> SessionRecord:
    """A record with a session that nobody else has."""
    pair = KeyPair.generate(RNG)
    signed = generate_signed_prekey(pair, 1, RNG)
    bundle = PreKeyBundle(
        registration_id=2,
        identity=pair.public,
        signed_prekey_id=1,
        signed_prekey=signed.pair.public,
        signature=signed.signature,
    )
    return session.start(before, bundle, own=OWN, rng=RNG, now=0.0)


async def put(store: Store, device: Jid, kept: SessionRecord, identity: bytes | None = None) -> None:
    batch = store.batch()
    store.sessions.put(batch, Address.of(device), kept)
    if identity is not None:
        store.identities.put(batch, Address.of(device), identity)
    await store.commit(batch)


async def made() -> tuple[World, Addresses, Store]:
    there = await world(linked=True)
    return there, there.parts.addresses, there.parts.store


async def test_a_number_is_its_own_address_until_its_lid_is_known() -> None:
    _, addresses, _ = await made()
    assert await addresses.of(PN.with_device(4)) == Address(PN.user, 4)
    await addresses.learn([(PN, LID)])
    assert await addresses.of(PN.with_device(4)) == Address("222_1", 4)
    assert await addresses.of(LID) == Address("222_1", 0)
    assert await addresses.of_many([PN, LID.with_device(2), OTHER_PN]) == {
        PN: Address("222_1", 0),
        LID.with_device(2): Address("222_1", 2),
        OTHER_PN: Address(OTHER_PN.user, 0),
    }


async def test_only_news_are_told() -> None:
    _, addresses, _ = await made()
    assert await addresses.learn([(PN, LID), (PN, LID)]) == [(PN, LID)]
    assert await addresses.learn([(PN, LID), (OTHER_PN, OTHER_LID)]) == [(OTHER_PN, OTHER_LID)]
    assert await addresses.learn([]) == []


async def test_all_devices_move_with_their_identities() -> None:
    _, addresses, store = await made()
    kept = {device: record() for device in (0, 3, 12)}
    for device, one in kept.items():
        await put(store, PN.with_device(device), one, bytes((device,)) * 32)
    neighbour = Jid.parse("155501000022@s.whatsapp.net")
    await put(store, neighbour, record())
    await addresses.learn([(PN, LID)])
    for device, one in kept.items():
        old, new = Address.of(PN.with_device(device)), Address.of(LID.with_device(device))
        assert await store.sessions.get(new) == one
        assert await store.identities.get(new) == bytes((device,)) * 32
        assert await store.sessions.get(old) is None
        assert await store.identities.get(old) is None
    assert await store.sessions.get(Address.of(neighbour)) is not None


async def test_a_session_under_the_lid_stays_current_and_the_other_still_decrypts() -> None:
    _, addresses, store = await made()
    under_pn, under_lid = record(), record()
    await put(store, PN, under_pn, b"p" * 32)
    await put(store, LID, under_lid, b"l" * 32)
    await addresses.learn([(PN, LID)])
    merged = await store.sessions.get(Address.of(LID))
    assert merged is not None
    assert merged.current == under_lid.current
    assert merged.archived == (under_pn.current,)
    assert await store.identities.get(Address.of(LID)) == b"l" * 32


async def test_merging_stays_bounded_and_keeps_no_session_twice() -> None:
    _, addresses, store = await made()
    long = record()
    for _ in range(MAX_ARCHIVED + 5):
        long = record(long)
    short = record(SessionRecord(long.current))
    await put(store, PN, long)
    await put(store, LID, short)
    await addresses.learn([(PN, LID)])
    merged = await store.sessions.get(Address.of(LID))
    assert merged is not None
    assert merged.current == short.current
    assert len(merged.archived) == MAX_ARCHIVED
    keys = [one.base_key for one in merged]
    assert len(keys) == len(set(keys))


async def test_adopting_gives_what_is_there() -> None:
    _, addresses, store = await made()
    batch = store.batch()
    assert await addresses.adopt(Address.of(LID), batch) is None
    await addresses.learn([(PN, LID)])
    assert await addresses.adopt(Address.of(LID), batch) is None
    left, current = record(), record()
    await put(store, PN, left)
    assert await addresses.adopt(Address.of(LID), batch) == left
    assert await store.sessions.get(Address.of(LID)) is None, "nothing is kept before the commit"
    await store.commit(batch)
    assert await store.sessions.get(Address.of(PN)) is None
    await put(store, LID, current)
    await put(store, PN, left)
    assert await addresses.adopt(Address.of(LID), store.batch()) == current, "a stale copy is not looked at"
    assert await addresses.adopt(Address.of(PN), store.batch()) == left


async def test_adopting_many() -> None:
    _, addresses, store = await made()
    await addresses.learn([(PN, LID), (OTHER_PN, OTHER_LID)])
    assert not await addresses.adopt_many([Address.of(LID), Address.of(OTHER_LID)])
    left = record()
    await put(store, PN.with_device(2), left)
    assert await addresses.adopt_many([Address.of(LID), Address.of(LID.with_device(2)), Address.of(OTHER_LID)])
    assert await store.sessions.get(Address.of(LID.with_device(2))) == left
    assert await store.sessions.get(Address.of(PN.with_device(2))) is None


async def test_a_number_that_gets_another_lid_takes_its_sessions_along() -> None:
    _, addresses, store = await made()
    await addresses.learn([(PN, LID)])
    await put(store, LID, record())
    await put(store, PN, kept := record())
    await addresses.learn([(PN, OTHER_LID)])
    assert await store.sessions.get(Address.of(OTHER_LID)) == kept
    assert await addresses.of(PN) == Address.of(OTHER_LID)
    assert await store.lids.pn_of(LID) is None


async def test_the_own_number_is_nobody_elses() -> None:
    there, addresses, _ = await made()
    mine = MY_LID
    await there.parts.account.change(link=replace(there.parts.account.link, lid=mine))
    assert await addresses.learn([(ME, LID), (PN, mine)]) == []
    assert await addresses.learn([(ME, mine)]) == [(ME.user_jid, mine.user_jid)]


async def test_a_new_lid_does_not_make_the_known_identity_forgotten() -> None:
    """Else whoever shows up under the new one would be trusted as if met for the first time."""
    _, addresses, store = await made()
    await addresses.learn([(PN, LID)])
    await put(store, LID, record(), b"i" * 32)
    await addresses.learn([(PN, OTHER_LID)])
    assert await store.identities.get(Address.of(OTHER_LID)) == b"i" * 32
