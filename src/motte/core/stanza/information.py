"""`<ib>`, the server's bulletins about the connection itself, and the two that this client sends.

<ib from="s.whatsapp.net"><offline_preview count="3" message="2" receipt="1" notification="0" appdata="0"/></ib>
<ib><offline_batch count="100"/></ib>                                          (ours: send me that many)
<ib from="s.whatsapp.net"><offline count="3"/></ib>                            (the queue is empty now)
<ib from="s.whatsapp.net"><edge_routing><routing_info>…</routing_info></edge_routing></ib>
<ib from="s.whatsapp.net"><dirty type="account_sync" timestamp="1700000000"/></ib>
<ib from="s.whatsapp.net"><downgrade_webclient/></ib>
<ib><unified_session id="…"/></ib>                                             (ours, on login and when coming online)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.reader import Reader

OFFLINE_BATCH: Final = 100
"""How many queued stanzas to ask for at once, as WhatsApp Web does."""
MAX_ROUTING_INFO: Final = 1024
_WEEK_MS: Final = 7 * 86_400_000
_SESSION_SHIFT_MS: Final = 3 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflinePreview:
    """How much waits in the server's queue; the client answers with `offline_batch`."""

    count: int
    messages: int = 0
    receipts: int = 0
    notifications: int = 0


@dataclass(frozen=True, slots=True)
class OfflineDone:
    """The server's queue is delivered; `count` stanzas came from it."""

    count: int


@dataclass(frozen=True, slots=True)
class EdgeRouting:
    """Bytes to put in front of the next handshake so that it reaches the same edge."""

    routing_info: bytes


@dataclass(frozen=True, slots=True)
class Dirty:
    """Something (`account_sync`, `groups`, `communities`) changed while away; fetch it, then send `Clean`."""

    type: str
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class Downgrade:
    """The account does not do multi-device: no linked client can work with it."""


@dataclass(frozen=True, slots=True)
class UnknownInformation:
    """A bulletin of a kind that this client does not know."""

    tag: str


Information: TypeAlias = OfflinePreview | OfflineDone | EdgeRouting | Dirty | Downgrade | UnknownInformation


def read(ib: Reader) -> Information:
    """The value of an `<ib>`."""
    body = ib.first()
    if body is None:
        return UnknownInformation("")
    match body.tag:
        case "offline_preview":
            return OfflinePreview(
                count=body.optional_integer("count") or 0,
                messages=body.optional_integer("message") or 0,
                receipts=body.optional_integer("receipt") or 0,
                notifications=body.optional_integer("notification") or 0,
            )
        case "offline":
            return OfflineDone(body.optional_integer("count") or 0)
        case "edge_routing":
            return EdgeRouting(body.child("routing_info").data(limit=MAX_ROUTING_INFO))
        case "dirty":
            return Dirty(body.text("type"), body.optional_integer("timestamp"))
        case "downgrade_webclient":
            return Downgrade()
    return UnknownInformation(body.tag)


def offline_batch(count: int = OFFLINE_BATCH) -> Node:
    """Ask for the next `count` stanzas of the offline queue."""
    return element("ib", body=[element("offline_batch", {"count": count})])


def unified_session(now: float) -> Node:
    """The id that joins the logs of one user session: milliseconds of the week, shifted by three days.

    `now` is the server's time in unix seconds.
    """
    session = (int(now * 1000) + _SESSION_SHIFT_MS) % _WEEK_MS
    return element("ib", body=[element("unified_session", {"id": session})])
