import json
from pathlib import Path

import pytest

from motte.core.signal import group_cipher
from motte.core.signal.keys import PreKey, SignedPreKey
from motte.core.signal.record import SessionRecord
from motte.core.signal.sender_key import SenderKeyRecord
from motte.errors import StoreCorrupt, StoreTooNew
from motte.proto.storage_pb2 import StoredPreKey, StoredSenderKeyRecord, StoredSessionRecord
from tests.unit.core.signal.device import NOW, Device, SeededRng, pair

STATES = json.loads((Path(__file__).parents[3] / "vectors" / "signal_records.json").read_text())


def lively_record() -> SessionRecord:
    """A record with all that can be in one: archived sessions, skipped messages, a pending prekey."""
    alice, bob = pair()
    for number in range(4):
        alice.send(b"lost")
        bob.receive(*alice.send(b"%d" % number))
        alice.receive(*bob.send(b"%d" % number))
    bob.start(alice.bundle(2))
    bob.start(alice.bundle(None))
    assert bob.record is not None
    return bob.record


def test_a_record_survives_the_store() -> None:
    for record in (SessionRecord(), lively_record(), lively_record().archive_current()):
        assert SessionRecord.parse(record.serialize()) == record


def test_serialising_is_deterministic() -> None:
    record = lively_record()
    assert record.serialize() == record.serialize() == SessionRecord.parse(record.serialize()).serialize()


def test_a_record_is_written_as_protobuf_writes_it() -> None:
    for record in (SessionRecord(), lively_record(), lively_record().archive_current()):
        assert StoredSessionRecord.FromString(record.serialize()).SerializeToString() == record.serialize()


def test_a_sender_key_is_written_as_protobuf_writes_it() -> None:
    own = group_cipher.create(SeededRng("own"))
    member = group_cipher.process(None, group_cipher.distribution(own))
    for _ in range(3):
        own, body = group_cipher.encrypt(own, b"x", SeededRng("blind"))
    member, _ = group_cipher.decrypt(member, body)
    for record in (SenderKeyRecord(), own, member):
        assert StoredSenderKeyRecord.FromString(record.serialize()).SerializeToString() == record.serialize()


def test_sender_keys_survive_the_store() -> None:
    own = group_cipher.create(SeededRng("own"))
    member = group_cipher.process(None, group_cipher.distribution(own))
    for _ in range(3):
        own, body = group_cipher.encrypt(own, b"x", SeededRng("blind"))
    member, _ = group_cipher.decrypt(member, body)
    assert len(member.states[0].receiving.skipped) == 2
    for record in (SenderKeyRecord(), own, member):
        assert SenderKeyRecord.parse(record.serialize()) == record


def test_prekeys_survive_the_store() -> None:
    device = Device("keys")
    assert PreKey.parse(device.prekeys[3].serialize()) == device.prekeys[3]
    assert SignedPreKey.parse(device.signed[1].serialize()) == device.signed[1]


def test_a_prekey_is_no_signed_prekey() -> None:
    with pytest.raises(StoreCorrupt):
        SignedPreKey.parse(Device("keys").prekeys[3].serialize())


@pytest.mark.parametrize("state", STATES["format_1"], ids=[state["name"] for state in STATES["format_1"]])
def test_what_an_older_version_wrote_still_works(state: dict[str, str]) -> None:
    if state["kind"] == "sender key":
        _, plaintext = group_cipher.decrypt(
            SenderKeyRecord.parse(bytes.fromhex(state["record"])), bytes.fromhex(state["next_message"])
        )
    else:
        bob = Device("bob")
        bob.record = SessionRecord.parse(bytes.fromhex(state["record"]))
        plaintext = bob.receive("msg", bytes.fromhex(state["next_message"]))
        assert bob.record.current is not None and bob.record.current.created == NOW
    assert plaintext.decode() == state["text"]


@pytest.mark.parametrize("parse", [SessionRecord.parse, SenderKeyRecord.parse, PreKey.parse, SignedPreKey.parse])
def test_broken_records_are_corrupt_and_nothing_else(parse: type) -> None:
    for broken in (b"", b"\xff", b"\x0a", b"{}", b"\x08\x00", bytes(40)):
        with pytest.raises(StoreCorrupt):
            parse(broken)


def test_records_cut_short_are_corrupt() -> None:
    whole_record = lively_record()
    whole = whole_record.serialize()
    for length in range(1, len(whole), 7):
        try:
            SessionRecord.parse(whole[:length])
        except StoreCorrupt:
            continue
        assert all(each in whole_record.sessions for each in SessionRecord.parse(whole[:length]).sessions)


def test_records_of_a_newer_version_are_left_alone() -> None:
    for parse, stored in (
        (SessionRecord.parse, StoredSessionRecord(version=2)),
        (SenderKeyRecord.parse, StoredSenderKeyRecord(version=2)),
        (PreKey.parse, StoredPreKey(version=2)),
    ):
        with pytest.raises(StoreTooNew, match="format 2"):
            parse(stored.SerializeToString())
