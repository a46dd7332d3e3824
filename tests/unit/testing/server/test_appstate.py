"""App state on the server, asked by a client that only knows nodes; the phone's half against what Baileys makes."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from motte.core.binary.node import Node
from motte.core.crypto.cbc import cbc_decrypt
from motte.core.crypto.kdf import hkdf
from motte.model.jid import LID, Jid
from motte.proto.app_state_pb2 import ExternalBlobReference, KeyId, SyncdMutations, SyncdPatch, SyncdSnapshot
from motte.proto.app_state_recovery_pb2 import SyncdSnapshotRecovery
from motte.proto.e2e_pb2 import Message
from motte.proto.sync_action_pb2 import SyncActionValue
from motte.testing import LocalServer, Refused, Settings
from motte.testing.server.appstate_crypt import EMPTY, Change, Forged, StateKey, mac_of, mixed, opened, seal
from motte.testing.server.appstate_faults import STATE_FAULTS, sign
from tests.unit.testing.server.raw_client import RawClient, linked, logged_in
from tests.unit.testing.server.test_phone import opened as decrypted

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[3] / "vectors" / "appstate.json").read_text())
CHAT = Jid("123", LID)
PINNED = SyncActionValue(pinAction=SyncActionValue.PinAction(pinned=True), timestamp=1)


def raw(text: str) -> bytes:
    return base64.b64decode(text)


def keys() -> dict[str, StateKey]:
    return {key["id"]: StateKey.derive(raw(key["id"]), raw(key["secret"]), 0) for key in VECTORS["keys"]}


# ---- cryptography ----


@pytest.mark.parametrize("vector", VECTORS["lthash"])
def test_the_hash_is_baileys_hash(vector: dict[str, Any]) -> None:
    begin, end = raw(vector["from"]), raw(vector["to"])
    assert mixed(begin, without=map(raw, vector["remove"]), plus=map(raw, vector["add"])) == end


@pytest.mark.parametrize("vector", VECTORS["patches"])
def test_a_patch_of_baileys_is_read_and_its_macs_are_right(vector: dict[str, Any]) -> None:
    patch, key = SyncdPatch.FromString(raw(vector["patch"])), keys()[vector["key"]]
    change = opened(key, patch.mutations[0])
    assert list(change.index) == vector["index"]
    assert (change.version, change.remove) == (vector["action_version"], bool(vector["operation"]))
    name, version = VECTORS["collection"], vector["version"]
    assert patch.snapshotMac == key.snapshot_mac(raw(vector["lthash"]), version, name)
    assert patch.patchMac == key.patch_mac(patch.snapshotMac, [mac_of(patch.mutations[0])], version, name)


def test_a_changed_mutation_is_noticed() -> None:
    key = StateKey.derive(b"\x01", bytes(32), 0)
    sealed = seal(key, Change(index=("pin_v1", str(CHAT)), value=PINNED, version=5), bytes)
    assert opened(key, sealed).value == PINNED
    for blob in (sealed.record.value, sealed.record.index):
        whole = blob.blob
        blob.blob = whole[:-1] + bytes((whole[-1] ^ 1,))
        with pytest.raises(Forged):
            opened(key, sealed)
        blob.blob = whole
    with pytest.raises(Forged):
        opened(StateKey.derive(b"\x01", bytes(31) + b"\x01", 0), sealed)


# ---- the IQ ----


async def sync(client: RawClient, **collection: str) -> Node:
    """The `<collection>` that answers one."""
    return await exchange(client, Node("collection", collection))


async def exchange(client: RawClient, collection: Node) -> Node:
    answer = await client.iq("w:sync:app:state", Node("sync", {}, (collection,)), kind="set")
    inner = answer.child("sync")
    assert inner is not None
    return inner.children[0]


def patches(collection: Node) -> list[SyncdPatch]:
    inner = collection.child("patches")
    return [SyncdPatch.FromString(patch.data) for patch in inner.children] if inner else []


def pushed(server: LocalServer, name: str, base: int, change: Change) -> Node:
    """What a companion pushes that has the phone's key and state."""
    state = server.account("Ann").state
    mutation = seal(state.key, change, lambda size: bytes(size))
    patch = SyncdPatch(mutations=[mutation], keyId=KeyId(id=state.key.id))
    book = state.books[name]
    former = book.entries.get(change.index)
    lthash = mixed(
        book.lthash, without=[former.mac] if former else [], plus=[] if change.remove else [mac_of(mutation)]
    )
    patch.snapshotMac = state.key.snapshot_mac(lthash, base + 1, name)
    sign(state.key, patch, base + 1, name)
    return Node("collection", {"name": name, "version": str(base)}, (Node("patch", {}, patch.SerializeToString()),))


