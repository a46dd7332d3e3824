import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.signal import group_cipher
from motte.core.signal.chain import MAX_AHEAD
from motte.core.signal.sender_key import MAX_STATES, SenderKeyRecord
from motte.core.signal.wire import SenderKeyDistribution, SenderKeyMessage, sender_key_message
from motte.errors import DuplicateMessage, InvalidMessage, InvalidSignature, NoSession
from tests.unit.core.signal.device import SeededRng

CASES = json.loads((Path(__file__).parents[3] / "vectors" / "senderkey.json").read_text())["cases"]
SIGNATURE = 64


def own_and_member(seed: str = "sender") -> tuple[SenderKeyRecord, SenderKeyRecord]:
    own = group_cipher.create(SeededRng(seed))
    return own, group_cipher.process(None, group_cipher.distribution(own))


def send(record: SenderKeyRecord, count: int) -> tuple[SenderKeyRecord, list[bytes]]:
    bodies = []
    for number in range(count):
        record, body = group_cipher.encrypt(record, b"group %d" % number, SeededRng(f"blind {number}"))
        bodies.append(body)
    return record, bodies


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_group_messages_of_baileys_decrypt_in_any_order(case: dict[str, Any]) -> None:
    record = group_cipher.process(None, bytes.fromhex(case["distribution"]))
    for number in case["order"]:
        record = SenderKeyRecord.parse(record.serialize())
        record, plaintext = group_cipher.decrypt(record, bytes.fromhex(case["messages"][number]))
        assert plaintext == b"group %d" % number


def test_our_messages_equal_those_of_baileys_up_to_the_blinded_signature() -> None:
    case = CASES[1]
    draws = iter(bytes.fromhex(draw) for draw in case["draws"])
    own = group_cipher.create(lambda length: next(draws))
    assert own.states[0].id == case["key_id"]
    assert group_cipher.distribution(own).hex() == case["distribution"]
    _, bodies = send(own, len(case["messages"]))
    assert [body[:-SIGNATURE].hex() for body in bodies] == [text[: -2 * SIGNATURE] for text in case["messages"]]


def test_each_message_takes_one_iteration() -> None:
    _, bodies = send(own_and_member()[0], 3)
    assert [SenderKeyMessage.parse(body).iteration for body in bodies] == [0, 1, 2]


def test_a_distribution_opens_what_comes_after_it_only() -> None:
    own, _ = own_and_member()
    own, before = send(own, 3)
    late = group_cipher.process(None, group_cipher.distribution(own))
    own, after = send(own, 1)
    assert group_cipher.decrypt(late, after[0])[1] == b"group 0"
    with pytest.raises(DuplicateMessage):
        group_cipher.decrypt(late, before[2])


def test_a_message_decrypts_once() -> None:
    own, member = own_and_member()
    _, bodies = send(own, 2)
    member, _ = group_cipher.decrypt(member, bodies[1])
    member, _ = group_cipher.decrypt(member, bodies[0])
    for body in bodies:
        with pytest.raises(DuplicateMessage):
            group_cipher.decrypt(member, body)


def test_a_member_cannot_send_with_the_key_of_another() -> None:
    _, member = own_and_member()
    with pytest.raises(NoSession):
        group_cipher.encrypt(member, b"x", SeededRng("member"))
    with pytest.raises(NoSession):
        group_cipher.distribution(member)
    with pytest.raises(NoSession):
        group_cipher.distribution(SenderKeyRecord())


def test_an_unknown_key_is_no_session() -> None:
    _, member = own_and_member()
    _, bodies = send(own_and_member("another")[0], 1)
    with pytest.raises(NoSession):
        group_cipher.decrypt(member, bodies[0])


@pytest.mark.parametrize("position", [0, 1, 5, 20, -65, -64, -1])
def test_a_changed_byte_is_refused_and_leaves_the_record_alone(position: int) -> None:
    own, member = own_and_member()
    _, bodies = send(own, 1)
    forged = bytearray(bodies[0])
    forged[position] ^= 0x10
    before = member.serialize()
    with pytest.raises((InvalidSignature, InvalidMessage, NoSession)):
        group_cipher.decrypt(member, bytes(forged))
    assert member.serialize() == before
    assert group_cipher.decrypt(member, bodies[0])[1] == b"group 0"


