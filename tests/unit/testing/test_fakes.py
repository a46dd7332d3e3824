"""The network in memory."""

import asyncio

import pytest

from motte.errors import TransportError
from motte.testing.fakes import MemoryDialer, MemorySocket
from motte.transport.base import Dialer


class Ear:
    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.closed: list[tuple[int | None, str]] = []

    def data_received(self, data: bytes) -> None:
        self.heard.append(data)

    def socket_closed(self, code: int | None, reason: str) -> None:
        self.closed.append((code, reason))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_bytes_flow_both_ways_and_a_close_is_heard_by_the_other_end_only() -> None:
    servers: list[MemorySocket] = []
    dialer: Dialer = MemoryDialer(servers.append)
    ear, server_ear = Ear(), Ear()
    socket = await dialer.connect("ws://memory", ear)
    socket.send(b"early")
    await settle()
    servers[0].attach(server_ear)
    servers[0].send(b"hello")
    await socket.drain()
    await settle()
    assert (ear.heard, server_ear.heard) == ([b"hello"], [b"early"])
    await socket.close()
    await settle()
    assert (ear.closed, server_ear.closed) == ([], [(1000, "")])
    assert socket.closed and servers[0].closed
    socket.send(b"late")
    await settle()
    assert server_ear.heard == [b"early"]


async def test_a_server_can_break_off_without_a_goodbye() -> None:
    servers: list[MemorySocket] = []
    ear = Ear()
    await MemoryDialer(servers.append).connect("ws://memory", ear)
    servers[0].break_off()
    await settle()
    assert ear.closed == [(None, "")]


async def test_dials_fail_as_told_and_then_succeed() -> None:
    dialer = MemoryDialer(lambda server: None, [TransportError("refused", "…")])
    with pytest.raises(TransportError):
        await dialer.connect("ws://memory", Ear())
    await dialer.connect("ws://memory", Ear())
    assert dialer.dialled == ["ws://memory"] * 2
