from dataclasses import replace

import pytest

from motte.core.signal import keys, session
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.chain import MAX_AHEAD, MAX_SKIPPED
from motte.core.signal.ratchet import MAX_RECEIVING_CHAINS
from motte.core.signal.record import MAX_ARCHIVED, SessionRecord
from motte.core.signal.wire import PreKeySignalMessage, SignalMessage, signal_message
from motte.errors import (
    DuplicateMessage,
    InvalidKey,
    InvalidMessage,
    InvalidPreKeyId,
    InvalidSignature,
    NoSession,
    SignalError,
)
from tests.unit.core.signal.device import Device, pair


def test_messages_name_the_prekeys_until_the_peer_answers() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle())
    first, second = alice.send(b"one"), alice.send(b"two")
    assert (first[0], second[0]) == ("pkmsg", "pkmsg")
    assert bob.receive(*second) == b"two"
    answer = bob.send(b"answer")
    assert answer[0] == "msg"
    assert alice.receive(*answer) == b"answer"
    assert alice.send(b"three")[0] == "msg"
    assert bob.receive(*first) == b"one"


def test_a_prekey_is_reported_used_once_and_not_needed_again() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle(5))
    first, second = alice.send(b"one"), alice.send(b"two")
    bob.receive(*first)
    assert bob.used_prekeys == [5]
    del bob.prekeys[5]
    bob.signed = {}
    assert bob.receive(*second) == b"two"
    assert bob.used_prekeys == [5]


def test_a_session_without_a_one_time_prekey() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle(None))
    assert bob.receive(*alice.send(b"hello")) == b"hello"
    assert bob.used_prekeys == []


def test_an_old_signed_prekey_serves_while_it_is_kept() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle())
    bob.signed[2] = keys.generate_signed_prekey(bob.own.pair, 2, bob.rng)
    assert bob.receive(*alice.send(b"hello")) == b"hello"


@pytest.mark.parametrize("lost", ["prekey", "signed prekey"])
def test_prekeys_that_are_gone_are_named(lost: str) -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle(9))
    if lost == "prekey":
        del bob.prekeys[9]
    else:
        bob.signed = {}
    with pytest.raises(InvalidPreKeyId, match="9" if lost == "prekey" else "1"):
        bob.receive(*alice.send(b"hello"))


def test_a_wrong_prekey_is_not_taken_for_the_right_one() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle(9))
    bob.prekeys[9] = bob.prekeys[8]
    with pytest.raises(InvalidPreKeyId):
        bob.receive(*alice.send(b"hello"))


def test_a_wrong_signed_prekey_is_not_taken_for_the_right_one() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle())
    bob.signed[1] = keys.generate_signed_prekey(bob.own.pair, 2, bob.rng)
    with pytest.raises(InvalidPreKeyId, match="signed prekey 1"):
        bob.receive(*alice.send(b"hello"))


def test_the_peer_is_identified() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle())
    decrypted = bob.try_receive(*alice.send(b"hello"))
    assert decrypted.identity == alice.own.pair.public
    assert decrypted.record.current is not None
    assert decrypted.record.current.remote_registration_id == alice.own.registration_id
    bob.record = decrypted.record
    assert alice.try_receive(*bob.send(b"hi")).identity == bob.own.pair.public


def test_a_bundle_must_be_signed_by_its_identity() -> None:
    alice, bob, mallory = Device("alice"), Device("bob"), Device("mallory")
    genuine, other = bob.bundle(), mallory.bundle()
    for forged in (
        _but(genuine, signature=other.signature),
        _but(genuine, signed_prekey=other.signed_prekey),
        _but(genuine, identity=other.identity),
        _but(genuine, signature=b""),
    ):
        with pytest.raises(InvalidSignature):
            alice.start(forged)
    assert alice.record is None


def test_a_bundle_with_a_low_order_prekey_is_refused() -> None:
    alice, bob = Device("alice"), Device("bob")
    for weak in (bytes(32), b"\x01" + bytes(31), b"short"):
        with pytest.raises(InvalidKey):
            alice.start(_but(bob.bundle(), prekey=weak))


def test_without_a_session_nothing_is_encrypted_or_decrypted() -> None:
    alice, bob = pair()
    with pytest.raises(NoSession):
        session.encrypt(SessionRecord(), b"x", own=alice.own)
    kind, body = alice.send(b"x")
    bob.record = None
    with pytest.raises(NoSession):
        bob.receive(kind, body)


