"""Every input at every state: in the table, and through the machine's methods."""

from collections.abc import Callable
from itertools import product

import pytest

from motte.core.binary.node import Node
from motte.core.session.connection import Connection
from motte.core.session.states import TABLE, Effect, Input, State, step
from motte.errors import Disconnected, LocalProtocolError
from motte.model.disconnect import Cause
from tests.unit.core.session.peer import SUCCESS, Peer, client, opened, shaken

ILLEGAL = {
    # before Noise is up nothing can be sent or read
    (State.DIALING, Input.HELLO),
    (State.DIALING, Input.PAIRED),
    (State.DIALING, Input.SUCCESS),
    (State.DIALING, Input.SEND),
    (State.HANDSHAKE, Input.PAIRED),
    (State.HANDSHAKE, Input.SUCCESS),
    (State.HANDSHAKE, Input.SEND),
    # a WebSocket opens once, a handshake ends once
    (State.HANDSHAKE, Input.CONNECTED),
    (State.AUTHENTICATING, Input.CONNECTED),
    (State.AUTHENTICATING, Input.HELLO),
    (State.PAIRED, Input.CONNECTED),
    (State.PAIRED, Input.HELLO),
    (State.OPEN, Input.CONNECTED),
    (State.OPEN, Input.HELLO),
    # a device is linked once, and only before it logs in
    (State.PAIRED, Input.PAIRED),
    (State.OPEN, Input.PAIRED),
    # the machine itself makes these out of frames, which a closed one does not read
    (State.CLOSED, Input.HELLO),
    (State.CLOSED, Input.SUCCESS),
    (State.CLOSED, Input.SEND),
}


@pytest.mark.parametrize(("state", "happened"), list(product(State, Input)))
def test_the_table_has_a_row_or_raises(state: State, happened: Input) -> None:
    if (state, happened) in ILLEGAL:
        with pytest.raises(Disconnected if state is State.CLOSED else LocalProtocolError):
            step(state, happened)
    else:
        effect, after = step(state, happened)
        assert (effect is Effect.CLOSE) == (happened is Input.END and state is not State.CLOSED)
        assert (after is State.CLOSED) == (happened is Input.END or state is State.CLOSED)


def test_no_row_is_unreachable() -> None:
    assert set(TABLE).isdisjoint(ILLEGAL)
    assert len(TABLE) + len(ILLEGAL) == len(State) * len(Input)


def in_state(state: State) -> tuple[Connection, Peer]:
    if state is State.DIALING:
        return client(), Peer()
    if state is State.HANDSHAKE:
        connection, peer = client(), Peer()
        connection.connected(0.0)
        return connection, peer
    connection, peer = opened() if state is State.OPEN else shaken()
    if state is State.PAIRED:
        connection.paired()
    if state is State.CLOSED:
        connection.end(Cause.CLOSED_LOCALLY)
    return connection, peer


def frame_for(connection: Connection, peer: Peer) -> bytes:
    if connection.state is State.DIALING:
        return b"\x00\x00\x01x"
    if connection.state is State.HANDSHAKE:
        return peer.hello(connection.data_to_send())
    return peer.write(Node("message", {"id": "1"}))


FIRE: dict[Input, Callable[[Connection, Peer], object]] = {
    Input.CONNECTED: lambda connection, peer: connection.connected(0.0),
    Input.FRAME: lambda connection, peer: connection.receive(frame_for(connection, peer), 0.0),
    Input.PAIRED: lambda connection, peer: connection.paired(),
    Input.SUCCESS: lambda connection, peer: connection.receive(peer.write(SUCCESS), 0.0),
    Input.SEND: lambda connection, peer: connection.send(Node("presence")),
    Input.TIMER: lambda connection, peer: connection.handle_timer(0.0),
    Input.END: lambda connection, peer: connection.end(Cause.CLOSED_LOCALLY),
}
AFTER_FRAME = {State.DIALING: State.CLOSED, State.HANDSHAKE: State.AUTHENTICATING}
"""Where a frame leads by itself: out of turn to the end, a hello to the next state."""


FIRABLE = [
    (state, happened)
    for state, happened in product(State, FIRE)
    # No stanza can be written before the handshake; what a bare frame does then is Input.FRAME's business.
    if not (happened is Input.SUCCESS and state in (State.DIALING, State.HANDSHAKE))
]


@pytest.mark.parametrize(("state", "happened"), FIRABLE)
def test_the_machine_does_what_the_table_says(state: State, happened: Input) -> None:
    connection, peer = in_state(state)
    assert connection.state is state
    expected = TABLE.get((state, happened))
    if happened is Input.SUCCESS and state is State.CLOSED:
        expected = TABLE[state, Input.FRAME]  # a closed machine does not look into frames
    if expected is None:
        with pytest.raises((LocalProtocolError, Disconnected)):
            FIRE[happened](connection, peer)
        assert connection.state is state
        return
    FIRE[happened](connection, peer)
    after = AFTER_FRAME.get(state, expected.state) if happened is Input.FRAME else expected.state
    assert connection.state is after
