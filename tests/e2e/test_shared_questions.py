"""Questions for devices: who asks at the same time for the same person shares one answer, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from motte import Client
from motte.core.stanza.usync import Usync
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid


class Gate:
    """Holds back a client's questions for devices until it is opened."""

    def __init__(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        engine = client._engine
        assert engine is not None
        self.asked = 0
        self.reached, self.opened = asyncio.Event(), asyncio.Event()
        request = engine.request

        async def hold_back(iq: Any, *, timeout: float | None = None) -> Any:
            if isinstance(iq, Usync):
                self.asked += 1
                self.reached.set()
                await self.opened.wait()
            return await request(iq, timeout=timeout)

        monkeypatch.setattr(engine, "request", hold_back)


async def test_two_who_ask_for_one_person_share_the_answer(linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    gate = Gate(alice, monkeypatch)
    first = asyncio.ensure_future(alice.contacts.devices(lid(bob)))
    second = asyncio.ensure_future(alice.contacts.devices(lid(bob)))
    await soon(gate.reached.wait())
    gate.opened.set()
    assert await soon(first) == await soon(second) is not None
    assert gate.asked == 1


async def test_who_waits_for_anothers_answer_and_gives_up_harms_nobody(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    gate = Gate(alice, monkeypatch)
    asking = asyncio.ensure_future(alice.contacts.devices(lid(bob)))
    await soon(gate.reached.wait())
    waiting = [asyncio.ensure_future(alice.contacts.devices(lid(bob))) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait([waiting[0]])
    gate.opened.set()
    assert await soon(asking) == await soon(waiting[1]) is not None


async def test_who_waited_asks_when_the_one_who_asked_gave_up(linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    gate = Gate(alice, monkeypatch)
    asking = asyncio.ensure_future(alice.contacts.devices(lid(bob)))
    await soon(gate.reached.wait())
    waiting = asyncio.ensure_future(alice.contacts.devices(lid(bob)))
    await asyncio.sleep(0)
    asking.cancel()
    gate.opened.set()
    assert await soon(waiting) is not None
    assert gate.asked == 2
