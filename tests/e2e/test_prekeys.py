"""Prekeys: supplied at the first login, topped up, compared by digest, rotated; ids never come twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from motte import Client, events
from motte.core.signal.keys import bundle_digest
from motte.runtime.clock import SystemClock
from motte.runtime.prekeys import INITIAL, KEEP_REPLACED, MORE, ROTATE_AFTER
from motte.testing import LocalServer
from motte.testing.server.accounts import Device
from motte.testing.server.shelf import SignedKey
from tests.e2e.conftest import Linked, Unlinked, soon
from tests.e2e.people import lid, me, settled, store_of, tell, undecryptable_of
from tests.e2e.stranger import Stranger, text
from tests.e2e.wiretap import Wiretap, sent


class ShiftedClock(SystemClock):
    """The machine's clock, some seconds ahead."""

    def __init__(self, ahead: float) -> None:
        self._ahead = ahead

    def now(self) -> float:
        return super().now() + self._ahead


def device_of(server: LocalServer, client: Client) -> Device:
    """The server's idea of a client."""
    return server.account(me(client).pn.user).devices[me(client).pn.device]


async def supplied(client: Client) -> Client:
    """The client, once it has done what a login asks for."""
    await settled(client)
    return client


async def back(client: Client) -> None:
    """Go and come back, and do what a login asks for."""
    await soon(client.disconnect())
    done = client.expect(events.Settled)
    await soon(client.connect())
    await soon(done)


def uploads(tap: Wiretap, client: Client) -> list[list[int]]:
    """The ids in each upload of prekeys."""
    iqs = [node for node in tap.all(sent(me(client).pn, "iq", xmlns="encrypt", type="set")) if node.child("list")]
    return [[int.from_bytes(key.child("id").data) for key in iq.child("list").all("key")] for iq in iqs]  # type: ignore[union-attr]


@pytest.fixture
async def alice(linked: Linked) -> AsyncIterator[Client]:
    yield await supplied(await linked("alice"))


async def test_812_at_first_and_none_at_the_next_login(server: LocalServer, linked: Linked) -> None:
    tap = Wiretap(server)
    alice = await supplied(await linked("alice"))
    (first,) = uploads(tap, alice)
    assert len(first) == len(set(first)) == INITIAL
    assert len(device_of(server, alice).shelf.one_time) == INITIAL
    await back(alice)
    assert len(uploads(tap, alice)) == 1


async def test_the_servers_digest_is_the_own_one(server: LocalServer, alice: Client) -> None:
    shelf = device_of(server, alice).shelf
    digest = shelf.digest()
    assert alice._engine is not None
    credentials = alice._engine.parts.account.credentials
    mine = bundle_digest(credentials.identity.public, credentials.signed_prekey, shelf.one_time.values())
    hashed = digest.child("hash")
    assert hashed is not None
    assert hashed.data == mine
    assert len(mine) == 20


async def test_a_low_count_is_topped_up(server: LocalServer, alice: Client) -> None:
    shelf, tap = device_of(server, alice).shelf, Wiretap(server)
    while len(shelf.one_time) > 3:
        shelf.take()
    server.faults.low_prekeys("alice", count=3)
    await tap.first(sent(me(alice).pn, "iq", xmlns="encrypt", type="set"))
    await settled(alice)
    assert len(shelf.one_time) == 3 + MORE
    (more,) = uploads(tap, alice)
    assert min(more) > INITIAL
    await tap.first(sent(me(alice).pn, "ack", class_="notification", type="encrypt"))


async def test_a_low_count_that_is_not_low_is_not_topped_up(server: LocalServer, alice: Client) -> None:
    tap = Wiretap(server)
    server.faults.low_prekeys("alice", count=MORE + 1)
    await tap.first(sent(me(alice).pn, "ack", class_="notification", type="encrypt"))
    await settled(alice)
    assert uploads(tap, alice) == []


async def test_handing_out_the_last_ones_makes_more(server: LocalServer, linked: Linked, alice: Client) -> None:
    """The server tells by itself, when somebody takes the one that leaves too few."""
    shelf = device_of(server, alice).shelf
    while len(shelf.one_time) > 5:
        shelf.take()
    tap, bob = Wiretap(server), await linked("bob")
    await tell(bob, alice, "takes one")
    await tap.first(sent(me(alice).pn, "iq", xmlns="encrypt", type="set"))
    await settled(alice)
    assert len(shelf.one_time) == 4 + MORE