def signed_by_sender(own: SenderKeyRecord, iteration: int, ciphertext: bytes) -> bytes:
    state = own.states[0]
    assert state.signing is not None
    body = sender_key_message(state.id, iteration, ciphertext)
    return body + state.signing.sign(body, SeededRng("forger"))


def test_counters_far_ahead_and_malformed_ciphertexts_are_refused() -> None:
    own, member = own_and_member()
    for iteration in (MAX_AHEAD + 1, 2**31, 2**32 - 1):
        with pytest.raises(InvalidMessage, match="ahead"):
            group_cipher.decrypt(member, signed_by_sender(own, iteration, bytes(16)))
    for ciphertext in (b"", bytes(15), bytes(16)):
        with pytest.raises(InvalidMessage, match="malformed"):
            group_cipher.decrypt(member, signed_by_sender(own, 0, ciphertext))


def test_a_key_at_the_end_of_its_numbers_can_be_stored() -> None:
    own, _ = own_and_member()
    state = own.states[0]
    last = SenderKeyDistribution(state.id, 2**32 - 1, bytes(32), state.signing_public).encode()
    member = group_cipher.process(None, last)
    assert SenderKeyRecord.parse(member.serialize()) == member


def test_previous_keys_of_a_sender_still_decrypt_until_forgotten() -> None:
    records = [own_and_member(f"rotation {number}")[0] for number in range(MAX_STATES + 1)]
    member = None
    for own in records:
        member = group_cipher.process(member, group_cipher.distribution(own))
    assert member is not None and len(member.states) == MAX_STATES
    for own in records[1:]:
        member, plaintext = group_cipher.decrypt(member, send(own, 1)[1][0])
        assert plaintext == b"group 0"
    assert member.states[0].id == records[-1].states[0].id
    with pytest.raises(NoSession):
        group_cipher.decrypt(member, send(records[0], 1)[1][0])


def test_a_distribution_that_comes_again_brings_no_used_key_back() -> None:
    own, member = own_and_member()
    first = group_cipher.distribution(own)
    _, bodies = send(own, 3)
    member, _ = group_cipher.decrypt(member, bodies[2])
    member = group_cipher.process(member, first)
    with pytest.raises(DuplicateMessage):
        group_cipher.decrypt(member, bodies[2])
    assert group_cipher.decrypt(member, bodies[0])[1] == b"group 0"


def test_a_distribution_brings_back_a_receiver_that_fell_too_far_behind() -> None:
    own, member = own_and_member()
    own, missed = send(own, 1)
    member, _ = group_cipher.decrypt(member, send(own, 1)[1][0])
    state = own.states[0]
    far = SenderKeyDistribution(state.id, MAX_AHEAD + 500, b"k" * 32, state.signing_public).encode()
    member = group_cipher.process(member, far)
    assert member.states[0].receiving.chain.counter == MAX_AHEAD + 500
    assert group_cipher.decrypt(member, missed[0])[1] == b"group 0"


def test_a_key_id_taken_over_with_another_signing_key_replaces_the_state() -> None:
    own, member = own_and_member()
    other = own_and_member("other")[0].states[0]
    stolen = SenderKeyDistribution(own.states[0].id, 0, bytes(32), other.signing_public).encode()
    member = group_cipher.process(member, stolen)
    assert [state.signing_public for state in member.states] == [other.signing_public]


@pytest.mark.parametrize(
    "body",
    [b"", b"\x33", b"\x43\x08\x01", b"\x33\xff\xff", b"\x33\x08\x01\x1a\x20" + bytes(32) + b"\x22\x01\x05"],
    ids=["empty", "no fields", "version 4", "not protobuf", "short key"],
)
def test_malformed_distributions_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidMessage):
        group_cipher.process(None, body)
