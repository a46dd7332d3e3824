"""The account's state between a phone and its companions: fetched, changed, parked, repaired, given up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from motte import Client, errors, events
from motte.core.appstate import actions
from motte.core.appstate.collections import Collection
from motte.core.appstate.mutation import Mutation
from motte.core.message.protocol import ProtocolMessage
from motte.model.appstate import Action, Mute, Pin, PushName
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.proto.sync_action_pb2 import SyncActionValue
from motte.runtime.appstate import recovery
from motte.runtime.appstate.appstate import AppState
from motte.testing import LocalServer
from motte.testing.server.appstate_crypt import Change
from motte.testing.server.settings import Settings
from tests.e2e.conftest import Linked, Unlinked, scanning, soon
from tests.e2e.people import lid, me, settled, store_of
from tests.e2e.wiretap import Wiretap, sent

BOB, CAROL = Jid.phone("15550100002"), Jid.phone("15550100003")
FAULTS = ["patch_mac", "snapshot_mac", "value_mac", "index_mac", "lying_hash", "version_jump"]


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """With TLS for the media host, with small pages, and quick to put things there."""
    settings = Settings(closing_seconds=0.02, snapshot_after=4, patches_a_page=2, inline_mutations=3)
    async with LocalServer(settings=settings) as running:
        yield running


@pytest.fixture
async def alice(server: LocalServer, linked: Linked) -> Client:
    """A client whose state is fetched."""
    return await synced(server, linked)


async def synced(server: LocalServer, linked: Linked, where: Path | None = None) -> Client:
    client = await linked("alice", where, ca_file=server.ca_file)
    await soon(client.wait_for(events.AppStateSynced, lambda event: event.collection == "regular"))
    await settled(client)
    return client


def appstate(client: Client) -> AppState:
    assert client._engine is not None
    return client._engine.parts.appstate


def pinned(server: LocalServer, jid: Jid = BOB, value: bool = True) -> None:
    """The phone pins a chat."""
    action = SyncActionValue(pinAction=SyncActionValue.PinAction(pinned=value))
    server.phone("alice").state.set(("pin_v1", str(jid)), action)


async def first_pin(server: LocalServer, client: Client) -> None:
    """Somebody else is pinned, and the client knows it."""
    change = client.expect(events.AppStateChanged, is_pin)
    pinned(server, CAROL)
    await soon(change)
    await settled(client)


def is_bobs(event: events.AppStateChanged) -> bool:
    return event.chat == BOB


def actions_of(client: Client) -> list[Action]:
    """A list that fills with what changes."""
    seen: list[Action] = []

    def note(event: events.AppStateChanged) -> None:
        seen.append(event.action)

    client.add_handler(events.AppStateChanged, note)
    return seen


def failures_of(client: Client) -> list[events.AppStateFailed]:
    seen: list[events.AppStateFailed] = []
    client.add_handler(events.AppStateFailed, seen.append)
    return seen


def is_pin(event: events.AppStateChanged) -> bool:
    return isinstance(event.action, Pin)


async def version(client: Client, collection: str) -> int:
    state = await store_of(client).appstate.get_version(collection)
    return int.from_bytes(state[:8]) if state else 0


async def test_a_new_companion_fetches_everything(server: LocalServer, opened: Unlinked) -> None:
    pinned(server)
    client = await opened("alice", ca_file=server.ca_file)
    scanning(server, client)
    done: list[events.AppStateSynced] = []
    client.add_handler(events.AppStateSynced, done.append)
    seen = actions_of(client)
    name = client.expect(events.AppStateChanged, lambda event: isinstance(event.action, PushName))
    await client.connect(timeout=10)
    assert (await soon(name)).initial
    await settled(client)
    assert Pin(chat=BOB, pinned=True) in seen
    assert [event.collection for event in done] == list(Collection)
    assert all(event.initial for event in done)
    assert await version(client, "regular_low") == server.phone("alice").state.books["regular_low"].version


async def test_what_the_phone_changes_is_told(server: LocalServer, alice: Client) -> None:
    change = alice.expect(events.AppStateChanged, is_pin)
    pinned(server)
    event = await soon(change)
    assert event.action == Pin(chat=BOB, pinned=True)
    assert (event.collection, event.initial, event.own) == ("regular_low", False, False)
    assert event.chat == BOB


async def test_what_was_missed_comes_at_the_next_login(server: LocalServer, alice: Client) -> None:
    seen = actions_of(alice)
    await alice.disconnect()
    for number in range(7):
        pinned(server, Jid.phone(f"1555010001{number}"))
    await alice.connect(timeout=10)
    await soon(alice.wait_for(events.AppStateSynced, lambda event: event.collection == "regular"))
    await settled(alice)
    assert seen == [Pin(chat=Jid.phone(f"1555010001{number}"), pinned=True) for number in range(7)]
    assert await version(alice, "regular_low") == server.phone("alice").state.books["regular_low"].version


async def test_a_collection_of_many_versions_comes_as_a_snapshot(
    server: LocalServer, alice: Client, linked: Linked
) -> None:
    for number in range(6):
        pinned(server, Jid.phone(f"1555010001{number}"))
    second = await linked("alice", ca_file=server.ca_file)
    seen = actions_of(second)
    await soon(second.wait_for(events.AppStateSynced, lambda event: event.collection == "regular"))
    await settled(second)
    assert {action.chat for action in seen if isinstance(action, Pin)} == {
        Jid.phone(f"1555010001{number}") for number in range(6)
    }
    change = second.expect(events.AppStateChanged, is_pin)
    pinned(server, value=False)
    assert not (await soon(change)).initial


async def test_a_patch_too_large_for_a_stanza(server: LocalServer, alice: Client) -> None:
    value = SyncActionValue(timestamp=1, pinAction=SyncActionValue.PinAction(pinned=True))
    chats = [Jid.phone(f"1555010{number:04}") for number in range(300)]
    changes = [Change(index=("pin_v1", str(chat)), value=value, version=5, remove=False) for chat in chats]
    seen, last = actions_of(alice), alice.expect(events.AppStateChanged, lambda event: event.chat == chats[-1])
    server.phone("alice").state.change("regular_low", *changes)
    await soon(last)
    assert [action.chat for action in seen if isinstance(action, Pin)] == chats


@pytest.mark.parametrize("kind", FAULTS)
async def test_patches_that_do_not_verify_give_way_to_all_of_it(server: LocalServer, alice: Client, kind: str) -> None:
    failures = failures_of(alice)
    await first_pin(server, alice)
    server.faults.spoil_state(kind, "regular_low")
    change = alice.expect(events.AppStateChanged, is_bobs)
    pinned(server)
    assert (await soon(change)).action == Pin(chat=BOB, pinned=True)
    await settled(alice)
    assert failures == []
    assert await version(alice, "regular_low") == server.phone("alice").state.books["regular_low"].version


@pytest.mark.parametrize("kind", FAULTS)
async def test_what_the_server_never_tells_right_the_phone_does(server: LocalServer, alice: Client, kind: str) -> None:
    failures = failures_of(alice)
    await first_pin(server, alice)
    before = await version(alice, "regular_low")
    server.faults.spoil_state(kind, "regular_low", times=2)
    change = alice.expect(events.AppStateChanged, is_bobs)
    pinned(server)
    assert (await soon(change)).action == Pin(chat=BOB, pinned=True)
    await settled(alice)
    assert failures == []
    assert await version(alice, "regular_low") == before + 1
    again = alice.expect(events.AppStateChanged, is_bobs)
    pinned(server, value=False)
    assert (await soon(again)).action == Pin(chat=BOB, pinned=False)


async def test_a_bomb_is_not_swallowed(server: LocalServer, alice: Client, linked: Linked) -> None:
    for number in range(6):
        pinned(server, Jid.phone(f"1555010001{number}"))
    await settled(alice)
    server.faults.spoil_state("bomb", "regular_low", size=1 << 20)
    second = await linked("alice", ca_file=server.ca_file)
    failures = failures_of(second)
    change = second.expect(events.AppStateChanged, lambda event: event.chat == Jid.phone("15550100015"))
    await soon(change)
    await settled(second)
    assert failures == []


async def test_nobody_tells_it_right(
    server: LocalServer, alice: Client, monkeypatch: pytest.MonkeyPatch, linked: Linked
) -> None:
    """Told once, kept as it was, and the rest goes on."""
    pinned(server)
    await soon(alice.wait_for(events.AppStateChanged, is_pin))
    await settled(alice)
    monkeypatch.setattr(recovery, "PATIENCE", 0.05)
    before, failed = await version(alice, "regular_low"), alice.expect(events.AppStateFailed)
    failures = failures_of(alice)
    server.faults.withhold_keys("alice")
    server.faults.spoil_state("value_mac", "regular_low", times=1000)
    pinned(server, value=False)
    event = await soon(failed)
    assert event.collection == "regular_low"
    assert "regular_low" in event.reason
    assert await version(alice, "regular_low") == before
    pinned(server, value=True)
    await settled(alice)
    assert len(failures) == 1
    with pytest.raises(errors.AppStateError, match="regular_low"):
        await soon(appstate(alice).push([written(Pin(chat=BOB, pinned=True))]))
    await soon(appstate(alice).push([written(Mute(chat=BOB, until=None))]))


async def test_a_missing_key_is_asked_for_and_its_collection_waits(server: LocalServer, alice: Client) -> None:
    tap, failures = Wiretap(server), failures_of(alice)
    change = alice.expect(events.AppStateChanged, is_pin)
    server.phone("alice").state.renew_key()
    pinned(server)
    await tap.first(sent(me(alice).pn, "message", category="peer"))
    assert (await soon(change)).action == Pin(chat=BOB, pinned=True)
    await settled(alice)
    assert failures == []


async def test_a_parked_collection_does_not_hold_up_the_others(server: LocalServer, alice: Client) -> None:
    phone, failures = server.phone("alice"), failures_of(alice)
    phone.state.withheld = True
    phone.state.renew_key()
    tap = Wiretap(server)
    pinned(server)
    await tap.first(sent(me(alice).pn, "message", category="peer"))
    await settled(alice)
    before = await version(alice, "regular_low")
    outcome = await soon(appstate(alice).sync())
    assert set(outcome) == {Collection.REGULAR_LOW}
    assert isinstance(outcome[Collection.REGULAR_LOW], errors.AppStateKeyMissing)
    assert await version(alice, "regular_low") == before
    phone.state.withheld = False
    change = alice.expect(events.AppStateChanged, is_pin)
    share = phone.state.share()
    assert share is not None
    phone.mail.send_message(me(alice).pn, share)
    assert (await soon(change)).action == Pin(chat=BOB, pinned=True)
    assert failures == []


async def test_a_key_that_the_phone_has_lost_too(
    server: LocalServer, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to wait for: on to the snapshot, the phone's copy, and the truth."""
    monkeypatch.setattr(recovery, "PATIENCE", 0.05)
    phone, tap = server.phone("alice"), Wiretap(server)
    phone.state.withheld = True
    key = phone.state.renew_key()
    pinned(server)
    await tap.first(sent(me(alice).pn, "message", category="peer"))
    await settled(alice)
    failed = alice.expect(events.AppStateFailed)
    share = ProtocolMessage(type=ProtocolMessage.APP_STATE_SYNC_KEY_SHARE)
    share.appStateSyncKeyShare.keys.add().keyId.keyId = key.id
    phone.mail.send_message(me(alice).pn, Message(protocolMessage=share))
    assert (await soon(failed)).collection == "regular_low"


