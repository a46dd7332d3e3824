"""The engine over a network in memory: what it keeps for the next connection, and when it counts as open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from motte.core.binary.node import Node
from motte.core.noise.certificate import ServerCertificate
from motte.core.session.timers import Timing
from motte.core.stanza.login import SetActivity, Success
from motte.errors import Disconnected, RequestTimeout, TransportError
from motte.events.base import Event
from motte.events.connection import Connected, Connecting
from motte.events.connection import Disconnected as Ended
from motte.model.disconnect import Cause, NextAction
from motte.runtime.bus import Bus
from motte.runtime.config import Config
from motte.runtime.engine import Engine
from motte.store.repo.account import Link as AccountLink
from motte.store.store import Store
from motte.testing.clock import ManualClock
from motte.testing.fakes import MemoryDialer, MemorySocket
from motte.testing.rng import SeededRng
from tests.unit.core.session.peer import DATE, ROOT, STATIC, SUCCESS, Peer
from tests.unit.runtime.host import ME


class Service:
    """The server side of every dial: each gets a peer of its own, which lets in and answers every request."""

    def __init__(self) -> None:
        self.sockets: list[MemorySocket] = []
        self.peers: list[Peer] = []
        self.silent = False
        self.admits = True

    def accept(self, socket: MemorySocket) -> None:
        peer = Peer()
        self.sockets.append(socket)
        self.peers.append(peer)
        if not self.silent:
            socket.attach(_Seat(self, socket, peer))


class _Seat:
    def __init__(self, service: Service, socket: MemorySocket, peer: Peer) -> None:
        self._service, self._socket, self._peer = service, socket, peer
        self._shaken = self._admitted = False

    def data_received(self, data: bytes) -> None:
        if not self._shaken:
            self._shaken = True
            self._socket.send(self._peer.hello(data))
            if not self._peer.payload:  # XX: the client has one more word
                return
            data = b""
        for node in self._peer.read(data):
            if node.tag == "iq" and node.attrs.get("type") != "result":
                self._socket.send(self._peer.write(Node("iq", {"id": node.attrs["id"], "type": "result"})))
        if not self._admitted and self._service.admits:
            self._admitted = True
            self._socket.send(self._peer.write(SUCCESS))

    def socket_closed(self, code: int | None, reason: str) -> None:
        pass


class Bench:
    def __init__(self, engine: Engine, service: Service, clock: ManualClock, bus: Bus) -> None:
        self.engine, self.service, self.clock = engine, service, clock
        self.events: list[Event] = []
        bus.subscribe(Event, self.events.append)

    def ends(self) -> list[tuple[Cause, NextAction]]:
        return [(event.cause, event.action) for event in self.events if isinstance(event, Ended)]

    async def connected(self) -> None:
        async with asyncio.timeout(5):
            await self.engine.opened(timeout=None)


@asynccontextmanager
async def bench(failures: list[TransportError] | None = None, *, linked: bool = True) -> AsyncIterator[Bench]:
    service, clock, bus = Service(), ManualClock(DATE), Bus()
    config = Config(
        root_key=ROOT.public,
        clock=clock,
        rng=SeededRng("device"),
        dialer=MemoryDialer(service.accept, failures),
        timing=Timing(),
        version_url="",
    )
    engine = Engine(await Store.open(None), config, bus)
    await engine.open()
    if linked:
        await engine.parts.account.change(link=AccountLink(jid=ME, lid=None, identity=b""))
    try:
        yield Bench(engine, service, clock, bus)
    finally:
        async with asyncio.timeout(5):
            await engine.close()


async def test_it_opens_with_the_login() -> None:
    async with bench() as at:
        at.service.admits = False
        at.engine.start()
        await at.clock.advance(0.0)
        assert at.engine.is_running
        assert not at.engine.is_open
        at.service.sockets[0].send(at.service.peers[0].write(SUCCESS))
        await at.connected()
        await at.clock.advance(0.0)
        assert at.engine.is_open
        assert [type(event) for event in at.events if isinstance(event, Connecting | Connected)] == [
            Connecting,
            Connected,
        ]


async def test_the_certificate_is_kept_and_makes_the_next_handshake_short() -> None:
    async with bench() as at:
        at.engine.start()
        await at.connected()
        await at.clock.advance(0.0)
        kept = ServerCertificate.parse(at.engine.parts.account.credentials.server_certificate)
        assert kept.static == STATIC.public
        await at.engine.stop()
        at.engine.start()
        await at.connected()
        assert len(at.service.peers) == 2
        assert at.service.peers[1].payload  # it came with the hello


async def test_a_certificate_that_leads_nowhere_is_dropped() -> None:
    async with bench() as at:
        at.engine.start()
        await at.connected()
        await at.clock.advance(0.0)
        await at.engine.stop()
        at.service.silent = True
        at.engine.start()
        await at.clock.advance(0.0)
        await at.clock.advance(20.5)
        assert at.ends()[-1] == (Cause.HANDSHAKE_TIMEOUT, NextAction.BACK_OFF)
        assert at.engine.parts.account.credentials.server_certificate == b""


async def test_a_stored_certificate_that_cannot_be_read_is_no_obstacle() -> None:
    async with bench() as at:
        await at.engine.parts.account.change(server_certificate=b"garbage")
        at.engine.start()
        await at.connected()


async def test_an_unlinked_device_keeps_no_certificate() -> None:
    async with bench(linked=False) as at:
        at.service.admits = False
        at.engine.start()
        await at.clock.advance(0.0)
        await at.clock.advance(0.0)
        assert at.engine.parts.account.credentials.server_certificate == b""


async def test_a_login_of_a_connection_that_is_over_opens_nothing() -> None:
    async with bench() as at:
        at.service.admits = False
        at.engine.start()
        await at.clock.advance(0.0)
        await at.engine.parts.router._handle(Success(t=None, lid=None))
        assert not at.engine.is_open


async def test_before_the_handshake_there_is_no_connection_to_send_on() -> None:
    async with bench() as at:
        at.service.silent = True
        with pytest.raises(Disconnected):
            at.engine.send(Node("presence"))
        with pytest.raises(Disconnected, match="not started"):
            await at.engine.opened(timeout=None)
        at.engine.start()
        await at.clock.advance(0.0)
        with pytest.raises(Disconnected, match="no connection"):
            await at.engine.request(SetActivity())
        with pytest.raises(RequestTimeout):
            await at.engine.opened(timeout=0.01)


async def test_failed_dials_are_counted_and_a_login_forgets_them() -> None:
    async with bench([TransportError("refused", "no"), TransportError("dns", "no")]) as at:
        at.engine.start()
        for _ in range(8):
            await at.clock.advance(1.0)
        await at.connected()
        await at.clock.advance(0.0)
        assert [cause for cause, _ in at.ends()] == [Cause.CONNECTION_REFUSED, Cause.NAME_NOT_RESOLVED]
        at.service.sockets[-1].break_off(1001)
        for _ in range(8):
            await at.clock.advance(1.0)
        await at.connected()
        await at.clock.advance(0.0)
        assert [event.attempt for event in at.events if isinstance(event, Connecting)] == [1, 2, 3, 1]


async def test_a_stop_that_races_with_the_end_of_the_connection_stops() -> None:
    async with bench() as at:
        at.engine.start()
        await at.connected()
        assert at.engine._link is not None
        at.engine._link.socket_closed(1001, "")  # the loop has not yet told anybody
        async with asyncio.timeout(5):
            await at.engine.stop()
            assert (await at.engine.finished()).cause is Cause.WEBSOCKET_CLOSED
        await at.clock.advance(1000.0)
        assert not at.engine.is_running
        assert at.ends() == [(Cause.WEBSOCKET_CLOSED, NextAction.STOP)]


async def test_a_connection_that_opened_and_broke_at_once_was_open() -> None:
    async with bench() as at:
        at.engine.start()
        waiting = asyncio.create_task(at.engine.opened(timeout=None))
        await asyncio.sleep(0)
        at.engine._open.set()
        at.engine._open.clear()
        async with asyncio.timeout(5):
            await waiting