def test_messages_arrive_in_any_order_and_once() -> None:
    alice, bob = pair()
    sent = [alice.send(b"%d" % number) for number in range(10)]
    for number in (9, 0, 4, 3, 8, 1, 2, 5, 7, 6):
        assert bob.receive(*sent[number]) == b"%d" % number
    assert bob.record is not None and bob.record.current is not None
    assert all(not chain.skipped for chain in bob.record.current.receiving.values())
    before = bob.record
    for message in sent:
        with pytest.raises(DuplicateMessage):
            bob.receive(*message)
    assert bob.record is before


def test_old_chains_stay_open_for_a_few_turns() -> None:
    alice, bob = pair()
    late = []
    for turn in range(MAX_RECEIVING_CHAINS + 2):
        late.append(alice.send(b"late %d" % turn))
        bob.receive(*alice.send(b"turn"))
        alice.receive(*bob.send(b"turn"))
    assert bob.record is not None and bob.record.current is not None
    assert len(bob.record.current.receiving) == MAX_RECEIVING_CHAINS
    for turn in range(2, MAX_RECEIVING_CHAINS + 2):
        assert bob.receive(*late[turn]) == b"late %d" % turn
    for forgotten in late[:2]:
        with pytest.raises(InvalidMessage):
            bob.receive(*forgotten)


def test_how_far_ahead_a_message_may_be() -> None:
    alice, bob = pair()
    bob.receive(*alice.send(b"first of the chain"))
    for _ in range(MAX_AHEAD):
        alice.send(b"lost")
    reached, beyond = alice.send(b"reached"), alice.send(b"beyond")
    with pytest.raises(InvalidMessage, match="ahead"):
        bob.receive(*beyond)
    assert bob.receive(*reached) == b"reached"
    assert bob.receive(*beyond) == b"beyond"


def test_how_many_skipped_messages_are_kept() -> None:
    alice, bob = pair()
    sent = [alice.send(b"%d" % number) for number in range(MAX_SKIPPED + 3)]
    bob.receive(*sent[MAX_SKIPPED])
    bob.receive(*sent[MAX_SKIPPED + 2])
    with pytest.raises(DuplicateMessage):
        bob.receive(*sent[0])
    assert bob.receive(*sent[1]) == b"1"
    assert bob.receive(*sent[MAX_SKIPPED + 1]) == b"%d" % (MAX_SKIPPED + 1)


def test_a_changed_bit_anywhere_is_refused_and_leaves_no_trace() -> None:
    alice, bob = pair()
    kind, body = alice.send(b"genuine")
    assert bob.record is not None
    before = bob.record.serialize()
    for position in range(len(body)):
        forged = bytearray(body)
        forged[position] ^= 1 << position % 8
        with pytest.raises(SignalError):
            bob.receive(kind, bytes(forged))
    assert bob.record.serialize() == before
    assert bob.receive(kind, body) == b"genuine"


def test_a_changed_bit_in_a_first_message_is_refused_or_changes_nothing_that_counts() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle())
    kind, body = alice.send(b"genuine")
    accepted = set()
    for position in range(len(body)):
        forged = bytearray(body)
        forged[position] ^= 1 << position % 8
        try:
            decrypted = bob.try_receive(kind, bytes(forged))
        except SignalError:
            continue
        # Only the version's lower half and the registration id (its tag and value) are outside of what X3DH binds.
        assert decrypted.plaintext == b"genuine"
        assert decrypted.identity == alice.own.pair.public
        accepted.add(position)
    assert len(accepted) <= 4
    assert bob.record is None


def test_a_first_message_from_another_identity_is_refused() -> None:
    alice, bob, mallory = Device("alice"), Device("bob"), Device("mallory")
    alice.start(bob.bundle())
    _, body = alice.send(b"genuine")
    message = PreKeySignalMessage.parse(body)
    claimed = message._replace(identity=mallory.own.pair.public)
    with pytest.raises(InvalidMessage):
        bob.receive("pkmsg", claimed.encode())
    bob.receive("pkmsg", body)
    _, body = alice.send(b"second")
    claimed = PreKeySignalMessage.parse(body)._replace(identity=mallory.own.pair.public)
    with pytest.raises(InvalidMessage, match="another identity"):
        bob.receive("pkmsg", claimed.encode())


def test_a_message_for_somebody_else_is_refused() -> None:
    alice, _ = pair()
    carol, dave = Device("carol"), Device("dave")
    carol.start(dave.bundle())
    dave.receive(*carol.send(b"x"))
    with pytest.raises(InvalidMessage):
        dave.receive(*alice.send(b"not for dave"))