def pin(remove: bool = False) -> Change:
    return Change(index=("pin_v1", str(CHAT)), value=PINNED, version=5, remove=remove)


async def test_patches_come_page_by_page() -> None:
    async with LocalServer(tls_port=None, settings=Settings(greet=False, patches_a_page=2)) as server:
        phone = server.phone("Ann")
        for number in range(3):
            phone.chats.pin(Jid(str(number), LID))
        async with logged_in(server, await linked(server, "Ann")) as ann:
            first = await sync(ann, name="regular_low", version="0", return_snapshot="true")
            assert first.attrs == {"name": "regular_low", "version": "3", "has_more_patches": "true"}
            assert [patch.version.version for patch in patches(first)] == [1, 2]
            second = await sync(ann, name="regular_low", version="2", return_snapshot="false")
            assert [patch.version.version for patch in patches(second)] == [3]
            assert "has_more_patches" not in second.attrs
            nothing = await sync(ann, name="regular_low", version="3", return_snapshot="false")
            assert nothing == Node("collection", {"name": "regular_low", "version": "3"})


async def test_a_snapshot_and_many_mutations_are_files() -> None:
    async with LocalServer(
        tls_port=None, settings=Settings(greet=False, snapshot_after=0, inline_mutations=1)
    ) as server:
        state = server.account("Ann").state
        state.change("regular", *(Change(index=("x", str(n)), value=PINNED, version=1) for n in range(3)))
        async with logged_in(server, await linked(server, "Ann")) as ann:
            whole = (await sync(ann, name="regular", version="0", return_snapshot="true")).child("snapshot")
            assert whole is not None
            snapshot = SyncdSnapshot.FromString(fetched(server, whole.data))
            assert len(snapshot.records) == 3
            assert snapshot.version.version == 1
            lthash = mixed(EMPTY, plus=map(mac_of, snapshot.records))
            assert snapshot.mac == state.key.snapshot_mac(lthash, 1, "regular")
            (patch,) = patches(await sync(ann, name="regular", version="0", return_snapshot="false"))
            assert not patch.mutations
            reference = patch.externalMutations.SerializeToString()
            assert len(SyncdMutations.FromString(fetched(server, reference)).mutations) == 3


def fetched(server: LocalServer, reference: bytes) -> bytes:
    """The file of an `ExternalBlobReference`, opened."""
    known = ExternalBlobReference.FromString(reference)
    blob = server._hub.media.find(known.directPath)
    assert blob is not None
    derived = hkdf(known.mediaKey, 112, info=b"WhatsApp App State Keys")
    return cbc_decrypt(derived[16:48], derived[:16], blob.file.read_bytes()[:-10])


async def test_a_patch_is_taken_once_and_told_to_the_others(server: LocalServer) -> None:
    first, second = await linked(server, "Ann"), await linked(server, "Ann")
    async with logged_in(server, first) as ann, logged_in(server, second) as other:
        node = pushed(server, "regular_low", 0, pin())
        assert (await exchange(ann, node)).attrs == {"name": "regular_low", "version": "1"}
        told = await other.until("notification", lambda node: node.attrs["type"] == "server_sync")
        assert told.children == (Node("collection", {"name": "regular_low", "version": "1"}),)
        value = server.account("Ann").state.value("pin_v1", str(CHAT))
        assert value is not None
        assert value.pinAction.pinned
        conflict = await exchange(other, node)
        assert (conflict.attrs["type"], conflict.attrs["version"]) == ("error", "1")
        assert conflict.children[0] == Node("error", {"code": "409", "text": "conflict"})
        assert [patch.version.version for patch in patches(conflict)] == [1]


