"""Sending at a pace of one's own."""

from __future__ import annotations

import asyncio

import pytest

from motte import Pacing, errors
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import collect, lid, tell


async def test_messages_wait_for_their_turn_and_keep_their_order(linked: Linked) -> None:
    alice, bob = await linked("alice", pacing=Pacing(per_minute=600)), await linked("bob")
    await tell(alice, bob, "first")
    began = asyncio.get_running_loop().time()
    sends = asyncio.gather(*(alice.messages.send(lid(bob), f"{n}") for n in range(3)))
    assert await collect(bob, 3, sends) == ["0", "1", "2"]
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_a_429_holds_up_what_comes_after_it(server: LocalServer, linked: Linked) -> None:
    alice, bob = await linked("alice", pacing=Pacing(per_minute=60_000, back_off=0.2)), await linked("bob")
    await tell(alice, bob, "first")
    server.faults.nack_message(429)
    with pytest.raises(errors.SendRejected, match="429"):
        await soon(alice.messages.send(lid(bob), "refused"))
    refused = asyncio.get_running_loop().time()
    await tell(alice, bob, "taken")
    assert asyncio.get_running_loop().time() - refused >= 0.15


async def test_what_waits_ends_with_the_client(linked: Linked) -> None:
    alice, bob = await linked("alice", pacing=Pacing(per_minute=0.1)), await linked("bob")
    await soon(alice.messages.send(lid(bob), "first"))
    waiting = asyncio.ensure_future(alice.messages.send(lid(bob), "second"))
    await asyncio.sleep(0)
    await soon(alice.close())
    with pytest.raises(errors.Disconnected):
        await soon(waiting)