async def test_keys_are_given_to_own_devices_that_ask(server: LocalServer, alice: Client) -> None:
    phone, tap = server.phone("alice"), Wiretap(server)
    request = ProtocolMessage(type=ProtocolMessage.APP_STATE_SYNC_KEY_REQUEST)
    request.appStateSyncKeyRequest.keyIds.add(keyId=phone.state.key.id)
    request.appStateSyncKeyRequest.keyIds.add(keyId=b"nobody has it")
    phone.mail.send_message(me(alice).pn, Message(protocolMessage=request))
    await tap.first(sent(me(alice).pn, "message", category="peer"))


async def test_a_stranger_gets_no_keys(server: LocalServer, alice: Client) -> None:
    tap = Wiretap(server)
    request = ProtocolMessage(type=ProtocolMessage.APP_STATE_SYNC_KEY_REQUEST)
    request.appStateSyncKeyRequest.keyIds.add(keyId=server.phone("alice").state.key.id)
    forged = alice.expect(events.MessageForged)
    server.phone("mallory").mail.send_message(lid(alice).user_jid, Message(protocolMessage=request))
    await soon(forged)
    await settled(alice)
    assert tap.all(sent(me(alice).pn, "message")) == []


def written(action: Action) -> tuple[Collection, Mutation]:
    collection, mutation = actions.write(action, 1_700_000_000.0)
    return collection, mutation