async def test_what_was_removed_is_in_no_snapshot(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        await exchange(ann, pushed(server, "regular_low", 0, pin()))
        await exchange(ann, pushed(server, "regular_low", 1, pin(remove=True)))
        account = server.account("Ann")
        assert account.state.value("pin_v1", str(CHAT)) is None
        assert not account.collections["regular_low"].records
        assert account.state.books["regular_low"].lthash == EMPTY


_SPOILERS: dict[str, Callable[[SyncdPatch], None]] = {
    "snapshot mac": lambda patch: patch.MergeFrom(SyncdPatch(snapshotMac=bytes(32))),
    "patch mac": lambda patch: patch.MergeFrom(SyncdPatch(patchMac=bytes(32))),
    "short mac": lambda patch: patch.MergeFrom(SyncdPatch(patchMac=bytes(31))),
    "unknown key": lambda patch: patch.MergeFrom(SyncdPatch(keyId=KeyId(id=b"\x09"))),
    "no key": lambda patch: patch.ClearField("keyId"),
    "no mutations": lambda patch: patch.ClearField("mutations"),
}


@pytest.mark.parametrize("part", _SPOILERS)
async def test_a_wrong_patch_is_refused_and_nothing_is_changed(server: LocalServer, part: str) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        node = pushed(server, "regular_low", 0, pin())
        patch = SyncdPatch.FromString(node.children[0].data)
        spoiled = SyncdPatch()
        spoiled.CopyFrom(patch)
        _SPOILERS[part](spoiled)
        answer = await exchange(ann, node._replace(content=(Node("patch", {}, spoiled.SerializeToString()),)))
        assert answer.children[0].attrs["code"] == "400"
        assert server.account("Ann").collections["regular_low"].version == 0


@pytest.mark.parametrize(
    ("collection", "code"),
    [
        (Node("collection", {"name": "colours", "version": "0"}), "400"),
        (Node("collection", {"name": "regular", "version": "7"}), "400"),
        (Node("collection", {"name": "regular", "version": "0"}, (Node("patch", {}, b"\xff"),)), "400"),
    ],
)
async def test_mistakes_are_errors_of_their_collection(server: LocalServer, collection: Node, code: str) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        answer = await exchange(ann, collection)
        assert (answer.attrs["type"], answer.children[0].attrs["code"]) == ("error", code)


async def test_who_was_away_is_told_at_login(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys) as ann:
        await sync(ann, name="regular_low", version="0")
    server.phone("Ann").chats.pin("Ann")
    async with logged_in(server, keys, ready=False) as ann:
        dirty = await ann.until("ib", lambda node: node.child("dirty") is not None)
        assert dirty.children[0].attrs["type"] == "syncd_app_state"


async def test_who_is_up_to_date_is_told_nothing(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    for _ in range(2):
        async with logged_in(server, keys, ready=False) as ann:
            assert not (await ann.until("ib", lambda node: node.child("offline_preview") is None)).child("dirty")
            await sync(ann, name="critical_block", version="0")


# ---- the phone ----


async def test_a_conflict_on_purpose(server: LocalServer) -> None:
    async with logged_in(server, await linked(server, "Ann")) as ann:
        server.faults.conflict("Ann")
        node = pushed(server, "regular_low", 0, pin())
        assert (await exchange(ann, node)).children[0].attrs["code"] == "409"
        assert (await exchange(ann, pushed(server, "regular_low", 1, pin()))).attrs["version"] == "2"


def test_the_phone_shares_its_keys_and_knows_what_it_lacks(server: LocalServer) -> None:
    state = server.account("Ann").state
    newer = state.renew_key()
    whole = state.share()
    assert whole is not None
    shared = whole.protocolMessage.appStateSyncKeyShare.keys
    assert [key.keyId.keyId for key in shared] == [bytes(5) + b"\x01", newer.id]
    some = state.share([b"\x07"])
    assert some is not None
    (unknown,) = some.protocolMessage.appStateSyncKeyShare.keys
    assert (unknown.keyId.keyId, unknown.HasField("keyData")) == (b"\x07", False)
    server.faults.withhold_keys("Ann")
    assert state.share() is None
    server.faults.withhold_keys("Ann", withheld=False)
    assert state.share() is not None


def test_a_change_under_a_newer_key_removes_the_record_of_the_older(server: LocalServer) -> None:
    phone = server.phone("Ann")
    phone.chats.pin(CHAT)
    newer = phone.state.renew_key()
    phone.chats.pin(CHAT, False)
    (record,) = server.account("Ann").collections["regular_low"].records.values()
    assert record.keyId.id == newer.id
    book = phone.state.books["regular_low"]
    assert book.lthash == mixed(EMPTY, plus=[mac_of(record)])
    phone.state.renew_key()
    phone.state.remove(("pin_v1", str(CHAT)))
    assert not server.account("Ann").collections["regular_low"].records
    assert phone.state.books["regular_low"].lthash == EMPTY
    assert phone.state.value("pin_v1", str(CHAT)) is None


def test_the_phone_recovers_a_collection(server: LocalServer) -> None:
    phone = server.phone("Ann")
    phone.chats.pin(CHAT)
    answer = phone.state.recovery("regular_low").syncdSnapshotFatalRecoveryResponse
    copy = SyncdSnapshotRecovery.FromString(gzip.decompress(answer.collectionSnapshot))
    (record,) = copy.mutationRecords
    assert (copy.collectionName, copy.version.version) == ("regular_low", 1)
    assert json.loads(record.value.index) == ["pin_v1", str(CHAT)]
    assert copy.collectionLthash == mixed(EMPTY, plus=[record.mac])


def test_the_phone_that_was_set_up_anew_has_a_new_state(server: LocalServer) -> None:
    phone = server.phone("Ann")
    phone.chats.pin(CHAT)
    phone.reinstall()
    assert phone.state.value("pin_v1", str(CHAT)) is None
    assert server.account("Ann").collections["critical_block"].version == 1


def test_a_name_from_the_app_state_is_the_accounts_name(server: LocalServer) -> None:
    account = server.account("Ann")
    account.phone.chats.push_name("Annabel")
    assert account.profile.push_name == "Annabel"
    assert account.state.books["critical_block"].version == 2


async def test_keys_come_before_history() -> None:
    async with LocalServer(tls_port=None) as server:
        keys = await linked(server, "Ann")
        async with logged_in(server, keys, ready=False) as ann:
            await ann.iq("passive", Node("active"), kind="set", keep=True)
            kinds: list[int] = []
            while len(kinds) < 3:
                stanza = await ann.until("message")
                enc = stanza.child("enc")
                assert enc is not None
                kinds.append(decrypted(keys, enc.data).protocolMessage.type)
    protocol = Message.ProtocolMessage
    assert kinds == [protocol.APP_STATE_SYNC_KEY_SHARE, *[protocol.HISTORY_SYNC_NOTIFICATION] * 2]


# ---- faults ----


@pytest.mark.parametrize("kind", [kind for kind in STATE_FAULTS if kind != "bomb"])
async def test_a_spoiled_patch_fails_and_the_next_does_not(server: LocalServer, kind: str) -> None:
    phone = server.phone("Ann")
    changes = (Change(index=("x", str(n)), value=PINNED, version=1) for n in range(2))
    phone.state.change("regular", *changes)
    server.faults.spoil_state(kind, "regular")
    async with logged_in(server, await linked(server, "Ann")) as ann:
        assert not fits(phone.state.key, patches(await sync(ann, name="regular", version="0"))[0])
        assert fits(phone.state.key, patches(await sync(ann, name="regular", version="0"))[0])


def fits(key: StateKey, patch: SyncdPatch) -> bool:
    """Whether a patch leads from nothing to version 1 of `regular`."""
    try:
        macs = [mac_of(mutation) for mutation in patch.mutations if opened(key, mutation)]
    except Forged:
        return False
    lthash = mixed(EMPTY, plus=macs)
    return (
        patch.version.version == 1
        and patch.snapshotMac == key.snapshot_mac(lthash, 1, "regular")
        and patch.patchMac == key.patch_mac(patch.snapshotMac, macs, 1, "regular")
    )


async def test_a_bomb_is_as_long_as_it_is_told_to_be() -> None:
    async with LocalServer(tls_port=None, settings=Settings(greet=False, snapshot_after=0)) as server:
        server.phone("Ann").chats.pin(CHAT)
        server.faults.spoil_state("bomb", "regular_low", size=100_000)
        async with logged_in(server, await linked(server, "Ann")) as ann:
            whole = (await sync(ann, name="regular_low", version="0", return_snapshot="true")).child("snapshot")
            assert whole is not None
            known = ExternalBlobReference.FromString(whole.data)
            assert known.fileSizeBytes < 1000
            assert len(fetched(server, whole.data)) == known.fileSizeBytes + 100_000


def test_faults_that_there_are_not(server: LocalServer) -> None:
    with pytest.raises(Refused, match="app state"):
        server.faults.spoil_state("colour")
    with pytest.raises(Refused, match="history"):
        server.faults.spoil_history("colour")
