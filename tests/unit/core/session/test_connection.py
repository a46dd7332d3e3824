"""The machine from hello to login and beyond, against a real Noise peer."""

import pytest

from motte.core.binary.node import Node
from motte.core.crypto.curve import KeyPair
from motte.core.noise.client import Pattern
from motte.core.session.connection import Closed, HandshakeDone, LoggedIn, StanzaReceived, StanzaUndecodable
from motte.core.session.states import State
from motte.core.session.timers import Timing
from motte.errors import Disconnected, LocalProtocolError
from motte.model.disconnect import Cause
from motte.model.jid import Jid
from motte.testing.rng import SeededRng
from tests.unit.core.session.peer import DATE, PAYLOAD, STATIC, SUCCESS, Peer, client, only, opened, shaken

MESSAGE = Node("message", {"id": "3EB0", "from": "15550100001@s.whatsapp.net"}, b"body")


def test_the_handshake_ends_with_a_certificate_and_the_payload_at_the_server() -> None:
    connection, peer = client(routing_info=b"\x08\x01"), Peer()
    connection.connected(0.0)
    assert connection.state.value == "handshake"
    done = only(connection.receive(peer.hello(connection.data_to_send()), 0.0))
    assert isinstance(done, HandshakeDone)
    assert (done.pattern, done.certificate.static) == (Pattern.XX, STATIC.public)
    peer.read(connection.data_to_send())
    assert (peer.payload, peer.routing_info) == (PAYLOAD, b"\x08\x01")
    assert connection.state is State.AUTHENTICATING


def test_a_login_carries_what_the_server_said() -> None:
    connection, peer = shaken()
    login = only(connection.receive(peer.write(SUCCESS), 0.0))
    assert isinstance(login, LoggedIn)
    assert (login.success.lid, login.success.t) == (Jid("100000000000001", "lid", 3), 1_700_000_000)
    assert connection.state is State.OPEN


def test_stanzas_flow_both_ways() -> None:
    connection, peer = opened()
    connection.send(MESSAGE)
    connection.send(Node("presence", {"type": "available"}))
    assert [node.tag for node in peer.read(connection.data_to_send())] == ["message", "presence"]
    assert connection.data_to_send() == b""
    assert only(connection.receive(peer.write(MESSAGE), 0.0)) == StanzaReceived(MESSAGE)


def test_any_split_of_the_stream_gives_the_same_outputs() -> None:
    connection, peer = shaken()
    data = peer.write(SUCCESS, MESSAGE, MESSAGE)
    outputs = [output for byte in data for output in connection.receive(bytes((byte,)), 0.0)]
    assert [type(output) for output in outputs] == [LoggedIn, StanzaReceived, StanzaReceived]


def test_the_end_drops_the_rest_of_the_chunk_and_everything_after() -> None:
    connection, peer = opened()
    end = Node("xmlstreamend")
    outputs = connection.receive(peer.write(MESSAGE, end, MESSAGE), 0.0)
    assert [type(output) for output in outputs] == [StanzaReceived, Closed]
    assert connection.receive(peer.write(MESSAGE), 0.0) == []
    assert connection.receive(b"\xff" * 9, 0.0) == []
    assert connection.transport_closed(1000) == []
    assert connection.end(Cause.CLOSED_LOCALLY) == []
    assert connection.handle_timer(1e9) == []
    assert connection.next_timer() is None


def test_sending_after_the_end_says_that_it_is_over() -> None:
    connection, _ = opened()
    connection.end(Cause.CLOSED_LOCALLY)
    with pytest.raises(Disconnected):
        connection.send(MESSAGE)


def test_sending_before_the_handshake_is_the_callers_mistake() -> None:
    connection = client()
    with pytest.raises(LocalProtocolError):
        connection.send(MESSAGE)


def test_what_was_queued_before_the_end_can_still_go_out() -> None:
    connection, peer = opened()
    connection.send(MESSAGE)
    connection.end(Cause.LOGGED_OUT_LOCALLY)
    assert peer.read(connection.data_to_send()) == [MESSAGE]


def test_a_stanza_that_does_not_decode_is_reported_and_survived() -> None:
    connection, peer = opened()
    bad = only(connection.receive(peer.write_raw(b"\x00\xf8\x03\x01"), 0.0))
    assert isinstance(bad, StanzaUndecodable)
    assert bad.size == 4
    assert only(connection.receive(peer.write(MESSAGE), 0.0)) == StanzaReceived(MESSAGE)


def test_a_frame_that_does_not_authenticate_ends_the_connection() -> None:
    connection, peer = opened()
    data = bytearray(peer.write(MESSAGE))
    data[-1] ^= 1
    closed = only(connection.receive(bytes(data), 0.0))
    assert isinstance(closed, Closed)
    assert (closed.info.cause, closed.info.code) == (Cause.PROTOCOL_ERROR, 500)


def test_a_server_that_speaks_first_is_cut_off() -> None:
    closed = only(client().receive(b"\x00\x00\x01x", 0.0))
    assert isinstance(closed, Closed)
    assert closed.info.cause is Cause.PROTOCOL_ERROR


