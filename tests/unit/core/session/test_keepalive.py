"""The beat of one connection."""

from motte.core.binary.node import Node
from motte.core.session.keepalive import Beat, Pulse, server_ping
from motte.core.session.timers import Timing, earliest


def test_the_beat_is_fixed() -> None:
    pulse = Pulse(Timing(), 0.0)
    for moment in (30.0, 60.0, 90.0):
        pulse.heard(moment - 1)
        assert pulse.next_timer() == moment
        assert pulse.beat(moment - 0.1) is Beat.NOTHING
        assert pulse.beat(moment) is Beat.PING
        assert pulse.beat(moment) is Beat.NOTHING


def test_a_loop_that_was_held_up_pings_once_and_keeps_the_beat() -> None:
    pulse = Pulse(Timing(keepalive=10.0, keepalive_grace=100.0), 0.0)
    assert pulse.beat(47.0) is Beat.PING
    assert pulse.beat(47.0) is Beat.NOTHING
    assert pulse.next_timer() == 50.0


def test_silence_is_counted_from_the_last_frame() -> None:
    pulse = Pulse(Timing(keepalive=10.0, keepalive_grace=2.0), 0.0)
    pulse.beat(10.0)
    pulse.heard(11.0)
    assert pulse.beat(20.0) is Beat.PING
    assert pulse.next_timer() == 23.0
    assert pulse.beat(22.9) is Beat.NOTHING
    assert pulse.beat(23.0) is Beat.LOST


def test_only_the_servers_ping_is_a_ping() -> None:
    good = {"id": "1", "type": "get", "xmlns": "urn:xmpp:ping", "from": "s.whatsapp.net"}
    assert server_ping(Node("iq", good)) is not None
    assert server_ping(Node("message", good)) is None
    for name, value in (("type", "result"), ("xmlns", "w:p")):
        assert server_ping(Node("iq", {**good, name: value})) is None
    assert server_ping(Node("iq", {**good, "id": "1" * 1000})) is None
    del good["id"]
    assert server_ping(Node("iq", good)) is None


def test_the_earliest_of_what_there_is() -> None:
    assert earliest([None, 3.0, 2.0, None]) == 2.0
    assert earliest([None]) is None
