"""The engine as its parts see it, without a network: it keeps what they send and answers as the test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from motte.core.binary.node import Node
from motte.core.crypto.curve import KeyPair
from motte.core.session.payload import ClientInfo
from motte.core.stanza.ack import IncomingAck
from motte.core.stanza.iq import Iq
from motte.events.base import Event
from motte.model.disconnect import Cause
from motte.model.jid import Jid
from motte.runtime.bus import Bus
from motte.runtime.config import Config
from motte.runtime.parts import Parts
from motte.store.repo.account import Link
from motte.store.store import Store
from motte.testing.clock import ManualClock
from motte.testing.rng import SeededRng

T = TypeVar("T")

ME = Jid.parse("15550100001:3@s.whatsapp.net")
MY_LID = Jid.parse("200000000000001:3@lid")
PHONE = KeyPair.generate(SeededRng("phone"))


def accepted(request: Iq[Any]) -> Node:
    """The emptiest answer: it was done."""
    return Node("iq", {"id": "1", "type": "result", "from": "s.whatsapp.net"})


class Host:
    """Stands for the engine and its connection."""

    def __init__(self) -> None:
        self.sent: list[Node] = []
        self.requests: list[Iq[Any]] = []
        self.answer: Callable[[Iq[Any]], Node] = accepted
        self.ended: list[tuple[Cause, str]] = []
        self.is_running = True
        self.logins = 0
        self.held: list[bool] = []
        self.sealed = 0

    def send(self, node: Node) -> None:
        self.sent.append(node)

    async def request(self, iq: Iq[T], *, timeout: float | None = None) -> T:
        self.requests.append(iq)
        return iq.parse(self.answer(iq))

    async def acked(self, node: Node, *, timeout: float) -> IncomingAck:
        raise NotImplementedError

    async def opened(self, *, timeout: float) -> None:
        return None

    def logged_in(self) -> bool:
        self.logins += 1
        return True

    def hold(self, paused: bool) -> None:
        self.held.append(paused)

    def end(self, cause: Cause, text: str = "") -> None:
        self.ended.append((cause, text))

    def paired(self) -> None:
        self.sealed += 1


class World:
    """Loaded parts on a memory store, a host, a clock that stands still, and what was published."""

    def __init__(self, parts: Parts, host: Host, clock: ManualClock) -> None:
        self.parts, self.host, self.clock = parts, host, clock
        self.events: list[Event] = []
        parts.bus.subscribe(Event, self.events.append)

    async def settle(self) -> None:
        """Let everything that runs come to rest."""
        await self.parts.tasks.idle()
        await self.clock.advance(0.0)


async def world(*, linked: bool, push_name: str | None = None, **config: Any) -> World:
    """A world whose account is linked, or not yet."""
    clock, host = ManualClock(), Host()
    settings = Config(clock=clock, rng=SeededRng("device"), device=ClientInfo(push_name=push_name), **config)
    parts = Parts(await Store.open(None), settings, host, Bus())
    await parts.load()
    if linked:
        await parts.account.change(link=Link(jid=ME, lid=None, identity=b""))
    return World(parts, host, clock)