def test_a_malformed_success_is_no_login() -> None:
    connection, peer = shaken()
    closed = only(connection.receive(peer.write(Node("success", {"t": "soon"})), 0.0))
    assert isinstance(closed, Closed)
    assert closed.info.cause is Cause.PROTOCOL_ERROR


def test_a_server_ping_is_answered_here() -> None:
    connection, peer = opened()
    ping = Node("iq", {"id": "7", "from": "s.whatsapp.net", "type": "get", "xmlns": "urn:xmpp:ping"})
    assert connection.receive(peer.write(ping), 0.0) == []
    (pong,) = peer.read(connection.data_to_send())
    assert (pong.tag, pong.attrs["id"], pong.attrs["type"]) == ("iq", "7", "result")


def test_the_beat_pings_and_the_pong_is_nobodys_business() -> None:
    connection, peer = opened()
    assert connection.next_timer() == 30.0
    assert connection.handle_timer(29.9) == []
    assert connection.data_to_send() == b""
    assert connection.handle_timer(30.0) == []
    (ping,) = peer.read(connection.data_to_send())
    assert ping.attrs["xmlns"] == "w:p"
    assert ping.child("ping") is not None
    pong = Node("iq", {"id": ping.attrs["id"], "from": "s.whatsapp.net", "type": "result"})
    assert connection.receive(peer.write(pong), 30.1) == []
    assert connection.next_timer() == 60.0


def test_silence_beyond_the_grace_is_a_loss_and_any_frame_is_not_silence() -> None:
    connection, peer = opened()
    connection.handle_timer(30.0)
    connection.receive(peer.write(MESSAGE), 34.0)
    assert connection.handle_timer(35.0) == []
    connection.handle_timer(60.0)
    closed = only(connection.handle_timer(69.0))
    assert isinstance(closed, Closed)
    assert (closed.info.cause, closed.info.code) == (Cause.KEEPALIVE_LOST, 408)


def test_half_a_frame_is_not_a_sign_of_life() -> None:
    connection, peer = opened()
    connection.receive(peer.write(MESSAGE)[:-1], 34.0)
    closed = only(connection.handle_timer(35.0))
    assert isinstance(closed, Closed)
    assert closed.info.cause is Cause.KEEPALIVE_LOST


def test_a_late_hello_is_a_handshake_time_out() -> None:
    connection = client(timing=Timing(handshake=20.0))
    assert connection.next_timer() is None
    connection.connected(5.0)
    assert connection.next_timer() == 25.0
    assert connection.handle_timer(24.9) == []
    closed = only(connection.handle_timer(25.0))
    assert isinstance(closed, Closed)
    assert (closed.info.cause, closed.info.code) == (Cause.HANDSHAKE_TIMEOUT, 408)


def test_a_login_that_is_not_answered_is_given_up_though_the_server_lives() -> None:
    connection, peer = shaken(1.0, Timing(login=30.0, keepalive=20.0))
    ping = Node("iq", {"id": "p", "type": "get", "xmlns": "urn:xmpp:ping", "from": "s.whatsapp.net"})
    connection.receive(peer.write(ping), 29.0)
    closed = [output for output in connection.handle_timer(31.0) if isinstance(output, Closed)]
    assert [(end.info.cause, end.info.code) for end in closed] == [(Cause.LOGIN_TIMEOUT, 408)]


@pytest.mark.parametrize("hello", [b"", b"\x00", b"\xff" * 40, b"\x12\x02\x0a\x00"])
def test_garbage_instead_of_a_hello_fails_the_handshake(hello: bytes) -> None:
    connection = client()
    connection.connected(0.0)
    closed = only(connection.receive(len(hello).to_bytes(3, "big") + hello, 0.0))
    assert isinstance(closed, Closed)
    assert closed.info.cause is Cause.HANDSHAKE_FAILED


def test_a_foreign_root_is_refused_with_the_check_that_said_so() -> None:
    connection, peer = client(), Peer(root=KeyPair.generate(SeededRng("another root")))
    connection.connected(0.0)
    closed = only(connection.receive(peer.hello(connection.data_to_send()), 0.0))
    assert isinstance(closed, Closed)
    assert (closed.info.cause, closed.info.code) == (Cause.CERTIFICATE_REFUSED, 400)
    assert "intermediate.signature" in closed.info.text
    assert connection.data_to_send() == b""


def test_an_expired_certificate_is_refused() -> None:
    connection, peer = client(date=DATE + 10 * 365 * 86_400), Peer()
    connection.connected(0.0)
    closed = only(connection.receive(peer.hello(connection.data_to_send()), 0.0))
    assert isinstance(closed, Closed)
    assert closed.info.cause is Cause.CERTIFICATE_REFUSED


def test_ids_count_up_behind_a_random_prefix() -> None:
    connection = client()
    first, second = connection.ids.next(), connection.ids.next()
    prefix, number = first.split("-")
    high, low = map(int, prefix.split("."))
    assert high < 65_536 and low < 65_536
    assert (number, second) == ("1", f"{prefix}-2")
