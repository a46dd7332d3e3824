"""Keeping the connection alive, and noticing when it is not.

On a fixed beat we ask (`stanza.keepalive`), and any frame from the server counts as the answer: what matters is that
something was heard. The server may ask as well; that is answered at once.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from motte.core.binary.node import Node
from motte.core.session.timers import Timing
from motte.core.stanza.keepalive import KeepAlive, ServerPing

SERVER_PING: Final = "urn:xmpp:ping"
MAX_ID: Final = 256
"""Characters of a ping's id; the answer repeats it, so its length is not the server's choice."""


class Beat(Enum):
    """What the clock asks for."""

    NOTHING = auto()
    PING = auto()
    LOST = auto()


class Pulse:
    """The clock of one open connection: when to ping, and when silence means that the server is gone."""

    def __init__(self, timing: Timing, now: float) -> None:
        self._interval = timing.keepalive
        self._patience = timing.keepalive + timing.keepalive_grace
        self._next_ping = now + self._interval
        self._heard = now
        self._asked: str | None = None

    def heard(self, now: float) -> None:
        """A frame arrived, whichever."""
        self._heard = now

    def ask(self, stanza_id: str) -> Node:
        """The ping to send, under this id."""
        self._asked = stanza_id
        return KeepAlive().build(stanza_id)

    def answered_by(self, node: Node) -> bool:
        """Whether this stanza is the answer to the last ping, which nobody else waits for."""
        return node.tag == "iq" and self._asked is not None and node.attrs.get("id") == self._asked

    def next_timer(self) -> float:
        """When `beat` has something to say."""
        return min(self._next_ping, self._heard + self._patience)

    def beat(self, now: float) -> Beat:
        """What is due at `now`; a ping that is given out here is not given out again."""
        if now >= self._heard + self._patience:
            return Beat.LOST
        if now < self._next_ping:
            return Beat.NOTHING
        # A loop that was held up sends one ping, not one for every beat it missed.
        self._next_ping += self._interval * (1 + (now - self._next_ping) // self._interval)
        return Beat.PING


def server_ping(node: Node) -> ServerPing | None:
    """The server's ping that `node` is; None when it is something else."""
    attrs = node.attrs
    if node.tag != "iq" or attrs.get("xmlns") != SERVER_PING or attrs.get("type") != "get":
        return None
    return ServerPing(attrs["id"]) if 0 < len(attrs.get("id", "")) <= MAX_ID else None
