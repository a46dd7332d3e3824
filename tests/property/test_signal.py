"""Two devices that talk over a network which loses, repeats and reorders: no wrong plaintext, no trace of a failure."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from motte.core.signal import group_cipher, session
from motte.core.signal.record import SessionRecord
from motte.core.signal.sender_key import SenderKeyRecord
from motte.core.signal.wire import PreKeySignalMessage, SenderKeyDistribution, SenderKeyMessage, SignalMessage
from motte.errors import DuplicateMessage, InvalidMessage, SignalError
from tests.unit.core.signal.device import Device, SeededRng, pair

WHO = st.sampled_from(["alice", "bob"])


class Conversation(RuleBasedStateMachine):
    """Random sending, restarts, storage and delivery between two devices."""

    @initialize()
    def devices(self) -> None:
        self.device = {name: Device(name) for name in ("alice", "bob")}
        self.flying: list[tuple[str, str, bytes, bytes]] = []
        self.arrived: list[tuple[str, str, bytes, bytes]] = []
        self.count = 0

    def _peer(self, who: str) -> Device:
        return self.device["bob" if who == "alice" else "alice"]

    @rule(who=WHO, with_prekey=st.booleans())
    def start(self, who: str, with_prekey: bool) -> None:
        self.count += 1
        self.device[who].start(self._peer(who).bundle(self.count % 60 + 1 if with_prekey else None))

    @rule(who=WHO)
    def send(self, who: str) -> None:
        device = self.device[who]
        if device.record is None or device.record.current is None:
            return
        self.count += 1
        text = b"%d" % self.count
        kind, body = device.send(text)
        self.flying.append((who, kind, body, text))

    @precondition(lambda self: self.flying)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        message = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        sender, kind, body, text = message
        try:
            assert self._peer(sender).receive(kind, body) == text
        except InvalidMessage:
            return  # its chain was five turns of the ratchet ago
        self.arrived.append(message)

    @precondition(lambda self: self.flying)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))

    @precondition(lambda self: self.arrived)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        sender, kind, body, _ = data.draw(st.sampled_from(self.arrived))
        receiver = self._peer(sender)
        before = receiver.record
        assert before is not None
        stored = before.serialize()
        with pytest.raises((DuplicateMessage, InvalidMessage)):
            receiver.receive(kind, body)
        assert receiver.record is before and before.serialize() == stored

    @precondition(lambda self: self.flying)
    @rule(data=st.data())
    def forge(self, data: st.DataObject) -> None:
        sender, kind, body, text = data.draw(st.sampled_from(self.flying))
        forged = bytearray(body)
        forged[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
        receiver = self._peer(sender)
        before = receiver.record
        stored = before and before.serialize()
        with suppress(SignalError):
            # What is not bound (a registration id, an unknown field) may change; the text may not.
            assert receiver.try_receive(kind, bytes(forged)).plaintext == text
        assert receiver.record is before and (before and before.serialize()) == stored

    @rule(who=WHO)
    def store(self, who: str) -> None:
        device = self.device[who]
        if device.record is not None:
            parsed = SessionRecord.parse(device.record.serialize())
            assert parsed == device.record
            device.record = parsed

    @invariant()
    def the_state_is_bounded(self) -> None:
        for device in getattr(self, "device", {}).values():
            for each in device.record.sessions if device.record else ():
                assert len(each.receiving) <= 5


Conversation.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestConversation = Conversation.TestCase


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(12)), st.lists(st.integers(0, 11), max_size=6))
def test_group_messages_in_any_order_with_repetitions(order: list[int], repeated: list[int]) -> None:
    own = group_cipher.create(SeededRng("sender"))
    member = group_cipher.process(None, group_cipher.distribution(own))
    bodies = []
    for number in range(12):
        own, body = group_cipher.encrypt(own, b"%d" % number, SeededRng("blind"))
        bodies.append(body)
    for number in order:
        member, plaintext = group_cipher.decrypt(SenderKeyRecord.parse(member.serialize()), bodies[number])
        assert plaintext == b"%d" % number
    for number in repeated:
        with pytest.raises(DuplicateMessage):
            group_cipher.decrypt(member, bodies[number])


ALICE, BOB = pair()


@given(st.binary(max_size=300))
def test_any_bytes_give_a_signal_error(body: bytes) -> None:
    for parse in (SignalMessage.parse, PreKeySignalMessage.parse, SenderKeyMessage.parse, SenderKeyDistribution.parse):
        for candidate in (body, b"\x33" + body):
            try:
                parse(candidate)
            except InvalidMessage:
                continue


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_a_session(body: bytes) -> None:
    assert BOB.record is not None
    for candidate in (body, b"\x33" + body):
        with pytest.raises(SignalError):
            session.decrypt(BOB.record, candidate, own=BOB.own, rng=BOB.rng, now=0.0)
        with pytest.raises(SignalError):
            session.decrypt_prekey(
                BOB.record, candidate, own=BOB.own, signed_prekey=BOB.signed[1], prekey=None, rng=BOB.rng, now=0.0
            )


@given(st.binary(max_size=2000))
def test_any_plaintext_comes_back(plaintext: bytes) -> None:
    kind, body = ALICE.send(plaintext)
    assert BOB.try_receive(kind, body).plaintext == plaintext
