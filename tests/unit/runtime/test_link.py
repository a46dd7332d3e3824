"""One connection over a network in memory, with a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from motte.core.binary.node import Node
from motte.core.session.connection import HandshakeDone, LoggedIn, Output, StanzaReceived
from motte.core.session.timers import Timing
from motte.core.stanza.login import SetActivity
from motte.errors import Disconnected, RequestTimeout, ServiceUnavailable, TransportError
from motte.model.disconnect import Cause, DisconnectInfo
from motte.runtime.link import Link
from motte.testing.clock import ManualClock
from motte.testing.fakes import MemoryDialer, MemorySocket
from motte.transport.base import Receiver, Socket
from tests.unit.core.session.peer import SUCCESS, Peer, client

TIMING = Timing(handshake=20.0, keepalive=30.0, keepalive_grace=5.0, request=60.0)


@dataclass
class Server:
    """The other end: shakes hands, lets in, and answers as the test says."""

    peer: Peer = field(default_factory=Peer)
    socket: MemorySocket = field(default_factory=MemorySocket)
    heard: list[Node] = field(default_factory=list)
    answer: Callable[[Node], Node | None] = lambda node: None
    silent: bool = False
    _shaken: bool = False

    def accept(self, socket: MemorySocket) -> None:
        self.socket = socket
        socket.attach(self)

    def data_received(self, data: bytes) -> None:
        if self.silent:
            return
        if not self._shaken:
            self._shaken = True
            self.socket.send(self.peer.hello(data))
            return
        nodes = self.peer.read(data)
        if not nodes:
            self.write(SUCCESS)
        for node in nodes:
            self.heard.append(node)
            if (answer := self.answer(node)) is not None:
                self.write(answer)

    def socket_closed(self, code: int | None, reason: str) -> None:
        pass

    def write(self, node: Node) -> None:
        self.socket.send(self.peer.write(node))


@dataclass
class Setup:
    server: Server
    clock: ManualClock
    link: Link
    outputs: list[Output]
    running: asyncio.Task[DisconnectInfo]

    async def end(self) -> DisconnectInfo:
        async with asyncio.timeout(5):
            return await self.running


async def started(
    *, timing: Timing = TIMING, failures: list[TransportError] | None = None, silent: bool = False
) -> Setup:
    server, clock = Server(silent=silent), ManualClock()
    outputs: list[Output] = []
    link = Link(
        client(timing=timing),
        dialer=MemoryDialer(server.accept, failures),
        clock=clock,
        timing=timing,
        on_output=outputs.append,
    )
    running = asyncio.create_task(link.run("ws://memory"))
    await clock.advance(0.0)
    return Setup(server, clock, link, outputs, running)


def done(node: Node) -> Node:
    return Node("iq", {"id": node.attrs["id"], "type": "result", "from": "s.whatsapp.net"})


async def test_it_tells_what_happens_in_order() -> None:
    setup = await started()
    setup.server.write(Node("notification", {"id": "1", "from": "s.whatsapp.net", "type": "x"}))
    await setup.clock.advance(0.0)
    assert [type(output) for output in setup.outputs] == [HandshakeDone, LoggedIn, StanzaReceived]
    setup.server.socket.break_off(1001, "going away")
    end = await setup.end()
    assert (end.cause, end.details["close_code"]) == (Cause.WEBSOCKET_CLOSED, "1001")
    assert len(setup.outputs) == 3


async def test_a_request_gets_its_answer_and_nobody_else_hears_it() -> None:
    setup = await started()
    setup.server.answer = done
    before = len(setup.outputs)
    await setup.link.request(SetActivity())
    assert len(setup.outputs) == before
    setup.server.answer = lambda node: Node(
        "iq", {"id": node.attrs["id"], "type": "error"}, (Node("error", {"code": "503", "text": "busy"}),)
    )
    with pytest.raises(ServiceUnavailable, match="busy"):
        await setup.link.request(SetActivity())


async def test_a_late_request_fails_and_the_connection_goes_on() -> None:
    setup = await started()
    asking = asyncio.create_task(setup.link.request(SetActivity(), timeout=10.0))
    await setup.clock.advance(9.9)
    assert not asking.done()
    await setup.clock.advance(0.2)
    with pytest.raises(RequestTimeout):
        await asking
    assert not setup.running.done()
    # the answer comes after all: it is nobody's any more
    setup.server.write(done(setup.server.heard[0]))
    await setup.clock.advance(0.0)
    assert len(setup.link.requests) == 0


async def test_an_ack_is_waited_for_like_an_answer() -> None:
    setup = await started()
    setup.server.answer = lambda node: Node(
        "ack", {"id": node.attrs["id"], "class": "message", "from": "15550100002@s.whatsapp.net", "t": "5"}
    )
    ack = await setup.link.acked(Node("message", {"id": "m1", "to": "15550100002@s.whatsapp.net"}), timeout=5.0)
    assert (ack.id, ack.t) == ("m1", 5)


async def test_the_end_fails_who_waits_and_who_comes_later() -> None:
    setup = await started()
    asking = asyncio.create_task(setup.link.request(SetActivity()))
    await setup.clock.advance(0.0)
    setup.link.end(Cause.CLOSED_LOCALLY)
    for request in (asking, setup.link.request(SetActivity())):
        with pytest.raises(Disconnected):
            await request
    assert (await setup.end()).cause is Cause.CLOSED_LOCALLY
    with pytest.raises(Disconnected):
        setup.link.send(Node("presence"))


async def test_a_request_that_is_given_up_is_forgotten() -> None:
    setup = await started()
    asking = asyncio.create_task(setup.link.request(SetActivity()))
    await setup.clock.advance(0.0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert len(setup.link.requests) == 0


async def test_it_pings_and_gives_up_on_silence() -> None:
    setup = await started()
    setup.server.answer = done
    await setup.clock.advance(90.5)
    pings = [node for node in setup.server.heard if node.attrs.get("xmlns") == "w:p"]
    assert len(pings) == 3
    assert not setup.running.done()
    setup.server.silent = True
    await setup.clock.advance(36.0)
    assert (await setup.end()).cause is Cause.KEEPALIVE_LOST


async def test_a_keep_alive_that_is_due_before_the_handshakes_time_out_is_not_missed() -> None:
    setup = await started(timing=Timing(handshake=1000.0, keepalive=30.0, keepalive_grace=5.0))
    setup.server.answer = done
    await setup.clock.advance(30.5)
    assert [node.attrs.get("xmlns") for node in setup.server.heard] == ["w:p"]


async def test_a_handshake_that_is_not_answered() -> None:
    setup = await started(silent=True)
    await setup.clock.advance(19.9)
    assert not setup.running.done()
    await setup.clock.advance(0.2)
    assert (await setup.end()).cause is Cause.HANDSHAKE_TIMEOUT


async def test_a_dial_that_fails_is_an_end_like_others() -> None:
    setup = await started(failures=[TransportError("refused", "nobody listens")])
    end = await setup.end()
    assert (end.cause, end.code) == (Cause.CONNECTION_REFUSED, 408)
    await setup.link.hang_up()  # there is nothing to hang up, and that is fine


class _Endless:
    """A dialer that never gets through."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()

    async def connect(self, url: str, receiver: Receiver) -> Socket:
        try:
            never: asyncio.Future[Socket] = asyncio.get_running_loop().create_future()
            return await never
        finally:
            self.cancelled.set()