async def test_few_left_are_topped_up_at_the_login(server: LocalServer, alice: Client) -> None:
    shelf = device_of(server, alice).shelf
    while len(shelf.one_time) > MORE:
        shelf.take()
    await back(alice)
    assert len(shelf.one_time) == 2 * MORE


async def test_none_left_means_812_again(server: LocalServer, alice: Client) -> None:
    shelf, tap = device_of(server, alice).shelf, Wiretap(server)
    shelf.one_time.clear()
    await back(alice)
    assert len(shelf.one_time) == INITIAL
    (again,) = uploads(tap, alice)
    assert min(again) == INITIAL + 1


async def test_somebody_may_come_when_none_are_left(server: LocalServer, linked: Linked, alice: Client) -> None:
    shelf = device_of(server, alice).shelf
    await soon(alice.disconnect())
    shelf.one_time.clear()
    bob = await linked("bob")
    message = await soon(bob.messages.send(lid(alice), "without a prekey"))
    got = alice.expect(events.MessageReceived)
    await soon(alice.connect())
    assert (await soon(got)).message.key.id == message.key.id
    await tell(alice, bob, "welcome")


async def test_a_prekey_is_used_once(server: LocalServer, alice: Client) -> None:
    store, shelf = store_of(alice), device_of(server, alice).shelf
    number, _ = next(iter(shelf.one_time.items()))
    assert await store.prekeys.get(number) is not None
    got = alice.expect(events.MessageReceived)
    carol = Stranger(server, me(alice).pn, server.account("carol").lid)
    carol.send(carol.enc(text("takes it")))
    await soon(got)
    assert await store.prekeys.get(number) is None


async def test_ids_go_up_over_restarts(server: LocalServer, linked: Linked, opened: Unlinked, tmp_path: Path) -> None:
    tap = Wiretap(server)
    alice = await supplied(await linked("alice", tmp_path / "alice.db"))
    pn = me(alice)
    await soon(alice.close())
    for _ in range(2):
        server.account("alice").devices[pn.pn.device].shelf.one_time.clear()
        alice = await opened("alice", tmp_path / "alice.db")
        done = alice.expect(events.Settled)
        await soon(alice.connect())
        await soon(done)
        ids = uploads(tap, alice)
        await soon(alice.close())
    flat = [number for upload in ids for number in upload]
    assert len(ids) == 3
    assert flat == sorted(set(flat))


