"""Whatever a server, a network or a clock does, the machine answers with outputs, and with one end at most."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from motte.core.binary.encoder import encode
from motte.core.binary.node import Node
from motte.core.session.connection import Closed, Connection, Output
from motte.core.session.states import State
from motte.errors import TransportError
from motte.model.disconnect import ROWS, Cause
from tests.unit.core.session.peer import SUCCESS, Peer, client, opened, shaken

Act = Callable[[Connection, Peer, float], list[Output]]

texts = st.text(max_size=20)
codes = st.one_of(texts, st.integers(-10, 1000).map(str), st.just("9" * 200))
children = st.lists(
    st.builds(
        lambda tag, kind: Node(tag, {"type": kind}),
        st.sampled_from(["conflict", "ack", "xml-not-well-formed", "downgrade_webclient", "ping", "other"]),
        st.one_of(st.sampled_from(["replaced", "device_removed"]), texts),
    ),
    max_size=3,
).map(tuple)
tags = st.sampled_from(["stream:error", "failure", "xmlstreamend", "ib", "iq", "success", "message"])
names = st.sampled_from(["code", "reason", "expire", "message", "location", "id", "type", "xmlns", "from", "t", "lid"])
nodes = st.builds(
    Node,
    tags,
    st.dictionaries(names, st.one_of(codes, st.sampled_from(["get", "urn:xmpp:ping"])), max_size=5),
    children,
)


def stanza(node: Node) -> Act:
    return lambda connection, peer, now: connection.receive(peer.write_raw(encode(node)), now)


def sealed(data: bytes) -> Act:
    return lambda connection, peer, now: connection.receive(peer.write_raw(data), now)


def raw(data: bytes) -> Act:
    return lambda connection, peer, now: connection.receive(data, now)


def lost(kind: str) -> Act:
    return lambda connection, peer, now: connection.transport_failed(TransportError(kind, "lost"))


acts = st.one_of(
    nodes.map(stanza),
    st.binary(max_size=60).map(sealed),
    st.binary(max_size=60).map(raw),
    st.sampled_from(["refused", "tls", "else"]).map(lost),
    st.just(lambda connection, peer, now: connection.handle_timer(now)),
    st.just(lambda connection, peer, now: connection.transport_closed(1006, "")),
    st.just(stanza(SUCCESS)),
)
steps = st.lists(st.tuples(acts, st.floats(0, 50)), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([shaken, opened]), steps)
def test_one_end_at_most_and_nothing_after_it(start: Callable[[], tuple[Connection, Peer]], steps_: list) -> None:  # type: ignore[type-arg]
    connection, peer = start()
    now, outputs = 0.0, []
    for act, pause in steps_:
        now += pause
        outputs += act(connection, peer, now)
        connection.data_to_send()
    ends = [output for output in outputs if isinstance(output, Closed)]
    assert len(ends) <= 1
    assert ends == outputs[-1:] or not ends
    assert (connection.state is State.CLOSED) == bool(ends)
    for end in ends:
        assert end.info.cause in ROWS
        assert end.info.code > 0
        assert end.info.text


@settings(max_examples=150, deadline=None)
@given(st.booleans(), st.lists(st.binary(max_size=200), max_size=5))
def test_garbage_before_the_handshake_is_an_end_or_nothing(greeted: bool, chunks: list[bytes]) -> None:
    connection = client()
    if greeted:
        connection.connected(0.0)
    outputs = [output for chunk in chunks for output in connection.receive(chunk, 0.0)]
    assert [type(output) for output in outputs] in ([], [Closed])
    for output in outputs:
        assert isinstance(output, Closed)
        assert output.info.cause in (Cause.PROTOCOL_ERROR, Cause.HANDSHAKE_FAILED)


@given(st.data())
def test_any_split_of_a_stream_gives_the_same(data: st.DataObject) -> None:
    connection, peer = shaken()
    stream = peer.write(SUCCESS, Node("message", {"id": "1"}), Node("receipt", {"id": "2"}), Node("xmlstreamend"))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    outputs: list[Output] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        outputs += connection.receive(stream[start:end], 0.0)
    assert [type(output).__name__ for output in outputs] == ["LoggedIn", "StanzaReceived", "StanzaReceived", "Closed"]