@pytest.mark.parametrize("by", ["end", "cancel"])
async def test_a_dial_that_is_given_up_is_cancelled(by: str) -> None:
    dialer = _Endless()
    link = Link(client(), dialer=dialer, clock=ManualClock(), timing=TIMING, on_output=print)
    running = asyncio.create_task(link.run("ws://memory"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if by == "end":
        link.end(Cause.CLOSED_LOCALLY)
        assert (await running).cause is Cause.CLOSED_LOCALLY
    else:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    async with asyncio.timeout(5):
        await dialer.cancelled.wait()


async def test_a_stanza_that_does_not_decode_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    setup = await started()
    setup.server.socket.send(setup.server.peer.write_raw(b"\x00\xf8\x05"))
    setup.server.write(Node("presence", {"from": "15550100002@s.whatsapp.net"}))
    await setup.clock.advance(0.0)
    assert isinstance(setup.outputs[-1], StanzaReceived)
    assert not setup.running.done()
    assert "dropped a stanza of 3 bytes" in caplog.text


async def test_no_timer_is_left_when_it_is_over() -> None:
    setup = await started()
    setup.link.end(Cause.CLOSED_LOCALLY)
    await setup.end()
    assert setup.link._timer is None
    heard = len(setup.server.heard)
    await setup.clock.advance(1000.0)
    assert len(setup.server.heard) == heard