async def test_a_change_of_ours_reaches_the_phone_and_the_other_devices(
    server: LocalServer, alice: Client, linked: Linked
) -> None:
    second = await synced(server, linked)
    here, there = alice.expect(events.AppStateChanged, is_pin), second.expect(events.AppStateChanged, is_pin)
    changes = [Pin(chat=BOB, pinned=True), Mute(chat=BOB, until=None), Pin(chat=Jid.phone("15550100003"), pinned=True)]
    await soon(appstate(alice).push([written(action) for action in changes]))
    assert (await soon(here)).own
    assert not (await soon(there)).own
    state = server.phone("alice").state
    value = state.value("pin_v1", "15550100003@s.whatsapp.net")
    assert value is not None
    assert value.pinAction.pinned
    assert state.value("mute", str(BOB)) is not None
    assert await version(alice, "regular_low") == state.books["regular_low"].version
    back = alice.expect(events.AppStateChanged, is_pin)
    await soon(appstate(second).push([written(Pin(chat=BOB, pinned=False))]))
    assert (await soon(back)).action == Pin(chat=BOB, pinned=False)


async def test_others_may_be_faster(server: LocalServer, alice: Client) -> None:
    server.faults.conflict("alice", times=2)
    await soon(appstate(alice).push([written(Pin(chat=BOB, pinned=True))]))
    assert server.phone("alice").state.value("pin_v1", str(BOB)) is not None
    server.faults.conflict("alice", times=50)
    with pytest.raises(errors.Conflict, match="regular_low"):
        await soon(appstate(alice).push([written(Pin(chat=BOB, pinned=False))]))


