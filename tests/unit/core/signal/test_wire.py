import pytest

from motte.core.signal.wire import PreKeySignalMessage, SenderKeyDistribution, SenderKeyMessage, SignalMessage
from motte.errors import InvalidMessage
from motte.proto import signal_pb2 as pb
from tests.unit.core.signal.device import Device, pair

KEY = b"\x05" + bytes(range(32))
PARSERS = [SignalMessage.parse, PreKeySignalMessage.parse, SenderKeyMessage.parse, SenderKeyDistribution.parse]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("body", [b"", b"\x33", b"\x33" + bytes(7), b"\x33" * 8, b"\x33" + b"\xff" * 100, bytes(100)])
def test_garbage_is_an_invalid_message(parse: type, body: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse(body)


@pytest.mark.parametrize("version", [0x03, 0x13, 0x23, 0x43, 0xF3])
def test_other_versions_are_refused(version: int) -> None:
    _, body = pair()[0].send(b"x")
    with pytest.raises(InvalidMessage, match="version 3"):
        SignalMessage.parse(bytes((version,)) + body[1:])


@pytest.mark.parametrize("missing", ["ratchetKey", "ciphertext"])
def test_a_msg_without_a_part_is_refused(missing: str) -> None:
    message = pb.SignalMessage(ratchetKey=KEY, counter=0, previousCounter=0, ciphertext=bytes(16))
    assert SignalMessage.parse(b"\x33" + message.SerializeToString() + bytes(8)).ratchet_key == KEY[1:]
    message.ClearField(missing)  # type: ignore[arg-type]
    with pytest.raises(InvalidMessage):
        SignalMessage.parse(b"\x33" + message.SerializeToString() + bytes(8))


@pytest.mark.parametrize("missing", ["baseKey", "identityKey", "message", "signedPreKeyId"])
def test_a_pkmsg_without_a_part_is_refused(missing: str) -> None:
    message = pb.PreKeySignalMessage(baseKey=KEY, identityKey=KEY, message=b"x", signedPreKeyId=1, registrationId=1)
    assert PreKeySignalMessage.parse(b"\x33" + message.SerializeToString()).prekey_id is None
    message.ClearField(missing)  # type: ignore[arg-type]
    with pytest.raises(InvalidMessage):
        PreKeySignalMessage.parse(b"\x33" + message.SerializeToString())


@pytest.mark.parametrize("missing", ["id", "iteration", "ciphertext"])
def test_a_skmsg_without_a_part_is_refused(missing: str) -> None:
    message = pb.SenderKeyMessage(id=0, iteration=0, ciphertext=bytes(16))
    assert SenderKeyMessage.parse(b"\x33" + message.SerializeToString() + bytes(64)).id == 0
    message.ClearField(missing)  # type: ignore[arg-type]
    with pytest.raises(InvalidMessage):
        SenderKeyMessage.parse(b"\x33" + message.SerializeToString() + bytes(64))


@pytest.mark.parametrize("key", [b"", KEY[1:], b"\x06" + KEY[1:], KEY + b"\x00"])
def test_keys_must_be_of_the_one_type(key: bytes) -> None:
    message = pb.SignalMessage(ratchetKey=key, counter=0, previousCounter=0, ciphertext=bytes(16))
    with pytest.raises(InvalidMessage, match="public key"):
        SignalMessage.parse(b"\x33" + message.SerializeToString() + bytes(8))


def test_a_first_message_can_be_read_before_its_keys_are_loaded() -> None:
    alice, bob = Device("alice"), Device("bob")
    alice.start(bob.bundle(12))
    _, body = alice.send(b"x")
    message = PreKeySignalMessage.parse(body)
    assert (message.prekey_id, message.signed_prekey_id) == (12, 1)
    assert message.registration_id == alice.own.registration_id
    assert message.identity == alice.own.pair.public
    assert message.encode() == body