def test_a_message_reflected_to_its_sender_is_refused() -> None:
    alice, bob = pair()
    kind, body = alice.send(b"boomerang")
    with pytest.raises(SignalError):
        alice.receive(kind, body)
    with pytest.raises(SignalError):
        Device("alice").receive(*_first_message(alice, bob))


def test_a_low_order_ratchet_key_is_refused() -> None:
    _, bob = pair()
    with pytest.raises(InvalidKey):
        bob.receive("msg", signal_message(bytes(32), 0, 0, bytes(16)) + bytes(8))


@pytest.mark.parametrize("counter", [MAX_AHEAD + 1, 2**31, 2**32 - 1])
def test_forged_counters_cost_no_work(counter: int) -> None:
    alice, bob = pair()
    key = SignalMessage.parse(alice.send(b"x")[1]).ratchet_key
    with pytest.raises(InvalidMessage, match="ahead"):
        bob.receive("msg", signal_message(key, counter, 0, bytes(16)) + bytes(8))


def test_both_sides_start_at_once_and_agree_after_an_answer() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle())
    bob.start(alice.bundle())
    from_alice, from_bob = alice.send(b"from alice"), bob.send(b"from bob")
    assert bob.receive(*from_alice) == b"from alice"
    assert alice.receive(*from_bob) == b"from bob"
    for number in range(4):
        assert bob.receive(*alice.send(b"a%d" % number)) == b"a%d" % number
        assert alice.receive(*bob.send(b"b%d" % number)) == b"b%d" % number
    assert alice.record is not None and alice.record.current is not None
    assert bob.record is not None and bob.record.current is not None
    assert alice.record.current.base_key == bob.record.current.base_key
    assert len(alice.record.archived) == len(bob.record.archived) == 1


def test_an_archived_session_decrypts_what_was_on_its_way_and_becomes_current() -> None:
    alice, bob = pair()
    delayed = alice.send(b"delayed")
    bob.start(alice.bundle(2))
    assert bob.record is not None and bob.record.current is not None
    fresh = bob.record.current.base_key
    assert bob.receive(*delayed) == b"delayed"
    assert bob.record.current is not None and bob.record.current.base_key != fresh
    assert [old.base_key for old in bob.record.archived] == [fresh]


def test_a_session_closed_on_purpose_decrypts_but_does_not_encrypt() -> None:
    alice, bob = pair()
    assert alice.record is not None
    alice.record = alice.record.archive_current()
    with pytest.raises(NoSession):
        alice.send(b"x")
    assert alice.receive(*bob.send(b"late")) == b"late"


def test_archived_sessions_are_bounded() -> None:
    alice, bob = Device("alice"), Device("bob")
    for number in range(MAX_ARCHIVED + 5):
        alice.start(bob.bundle(number + 1))
        bob.receive(*alice.send(b"again"))
    for record in (alice.record, bob.record):
        assert record is not None
        assert len(record.archived) == MAX_ARCHIVED
        assert len({each.base_key for each in record.sessions}) == MAX_ARCHIVED + 1


def test_a_first_message_that_comes_again_is_a_duplicate_even_after_newer_sessions() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle(1))
    first = alice.send(b"first")
    bob.receive(*first)
    alice.start(bob.bundle(2))
    bob.receive(*alice.send(b"newer"))
    before = bob.record
    with pytest.raises(DuplicateMessage):
        bob.receive(*first)
    assert bob.record is before


def test_a_restarted_peer_is_followed() -> None:
    alice, bob = pair()
    reborn = Device("alice, installed again")
    reborn.start(bob.bundle(3))
    decrypted = bob.try_receive(*reborn.send(b"new phone"))
    assert decrypted.identity != alice.own.pair.public
    bob.record = decrypted.record
    assert reborn.receive(*bob.send(b"welcome")) == b"welcome"


def test_sessions_know_when_they_began_and_were_used() -> None:
    alice, bob = pair()
    bob.now += 60
    bob.receive(*alice.send(b"x"))
    assert bob.record is not None and bob.record.current is not None
    assert bob.record.current.used - bob.record.current.created == 60


def _but(bundle: PreKeyBundle, **changes: object) -> PreKeyBundle:

    return replace(bundle, **changes)


def _first_message(sender: Device, receiver: Device) -> tuple[str, bytes]:
    sender.start(receiver.bundle(4))
    return sender.send(b"first")
