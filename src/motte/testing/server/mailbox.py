"""A device's mailbox: what waits for it, in order, until it says that it has it.

Messages, receipts, notifications and calls go through here. While the device is away they wait; when it logs in, what
has waited is announced (`<ib><offline_preview/></ib>`), sent with an `offline` attribute, and closed with
`<ib><offline count/></ib>`; live ones follow behind. Each stays until it is acked (or receipted), else it is sent again
at the next login.

    waiting ── sent ──> in flight ── ack ──> gone
       ^                    │
       └──── disconnect ────┘   oldest first, marked offline

Flow control: `<ib><offline_batch count="100"/></ib>` lets that many unacknowledged offline stanzas be in flight; a
client that only says `<active/>` gets all at once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from motte.core.binary.node import Node

MAILED: Final = frozenset({"message", "receipt", "notification", "call"})
"""The stanzas that wait for absent devices and are acknowledged."""

Send = Callable[[Node], None]


@dataclass(slots=True, eq=False)
class _Parcel:
    """Mutable on purpose: its place in the mailbox changes while it waits."""

    number: int
    node: Node
    offline: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.node.tag, self.node.attrs.get("id", "")


class Mailbox:
    """The ordered queue of one device."""

    def __init__(self) -> None:
        self._waiting: deque[_Parcel] = deque()
        self._in_flight: dict[tuple[str, str], list[_Parcel]] = {}
        self._count = 0
        self._send: Send | None = None
        self._window: int | None = 0
        self._announced = 0
        self._offline_out = 0

    def __len__(self) -> int:
        """How many stanzas wait or are in flight."""
        return len(self._waiting) + sum(len(parcels) for parcels in self._in_flight.values())

    def put(self, node: Node) -> None:
        """Add a stanza; it leaves at once when the device is there and nothing waits before it."""
        self._count += 1
        self._waiting.append(_Parcel(self._count, node))
        self._pump()

    def connect(self, send: Send) -> Counter[str]:
        """A device has logged in: what has waited, counted by tag. Nothing flows before `open`."""
        self.disconnect()
        self._send, self._window = send, 0
        for parcel in self._waiting:
            parcel.offline = True
        self._announced = len(self._waiting)
        if not self._announced:
            self._close_offline()
        return Counter(parcel.node.tag for parcel in self._waiting)

    def open(self, batch: int | None = None) -> None:
        """The device is ready for `batch` more offline stanzas, or for all of them."""
        if self._send is None or self._window is None or (batch is None and self._window):
            return  # after a first batch `<active/>` changes nothing: each ack makes room for the next
        self._window = None if batch is None else self._window + batch
        self._pump()

    def disconnect(self) -> None:
        """The device is gone: what it has not acknowledged waits again, oldest first."""
        self._send = None
        unacknowledged = [parcel for parcels in self._in_flight.values() for parcel in parcels]
        self._in_flight.clear()
        self._offline_out = 0
        self._waiting.extendleft(sorted(unacknowledged, key=lambda parcel: -parcel.number))

    def acknowledge(self, tag: str, stanza_id: str, sender: str | None = None) -> bool:
        """Take a stanza out; `sender` (its `from`) picks among several with one id. Whether there was one."""
        parcels = self._in_flight.get((tag, stanza_id))
        if not parcels:
            return False
        fitting = [parcel for parcel in parcels if sender in (None, parcel.node.attrs.get("from"))]
        done = (fitting or parcels)[0]
        parcels.remove(done)
        if not parcels:
            del self._in_flight[tag, stanza_id]
        if done.offline:
            self._offline_out -= 1
        self._pump()
        return True

    def _pump(self) -> None:
        while self._waiting and self._may_send(self._waiting[0]):
            parcel = self._waiting.popleft()
            self._in_flight.setdefault(parcel.key, []).append(parcel)
            self._deliver(parcel)

    def _may_send(self, parcel: _Parcel) -> bool:
        if self._send is None:
            return False
        return self._window is None or self._offline_out < self._window if parcel.offline else self._window != 0

    def _deliver(self, parcel: _Parcel) -> None:
        assert self._send is not None
        if not parcel.offline:
            self._send(parcel.node)
            return
        self._offline_out += 1
        self._send(parcel.node._replace(attrs={**parcel.node.attrs, "offline": "0"}))
        if not self._waiting or not self._waiting[0].offline:
            self._close_offline()

    def _close_offline(self) -> None:
        assert self._send is not None
        self._send(Node("ib", {"from": "s.whatsapp.net"}, (Node("offline", {"count": str(self._announced)}),)))
