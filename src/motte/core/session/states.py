"""The states of a connection and everything that may happen in them, in one table.

    DIALING ──connected──▶ HANDSHAKE ──hello──▶ AUTHENTICATING ──success──▶ OPEN
                                                   │    ▲ paired               │
                                                   ▼    │                      │
                                                 PAIRED ┴──success─────────────┘
    any ──end──▶ CLOSED, where whatever still comes from outside is ignored

An input that has no row is a mistake of the caller and raises `LocalProtocolError`. A frame that comes too early is a
mistake of the server: it has a row, whose effect ends the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Final, NamedTuple

from motte.errors import Disconnected, LocalProtocolError


@unique
class State(StrEnum):
    """Where a connection stands."""

    DIALING = "dialing"
    """The WebSocket is not open yet."""
    HANDSHAKE = "handshake"
    """Our hello is out, the server's is awaited."""
    AUTHENTICATING = "authenticating"
    """Noise is up; the server's `<success/>`, or its QR refs, are awaited."""
    PAIRED = "paired"
    """The phone linked this device; the server's restart is awaited."""
    OPEN = "open"
    """Logged in."""
    CLOSED = "closed"
    """Over for good. A new connection is a new object."""


@unique
class Input(StrEnum):
    """What can happen to a connection."""

    CONNECTED = "connected"
    """The WebSocket opened."""
    FRAME = "frame"
    """A whole frame arrived."""
    HELLO = "hello"
    """The server's handshake answer was accepted."""
    PAIRED = "paired"
    """The phone's link was verified and answered."""
    SUCCESS = "success"
    """The server accepted the login."""
    SEND = "send"
    """A stanza is to be sent."""
    TIMER = "timer"
    """Time passed."""
    END = "end"
    """Something ended the connection: the network, the server, the clock or the caller."""


@unique
class Effect(StrEnum):
    """What the machine does about it."""

    GREET = "send the intro and the client hello"
    SHAKE_HANDS = "read the server hello, answer it"
    START_KEEPALIVE = "start to keep alive"
    READ_STANZA = "decrypt, decode, look at it"
    ANNOUNCE = "announce the login"
    NOTE = "nothing but the new state"
    PASS_ON = "give the stanza to the router"
    SEAL = "encode, encrypt, queue"
    CHECK_HANDSHAKE = "give up on a handshake that is late"
    KEEP_ALIVE = "ping, or give up on a silent server"
    VIOLATION = "end it: the server spoke out of turn"
    CLOSE = "tell why, forget the rest"
    IGNORE = "nothing"


class Transition(NamedTuple):
    """What is done, and the state after it."""

    effect: Effect
    state: State


_DIALING, _HANDSHAKE, _AUTHENTICATING, _PAIRED, _OPEN, _CLOSED = State

TABLE: Final[Mapping[tuple[State, Input], Transition]] = MappingProxyType(
    {
        (_DIALING, Input.CONNECTED): Transition(Effect.GREET, _HANDSHAKE),
        (_DIALING, Input.FRAME): Transition(Effect.VIOLATION, _DIALING),
        (_DIALING, Input.TIMER): Transition(Effect.IGNORE, _DIALING),
        (_DIALING, Input.END): Transition(Effect.CLOSE, _CLOSED),
        (_HANDSHAKE, Input.FRAME): Transition(Effect.SHAKE_HANDS, _HANDSHAKE),
        (_HANDSHAKE, Input.HELLO): Transition(Effect.START_KEEPALIVE, _AUTHENTICATING),
        (_HANDSHAKE, Input.TIMER): Transition(Effect.CHECK_HANDSHAKE, _HANDSHAKE),
        (_HANDSHAKE, Input.END): Transition(Effect.CLOSE, _CLOSED),
        (_AUTHENTICATING, Input.FRAME): Transition(Effect.READ_STANZA, _AUTHENTICATING),
        (_AUTHENTICATING, Input.PAIRED): Transition(Effect.NOTE, _PAIRED),
        (_AUTHENTICATING, Input.SUCCESS): Transition(Effect.ANNOUNCE, _OPEN),
        (_AUTHENTICATING, Input.SEND): Transition(Effect.SEAL, _AUTHENTICATING),
        (_AUTHENTICATING, Input.TIMER): Transition(Effect.KEEP_ALIVE, _AUTHENTICATING),
        (_AUTHENTICATING, Input.END): Transition(Effect.CLOSE, _CLOSED),
        (_PAIRED, Input.FRAME): Transition(Effect.READ_STANZA, _PAIRED),
        (_PAIRED, Input.SUCCESS): Transition(Effect.ANNOUNCE, _OPEN),
        (_PAIRED, Input.SEND): Transition(Effect.SEAL, _PAIRED),
        (_PAIRED, Input.TIMER): Transition(Effect.KEEP_ALIVE, _PAIRED),
        (_PAIRED, Input.END): Transition(Effect.CLOSE, _CLOSED),
        (_OPEN, Input.FRAME): Transition(Effect.READ_STANZA, _OPEN),
        (_OPEN, Input.SUCCESS): Transition(Effect.PASS_ON, _OPEN),
        (_OPEN, Input.SEND): Transition(Effect.SEAL, _OPEN),
        (_OPEN, Input.TIMER): Transition(Effect.KEEP_ALIVE, _OPEN),
        (_OPEN, Input.END): Transition(Effect.CLOSE, _CLOSED),
        (_CLOSED, Input.CONNECTED): Transition(Effect.IGNORE, _CLOSED),
        (_CLOSED, Input.FRAME): Transition(Effect.IGNORE, _CLOSED),
        (_CLOSED, Input.PAIRED): Transition(Effect.IGNORE, _CLOSED),
        (_CLOSED, Input.TIMER): Transition(Effect.IGNORE, _CLOSED),
        (_CLOSED, Input.END): Transition(Effect.IGNORE, _CLOSED),
    }
)
"""(state, input) → (effect, next state)."""


def step(state: State, happened: Input) -> Transition:
    """The row for an input in a state.

    Raises:
        Disconnected: a stanza is to be sent and the connection is over.
        LocalProtocolError: the input cannot be in this state.
    """
    transition = TABLE.get((state, happened))
    if transition is not None:
        return transition
    if state is State.CLOSED:
        raise Disconnected("the connection is closed")
    raise LocalProtocolError(f"{happened.value!r} cannot be while the connection is {state.value}")
