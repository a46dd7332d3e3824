"""Messages that cannot be decrypted and come by the own phone: once, whoever is first, and from nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from motte import Client, events
from motte.core.binary.node import Node
from motte.proto.e2e_pb2 import Message
from motte.proto.web_message_pb2 import WebMessageInfo
from motte.runtime.clock import SystemClock, Timer
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, Unlinked, soon
from tests.e2e.past import past
from tests.e2e.people import drop_session, lid, me, saying, settled, tell, texts_of, undecryptable_of
from tests.e2e.wiretap import Wiretap, sent

LOST = "3EB0000000000000AAAA"


def lost(server: LocalServer, receiver: Client, *, age: float = 0.0) -> None:
    """A message of carol's that nobody can decrypt."""
    enc = Node("enc", {"v": "2", "type": "msg"}, b"\x33" + bytes(60))
    stamp = str(int(time.time() - age))
    attrs = {"id": LOST, "from": str(server.account("carol").lid), "t": stamp, "type": "text"}
    server.deliver(me(receiver).pn, Node("message", attrs, (enc,)))


def asked(tap: Wiretap, client: Client) -> list[Node]:
    return tap.all(sent(me(client).pn, "message", category="peer"))


async def test_what_the_sender_does_not_send_again_comes_by_the_phone(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice", ask_phone_after=0)
    server.phone("carol")
    past(server).chat("carol").text("are you there?", message_id=LOST)
    await settled(alice)
    tap, seen, broken = Wiretap(server), texts_of(alice), undecryptable_of(alice)
    got = alice.expect(events.MessageReceived)
    lost(server, alice)
    event = await soon(got)
    carol = server.account("carol").lid
    assert (event.text, event.recovered, event.message.key) == ("are you there?", True, broken[0].key)
    assert (event.chat, event.message.origin) == (carol, broken[0].origin)
    assert (broken[0].attempt, broken[0].final) == (1, False)
    # Once more from the server: it is known, and nobody is asked again.
    lost(server, alice)
    await tap.first(sent(me(alice).pn, "receipt", id=LOST, type=None))
    await settled(alice)
    assert (seen, len(broken), len(asked(tap, alice))) == (["are you there?"], 1, 1)


async def test_a_phone_that_does_not_know_it_is_asked_once(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice", ask_phone_after=0)
    server.phone("carol")
    await settled(alice)
    tap, seen, broken = Wiretap(server), texts_of(alice), undecryptable_of(alice)
    for number in range(3):
        lost(server, alice)
        await tap.nth(number + 1, sent(me(alice).pn, "ack", class_="message", error="500"))
    await tap.first(sent(me(alice).pn, "message", category="peer"))
    await settled(alice)
    assert (seen, len(asked(tap, alice))) == ([], 1)
    assert [failure.final for failure in broken] == [False] * 3


@pytest.mark.parametrize(
    ("config", "age"), [({"ask_phone_after": None}, 0.0), ({"ask_phone_after": 0}, 15 * 86400.0)], ids=["off", "old"]
)
async def test_a_phone_that_is_not_asked(
    server: LocalServer, linked: Linked, config: dict[str, Any], age: float
) -> None:
    alice = await linked("alice", **config)
    server.phone("carol")
    past(server).chat("carol").text("never", message_id=LOST)
    await settled(alice)
    tap, seen = Wiretap(server), texts_of(alice)
    lost(server, alice, age=age)
    await tap.first(sent(me(alice).pn, "ack", class_="message", error="500"))
    await settled(alice)
    assert (seen, asked(tap, alice)) == ([], [])


async def test_both_ways_bring_it_once(server: LocalServer, linked: Linked, opened: Unlinked, tmp_path: Path) -> None:
    """The phone is first; the sender, who was away, answers the retry receipt when this client has restarted."""
    alice = await linked("alice", tmp_path / "alice.db")
    bob = await linked("bob", tmp_path / "bob.db", ask_phone_after=0)
    await tell(alice, bob, "before")
    await tell(bob, alice, "and back")
    await settled(bob)
    author = lid(alice)
    await soon(bob.disconnect())
    await drop_session(bob, author)
    message = await soon(alice.messages.send(lid(bob), "precious"))
    past(server, "bob").chat("alice").text("precious", message_id=message.key.id)
    await soon(alice.close())
    tap, got = Wiretap(server), bob.expect(events.MessageReceived, saying("precious"))
    await soon(bob.connect())
    assert (await soon(got)).message.key.id == message.key.id
    await settled(bob)
    await soon(bob.close())
    bob = await opened("bob", tmp_path / "bob.db", ask_phone_after=0)
    seen, broken = texts_of(bob), undecryptable_of(bob)
    await soon(bob.connect())
    alice = await opened("alice", tmp_path / "alice.db")
    await soon(alice.connect())
    await tap.first(sent(me(bob).pn, "receipt", id=message.key.id, type=None))
    await tell(alice, bob, "after")
    assert (seen, broken) == (["after"], [])


class HeldClock(SystemClock):
    """Keeps the calls that are an hour away, to be made by hand."""

    def __init__(self) -> None:
        self.held: list[Callable[[], object]] = []

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        if 3500 < when - self.monotonic() <= 3600:
            self.held.append(callback)
        return super().call_at(when, callback)


async def test_a_retry_that_is_in_time_leaves_the_phone_alone(server: LocalServer, linked: Linked) -> None:
    clock = HeldClock()
    alice, bob = await linked("alice"), await linked("bob", ask_phone_after=3600, clock=clock)
    server.phone("carol")
    await tell(alice, bob, "before")
    await tell(bob, alice, "and back")
    await settled(bob)
    await drop_session(bob, lid(alice))
    tap = Wiretap(server)
    clock.held.clear()
    assert (await tell(alice, bob, "in time")).recovered
    (ask_for_it,) = clock.held
    ask_for_it()
    await settled(bob)
    assert asked(tap, bob) == []
    lost(server, bob)  # and one that no retry brings
    await tap.first(sent(me(bob).pn, "ack", class_="message", id=LOST, error="500"))
    await settled(bob)
    clock.held[1]()
    await tap.first(sent(me(bob).pn, "message", category="peer"))


async def test_only_the_phone_answers(server: LocalServer, linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another person, and another own device, that know the request's id."""
    alice, bob, tablet = await linked("alice", ask_phone_after=0), await linked("bob"), await linked("alice")
    server.phone("carol")
    await settled(alice)
    tap, seen = Wiretap(server), texts_of(alice)
    lost(server, alice)
    request = await tap.first(sent(me(alice).pn, "message", category="peer"))
    forged = alice.expect(events.MessageForged)
    for stranger in (tablet, bob):
        assert stranger._engine is not None
        await stranger._engine.parts.peers.send(_answer(request.attrs["id"]), to=lid(alice))
    await soon(forged)
    await settled(alice)
    assert seen == []


def _answer(request_id: str) -> Message:
    said = Message()
    said.protocolMessage.type = Message.ProtocolMessage.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE
    response = said.protocolMessage.peerDataOperationRequestResponseMessage
    response.stanzaId = request_id
    info = WebMessageInfo(message=Message(conversation="believe me"), messageTimestamp=5)
    info.key.id = LOST
    result = response.peerDataOperationResult.add()
    result.placeholderMessageResendResponse.webMessageInfoBytes = info.SerializeToString()
    return said