async def test_a_change_under_a_newer_key_replaces_the_record_under_the_older(
    server: LocalServer, alice: Client, linked: Linked
) -> None:
    phone = server.phone("alice")
    await soon(appstate(alice).push([written(Pin(chat=BOB, pinned=True))]))
    phone.state.renew_key()
    got = alice.expect(events.AppStateKeysReceived)
    share = phone.state.share()
    assert share is not None
    phone.mail.send_message(me(alice).pn, share)
    await soon(got)
    await settled(alice)
    seen = actions_of(alice)
    await soon(appstate(alice).push([written(Pin(chat=BOB, pinned=False))]))
    await settled(alice)
    assert seen == [Pin(chat=BOB, pinned=False)]
    collection = server.account("alice").collections["regular_low"]
    assert len([record for record in collection.records.values() if record.keyId.id == phone.state.key.id]) == 1
    third = await synced(server, linked)
    assert await version(third, "regular_low") == collection.version


async def test_nothing_can_be_changed_before_there_are_keys(server: LocalServer, linked: Linked) -> None:
    server.phone("alice").state.withheld = True
    client = await linked("alice", ca_file=server.ca_file)
    with pytest.raises(errors.LocalProtocolError, match="not shared the keys"):
        await soon(appstate(client).push([written(Pin(chat=BOB, pinned=True))]))


async def test_the_state_outlives_the_client(server: LocalServer, linked: Linked, tmp_path: Path) -> None:
    first = await synced(server, linked, tmp_path / "a.db")
    await first.close()
    pinned(server)
    second = await linked("alice", tmp_path / "a.db", ca_file=server.ca_file)
    seen = actions_of(second)
    done = await soon(second.wait_for(events.AppStateSynced, lambda event: event.collection == "regular"))
    await settled(second)
    assert not done.initial
    assert seen == [Pin(chat=BOB, pinned=True)]


async def test_all_of_it_again(server: LocalServer, alice: Client) -> None:
    pinned(server)
    await soon(alice.wait_for(events.AppStateChanged, is_pin))
    await settled(alice)
    again = alice.expect(events.AppStateChanged, is_pin)
    assert await soon(appstate(alice).sync([Collection.REGULAR_LOW], fresh=True)) == {}
    assert (await soon(again)).initial


async def test_a_login_that_is_behind_is_told_and_says_when_it_is_not(server: LocalServer, alice: Client) -> None:
    await alice.disconnect()
    pinned(server)
    tap = Wiretap(server)
    await alice.connect(timeout=10)
    await tap.first(sent(me(alice).pn, "iq", xmlns="urn:xmpp:whatsapp:dirty"))
