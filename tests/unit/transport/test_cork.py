"""What is written in one turn leaves together, shown on a real connection of two sockets."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from motte.transport.cork import Cork

pytestmark = pytest.mark.skipif(not hasattr(socket, "TCP_CORK"), reason="this system has no cork")


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as near:
        far, _ = server.accept()
        with far:
            far.setblocking(False)
            yield near, far


def waiting(end: socket.socket) -> bytes:
    try:
        return end.recv(100)
    except BlockingIOError:
        return b""


async def test_it_leaves_when_the_turn_ends(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    cork = Cork(near)
    for turn in (b"ab", b"cd"):
        for piece in turn:
            cork.put_in()
            near.send(bytes((piece,)))
        assert waiting(far) == b""
        await asyncio.sleep(0)
        assert waiting(far) == turn


async def test_a_connection_that_ended_is_no_error(ends: tuple[socket.socket, socket.socket]) -> None:
    near, _ = ends
    cork = Cork(near)
    cork.put_in()
    near.close()
    failed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
    await asyncio.sleep(0)
    cork.put_in()
    await asyncio.sleep(0)
    assert failed == []
