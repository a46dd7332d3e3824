"""Keeping the connection alive, and noticing when it is not.

<iq id="…" to="@s.whatsapp.net" type="get" xmlns="w:p"><ping/></iq>                   we ask, on a fixed beat
<iq id="…" from="s.whatsapp.net" type="result"/>                                      any frame counts as the answer
<iq id="…" from="s.whatsapp.net" type="get" xmlns="urn:xmpp:ping"/>                   the server asks
<iq id="…" to="s.whatsapp.net" type="result"/>                                        we answer at once
"""

from __future__ import annotations

from enum import Enum, auto

from motte.core.binary.node import Node
from motte.core.session.timers import Timing
from motte.model.jid import SERVER_JID

SERVER_PING = "urn:xmpp:ping"


class Beat(Enum):
    """What the clock asks for."""

    NOTHING = auto()
    PING = auto()
    LOST = auto()


class KeepAlive:
    """The clock of one open connection: when to ping, and when silence means that the server is gone."""

    def __init__(self, timing: Timing, now: float) -> None:
        self._interval = timing.keepalive
        self._patience = timing.keepalive + timing.keepalive_grace
        self._next_ping = now + self._interval
        self._heard = now

    def heard(self, now: float) -> None:
        """A frame arrived, whichever."""
        self._heard = now

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


def ping(id: str) -> Node:
    """The question that keeps the connection alive."""
    return Node("iq", {"id": id, "to": str(SERVER_JID), "type": "get", "xmlns": "w:p"}, (Node("ping"),))


def pong(node: Node) -> Node | None:
    """The answer to a ping of the server; None when `node` is not one."""
    attrs = node.attrs
    if node.tag != "iq" or attrs.get("xmlns") != SERVER_PING or attrs.get("type") != "get" or "id" not in attrs:
        return None
    return Node("iq", {"id": attrs["id"], "to": attrs.get("from", str(SERVER_JID)), "type": "result"})