async def test_an_upload_that_was_cut_off_offers_the_same_keys_again(
    server: LocalServer, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the store and the server loses no prekey and gives no id twice."""
    shelf, tap = device_of(server, alice).shelf, Wiretap(server)
    while len(shelf.one_time) > 1:
        shelf.take()
    engine = alice._engine
    assert engine is not None
    request = engine.request
    cut: list[object] = []

    async def cut_off(iq: object, **rest: object) -> object:
        if type(iq).__name__ == "UploadPreKeys":
            cut.append(iq)
            monkeypatch.setattr(engine, "request", request)
            server.faults.drop("alice")
        return await request(iq, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "request", cut_off)
    again = alice.expect(events.Connected)
    done = alice.expect(events.Settled)
    server.faults.low_prekeys("alice", count=1)
    await soon(again)
    await soon(done)
    assert len(cut) == 1
    wanted = [key.id for key in cut[0].prekeys]  # type: ignore[attr-defined]
    # The connection broke before the server read anything; of what it read later, these come first.
    assert uploads(tap, alice)[0] == wanted
    await settled(alice)
    assert set(wanted) <= set(shelf.one_time)
    assert await store_of(alice).prekeys.not_uploaded() == []


@pytest.mark.parametrize("damage", ["key", "signed", "registration"])
async def test_a_server_that_holds_other_keys_gets_ours_again(server: LocalServer, alice: Client, damage: str) -> None:
    shelf = device_of(server, alice).shelf
    number = next(iter(shelf.one_time))
    match damage:
        case "key":
            shelf.one_time[number] = bytes(32)
        case "signed":
            shelf.signed = SignedKey(number=shelf.signed.number, value=bytes(32), signature=shelf.signed.signature)
        case "registration":
            shelf.registration_id ^= 1
    tap = Wiretap(server)
    await back(alice)
    (again,) = uploads(tap, alice)
    assert len(again) == INITIAL
    assert alice._engine is not None
    credentials = alice._engine.parts.account.credentials
    assert (shelf.registration_id, shelf.signed.value) == (
        credentials.registration_id,
        credentials.signed_prekey.pair.public,
    )


async def test_a_listed_prekey_that_was_just_used_up_is_no_reason_to_upload(server: LocalServer, alice: Client) -> None:
    """A message may use one up between the server's answer and our look."""
    store, tap = store_of(alice), Wiretap(server)
    batch = store.batch()
    store.prekeys.delete(batch, next(iter(device_of(server, alice).shelf.one_time)))
    await store.commit(batch)
    await back(alice)
    assert uploads(tap, alice) == []


async def test_the_signed_prekey_is_rotated_and_the_old_one_still_decrypts(
    server: LocalServer, linked: Linked, opened: Unlinked, tmp_path: Path
) -> None:
    alice = await supplied(await linked("alice", tmp_path / "alice.db"))
    pn, shelf = me(alice).pn, device_of(server, alice).shelf
    # A bundle of the old key, fetched before the rotation and used after it.
    carol = Stranger(server, pn, server.account("carol").lid)
    late = carol.stanza(carol.enc(text("late")))
    old = shelf.signed
    await soon(alice.close())

    async def login(ahead: float) -> Client:
        client = await opened("alice", tmp_path / "alice.db", clock=ShiftedClock(ahead))
        done = client.expect(events.Settled)
        await soon(client.connect())
        await soon(done)
        return client

    alice = await login(ROTATE_AFTER - 60)
    assert shelf.signed == old
    await soon(alice.close())
    alice = await login(ROTATE_AFTER + 60)
    assert (shelf.signed.number, shelf.signed.value) != (old.number, old.value)
    assert shelf.signed.number == old.number + 1
    got, broken = alice.expect(events.MessageReceived), undecryptable_of(alice)
    server.deliver(pn, late)
    assert (await soon(got)).text == "late"
    dave = Stranger(server, pn, server.account("dave").lid)
    got = alice.expect(events.MessageReceived)
    dave.send(dave.enc(text("fresh")))
    assert (await soon(got)).text == "fresh"
    assert broken == []
    await soon(alice.close())
    # Twice more, a month later: the first one is gone.
    alice = await login(2 * ROTATE_AFTER + 120)
    await soon(alice.close())
    alice = await login(ROTATE_AFTER + KEEP_REPLACED + ROTATE_AFTER)
    assert alice._engine is not None
    credentials = alice._engine.parts.account.credentials
    assert credentials.find_signed_prekey(old.number) is None
    assert credentials.find_signed_prekey(old.number + 1) is not None


async def test_many_senders_drain_the_prekeys(server: LocalServer, alice: Client) -> None:
    """Online and away: each sender takes a prekey of its own, and what is left is what was made."""
    store, shelf = store_of(alice), device_of(server, alice).shelf
    for number in list(shelf.one_time)[20:]:
        del shelf.one_time[number]
    made = {number: await store.prekeys.get(number) for number in shelf.one_time}
    broken, phones = undecryptable_of(alice), [server.phone(f"sender {n}") for n in range(12)]
    for phone in phones[:9]:
        await phone.send_text(lid(alice), "hello")
    await settled(alice)
    await soon(alice.disconnect())
    for phone in phones[9:]:
        await phone.send_text(lid(alice), "hello")
    done = alice.expect(events.OfflineDone)
    await soon(alice.connect())
    await soon(done)
    await settled(alice)
    assert broken == []
    assert len(shelf.one_time) == 20 - 12
    for number, value in shelf.one_time.items():
        kept = await store.prekeys.get(number)
        assert kept == made[number]
        assert kept is not None
        assert kept.pair.public == value
    used = set(made) - set(shelf.one_time)
    assert [await store.prekeys.get(number) for number in sorted(used)] == [None] * 12


async def test_a_failing_upload_leaves_the_client_running(
    server: LocalServer, linked: Linked, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, bob = device_of(server, alice).shelf, await linked("bob")
    monkeypatch.setattr(shelf, "identity", bytes(32))
    shelf.one_time.clear()
    await soon(alice.disconnect())
    await soon(alice.connect())
    await settled(alice)
    assert shelf.one_time == {}
    monkeypatch.undo()
    await tell(alice, bob, "still here")


async def test_low_notices_do_not_upload_side_by_side(server: LocalServer, alice: Client) -> None:
    shelf, tap = device_of(server, alice).shelf, Wiretap(server)
    for _ in range(3):
        server.faults.low_prekeys("alice", count=1)
    await tap.nth(3, sent(me(alice).pn, "ack", class_="notification", type="encrypt"))
    await settled(alice)
    ids = [number for upload in uploads(tap, alice) for number in upload]
    assert ids == sorted(set(ids))
    assert len(ids) == 3 * MORE
    assert len(shelf.one_time) == INITIAL + 3 * MORE
