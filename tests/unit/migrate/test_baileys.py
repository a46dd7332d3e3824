"""What a folder of Baileys holds is what the store holds afterwards, in all the ways that Baileys writes it."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from motte.core.appstate.state import CollectionState
from motte.core.signal import group_cipher, session
from motte.core.signal.address import Address
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.wire import PreKeySignalMessage, SenderKeyMessage
from motte.errors import DuplicateMessage
from motte.migrate import import_baileys
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import Message
from motte.store.memory import MemoryBackend
from motte.store.store import Store
from tests.unit.migrate.conftest import FILES, VECTOR, write

ANN_PN, ANN = Jid.parse("15550100001:1@s.whatsapp.net"), Jid.parse("200000000000001:1@lid")
BEN, CAT = Jid.parse("200000000000002:1@lid"), Jid.parse("200000000000003:1@lid")
GROUP = Jid.parse(VECTOR["group"])


async def taken(folder: Path) -> Store:
    """The store after the import."""
    backend = MemoryBackend()
    await import_baileys(backend, folder)
    return await Store.open(backend)


@pytest.fixture
async def store(folder: Path) -> AsyncIterator[Store]:
    async with await taken(folder) as store:
        yield store


async def read(store: Store, message: dict[str, str]) -> bytes:
    """The plaintext of a message, with what follows from it kept."""
    credentials = await store.account.get()
    assert credentials is not None
    own = OwnIdentity(pair=credentials.identity, registration_id=credentials.registration_id)
    address, body, batch = Address.of(Jid.parse(message["from"])), bytes.fromhex(message["body"]), store.batch()
    if message["type"] == "skmsg":
        keys = await store.sender_keys.get(GROUP, address)
        assert keys is not None
        keys, plaintext = group_cipher.decrypt(keys, body)
        store.sender_keys.put(batch, GROUP, address, keys)
    else:
        record = await store.sessions.get(address)
        assert record is not None
        if message["type"] == "pkmsg":
            named = PreKeySignalMessage.parse(body)
            prekey = await store.prekeys.get(named.prekey_id) if named.prekey_id else None
            found = session.decrypt_prekey(
                record,
                body,
                own=own,
                signed_prekey=credentials.find_signed_prekey(named.signed_prekey_id),
                prekey=prekey,
                rng=os.urandom,
                now=1.7e9,
            )
        else:
            found = session.decrypt(record, body, own=own, rng=os.urandom, now=1.7e9)
        plaintext = found.plaintext
        store.sessions.put(batch, address, found.record)
    await store.commit(batch)
    return plaintext


async def test_who_we_are(store: Store) -> None:
    credentials = await store.account.get()
    assert credentials is not None and credentials.link is not None
    creds = json.loads(FILES["creds.json"])
    assert (credentials.link.jid, credentials.link.lid) == (ANN_PN, ANN)
    assert (credentials.link.push_name, credentials.link.platform) == ("Ann", "android")
    assert credentials.link.linked_at == 1.69e9
    assert credentials.noise.public == base64.b64decode(creds["noiseKey"]["public"]["data"])
    assert credentials.adv_secret == base64.b64decode(creds["advSecretKey"])
    assert credentials.registration_id == creds["registrationId"]
    assert credentials.routing_info == base64.b64decode(creds["routingInfo"]["data"])
    assert (credentials.signed_prekey.id, credentials.next_prekey_id) == (1, 7)
    assert credentials.props_hash == "", "the properties themselves are not in the folder"
    assert await store.identities.get(Address.of(ANN.user_jid)) == base64.b64decode(
        creds["account"]["accountSignatureKey"]
    )


async def test_everything_can_be_read_back(store: Store) -> None:
    assert await store.damaged() == {}
    counts = {table: len(rows) for table, rows in (await store.rows()).items()}
    assert counts == {
        "account": 1,
        "appstate": 1 + 1 + 2,
        "identities": 3,
        "lids": 4,
        "prekeys": 3,
        "sender_key_holders": 1,
        "sender_keys": 2,
        "sessions": 2,
        "tokens": 1,
    }


async def test_prekeys_and_which_the_server_has(store: Store) -> None:
    assert [key.id for key in await store.prekeys.not_uploaded()] == [5, 6]
    fourth = await store.prekeys.get(4)
    assert fourth is not None
    assert fourth.pair.public == base64.b64decode(json.loads(FILES["pre-key-4.json"])["public"]["data"])


async def test_what_comes_later_is_read(store: Store) -> None:
    """Skipped messages of a chain that is closed, an archived session, a first message said again, group messages."""
    for message in VECTOR["later"]:
        assert await read(store, message) == message["text"].encode()
    for message in VECTOR["later"]:
        with pytest.raises(DuplicateMessage):
            await read(store, message)


async def test_sessions_current_and_archived(store: Store) -> None:
    ben, cat = await store.sessions.get(Address.of(BEN)), await store.sessions.get(Address.of(CAT))
    assert ben is not None and ben.current is not None and cat is not None and cat.current is not None
    assert (ben.archived, len(cat.archived)) == ((), 1)
    assert ben.current.created == ben.current.used == 1.7e9
    [closed, opened] = ben.current.receiving.values()
    assert (list(closed.skipped), dict(opened.skipped)) == ([0, 2], {})


async def test_a_closed_chain_gets_a_key_that_nobody_knows(folder: Path) -> None:
    keys = set()
    for _ in range(2):
        async with await taken(folder) as store:
            ben = await store.sessions.get(Address.of(BEN))
            assert ben is not None and ben.current is not None
            keys.add(next(iter(ben.current.receiving.values())).chain.key)
    assert len(keys) == 2


async def test_the_own_sender_key_goes_on_where_baileys_stopped(store: Store) -> None:
    own = await store.sender_keys.get(GROUP, Address.of(ANN))
    assert own is not None
    _, body = group_cipher.encrypt(own, b"next", os.urandom)
    assert SenderKeyMessage.parse(body).iteration == VECTOR["next_own_iteration"]
    assert await store.sender_keys.holders(GROUP) == {BEN, CAT}, "and not we ourselves"


async def test_lids_tokens_and_app_state(store: Store) -> None:
    assert await store.lids.lid_of(Jid.parse("15550100002@s.whatsapp.net")) == BEN.user_jid
    assert await store.lids.lid_of(ANN_PN) == ANN
    trust = await store.tokens.get(BEN)
    assert (len(trust.token), trust.given_at, trust.issued_at) == (12, 1699999999, 1699999000)
    key = Message.AppStateSyncKeyData.FromString(await store.appstate.get_key(base64.b64decode("AAAA/w==")) or b"")
    assert (len(key.keyData), key.timestamp, list(key.fingerprint.deviceIndexes)) == (32, 1690000001000, [0, 1])
    known = CollectionState.parse(await store.appstate.get_version("regular_low") or b"")
    assert (known.version, known.lthash.hex()) == (VECTOR["app_state"]["version"], VECTOR["app_state"]["hash"])
    names = json.loads(FILES["app-state-sync-version-regular_low.json"])["indexValueMap"]
    macs = await store.appstate.get_macs("regular_low", map(base64.b64decode, names))
    assert len(macs) == VECTOR["app_state"]["records"]


async def test_app_state_that_contradicts_itself_is_fetched_anew(folder: Path) -> None:
    path = folder / "app-state-sync-version-regular_low.json"
    value = json.loads(path.read_text())
    value["hash"]["data"] = base64.b64encode(bytes(128)).decode()
    path.write_text(json.dumps(value))
    backend = MemoryBackend()
    imported = await import_baileys(backend, folder)
    assert imported.notes == ("App state that contradicts itself is fetched anew: regular_low.",)
    async with await Store.open(backend) as store:
        assert await store.appstate.get_version("regular_low") is None


def _every(value: Any, change: Callable[[Any], Any]) -> Any:
    """A JSON value with each value in it changed, inside first."""
    if isinstance(value, dict):
        value = {name: _every(one, change) for name, one in value.items()}
    elif isinstance(value, list):
        value = [_every(one, change) for one in value]
    return change(value)


def _clothed(wear: Callable[[bytes], Any]) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if isinstance(value, dict) and value.get("type") == "Buffer":
            return wear(base64.b64decode(value["data"]))
        return value

    return change


CLOTHES: dict[str, Callable[[bytes], Any]] = {
    "array": lambda data: {"type": "Buffer", "data": list(data)},
    "value": lambda data: {"buffer": True, "value": base64.b64encode(data).decode()},
    "index": lambda data: {str(index): byte for index, byte in enumerate(data)},
    "text": lambda data: base64.b64encode(data).decode(),
}


@pytest.mark.parametrize("wear", CLOTHES.values(), ids=CLOTHES)
async def test_bytes_in_every_clothes_are_the_same(folder: Path, tmp_path: Path, wear: Callable[[bytes], Any]) -> None:
    other = {name: json.dumps(_every(json.loads(text), _clothed(wear))) for name, text in FILES.items()}
    async with await taken(folder) as expected, await taken(write(tmp_path / "other", other)) as found:
        ours, theirs = await expected.rows(), await found.rows()
        # The key of a closed chain is drawn anew.
        assert {**ours, "sessions": None} == {**theirs, "sessions": None}
        assert ours["sessions"].keys() == theirs["sessions"].keys()


async def test_a_folder_of_version_6(tmp_path: Path) -> None:
    """No LID, no identities beside the sessions, sender keys as plain arrays."""
    files = {
        name: text
        for name, text in FILES.items()
        if not name.startswith(("identity-key", "lid-mapping", "tctoken", "device-list"))
    }
    creds = json.loads(files["creds.json"])
    del creds["me"]["lid"], creds["lastPropHash"], creds["routingInfo"]
    files["creds.json"] = json.dumps(creds)
    for name in [name for name in files if name.startswith("sender-key-15550100001")]:
        files[name] = base64.b64decode(json.loads(files[name])["data"]).decode()
    for name in [name for name in files if name.startswith("session-")]:
        record = json.loads(files[name])
        del record["version"]
        for entry in record["_sessions"].values():
            record["registrationId"] = entry.pop("registrationId")
        files[name] = json.dumps(record)
    async with await taken(write(tmp_path / "old", files)) as store:
        credentials = await store.account.get()
        assert credentials is not None and credentials.link is not None and credentials.link.lid is None
        ben = await store.sessions.get(Address.of(BEN))
        assert ben is not None and ben.current is not None and ben.current.remote_registration_id
        assert await store.identities.get(Address.of(BEN)) == ben.current.remote_identity
        for message in VECTOR["later"]:
            assert await read(store, message) == message["text"].encode()


async def test_a_counter_that_lags_behind_is_put_right(folder: Path) -> None:
    creds = json.loads(FILES["creds.json"])
    creds["nextPreKeyId"] = 5
    (folder / "creds.json").write_text(json.dumps(creds))
    async with await taken(folder) as store:
        credentials = await store.account.get()
        assert credentials is not None and credentials.next_prekey_id == 7


async def test_a_number_that_changed_hands_follows_the_mapping_of_numbers(folder: Path) -> None:
    (folder / "lid-mapping-200000000000009_reverse.json").write_text('"15550100002"')
    async with await taken(folder) as store:
        assert await store.lids.lid_of(Jid.parse("15550100002@s.whatsapp.net")) == BEN.user_jid
        assert await store.lids.pn_of(Jid.parse("200000000000009@lid")) is None


def contents(folder: Path) -> dict[str, bytes]:
    """Every file."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_other_files_are_told_of_and_the_folder_stays_as_it_is(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    (folder / "package.json").write_text("{")
    before = contents(folder)
    imported = await import_baileys(MemoryBackend(), folder)
    assert imported.notes == ("2 files that are none of Baileys' were passed over.",)
    assert contents(folder) == before
