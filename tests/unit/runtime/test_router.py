"""Stanzas go to their handlers one at a time, and nothing that goes wrong with one keeps the next from its turn."""

from __future__ import annotations

import asyncio
import logging

import pytest

from motte.core.binary.node import Node
from motte.errors import Disconnected, InvalidMessage, StoreError
from motte.events.call import CallReceived
from motte.events.notification import NoticeReceived
from motte.events.presence import ChatStateChanged, PresenceChanged
from motte.events.receipt import ReceiptReceived
from motte.runtime.inbound.router import HIGH_WATER, Router
from tests.unit.runtime.host import World, world

BOB = "15550100002:4@s.whatsapp.net"


def receipt(**attrs: str) -> Node:
    return Node("receipt", {"id": "R1", "from": BOB, "t": "1700000000", **attrs})


class Running:
    """A world whose router runs for the length of the block."""

    def __init__(self, there: World) -> None:
        self.there, self.router = there, there.parts.router
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Running:
        self._task = asyncio.create_task(self.router.run())
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def take(self, *nodes: Node) -> list[Node]:
        """Handle stanzas; gives what was sent for them."""
        before = len(self.there.host.sent)
        for node in nodes:
            self.router.put(node)
        await self.router.drained()
        await self.there.settle()
        return self.there.host.sent[before:]


async def running() -> Running:
    return Running(await world(linked=True))


@pytest.mark.parametrize(
    ("node", "event"),
    [
        (receipt(), ReceiptReceived),
        (receipt(type="read"), ReceiptReceived),
        (Node("notification", {"id": "N", "from": BOB, "type": "psa"}), NoticeReceived),
        (Node("presence", {"from": "15550100002@s.whatsapp.net", "type": "unavailable"}), PresenceChanged),
        (Node("chatstate", {"from": BOB}, (Node("composing"),)), ChatStateChanged),
        (
            Node(
                "call",
                {"id": "C", "from": BOB, "t": "1"},
                (Node("offer", {"call-id": "X", "call-creator": BOB}),),
            ),
            CallReceived,
        ),
    ],
    ids=["receipt", "read", "notification", "presence", "chatstate", "call"],
)
async def test_each_kind_is_told_and_acked_if_it_asks_for_that(node: Node, event: type) -> None:
    async with await running() as run:
        answers = await run.take(node)
        assert [type(one) for one in run.there.events] == [event]
        wants_ack = node.tag in ("receipt", "notification", "call")
        assert [answer.tag for answer in answers] == ["ack"] * wants_ack
        for answer in answers:
            assert (answer.attrs["class"], answer.attrs["id"]) == (node.tag, node.attrs["id"])
            assert answer.attrs["to"] == BOB
            assert "error" not in answer.attrs


@pytest.mark.parametrize(
    ("node", "ack"),
    [
        (Node("message", {"id": "M", "from": BOB, "t": "soon"}), "487"),
        (Node("message", {"id": "M", "from": BOB, "t": "1"}, (Node("plaintext", {}, b"x"),)), "487"),
        (Node("receipt", {"id": "R", "from": BOB, "type": "retry"}), None),
        (Node("notification", {"id": "N", "from": BOB, "type": "devices"}), None),
    ],
    ids=["no time", "plaintext", "retry without a count", "devices without a device"],
)
async def test_a_malformed_stanza_is_acked_so_that_it_does_not_come_again(node: Node, ack: str | None) -> None:
    async with await running() as run:
        (answer,) = await run.take(node)
        assert (answer.tag, answer.attrs["class"], answer.attrs.get("error")) == ("ack", node.tag, ack)


@pytest.mark.parametrize("node", [Node("brand-new"), Node("ack", {"id": "1"}), Node("message", {"t": "1"}), Node("")])
async def test_what_cannot_be_answered_is_passed_over(node: Node) -> None:
    async with await running() as run:
        assert await run.take(node) == []
        assert len(await run.take(receipt())) == 1


@pytest.mark.parametrize(
    "error",
    [Disconnected("gone"), StoreError("disk full"), InvalidMessage("nonsense"), RuntimeError("a bug")],
    ids=lambda error: type(error).__name__,
)
async def test_a_failing_handler_keeps_nobody_waiting(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with await running() as run:

        async def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(run.router._messages, "handle", fail)
        message = Node("message", {"id": "M", "from": BOB, "t": "1"})
        with caplog.at_level(logging.CRITICAL):
            answers = await run.take(message, receipt())
        # What failed is not acked: the server brings it again.
        assert [answer.attrs["class"] for answer in answers] == ["receipt"]


async def test_a_notification_is_acked_even_if_its_handler_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async with await running() as run:

        async def fail(*_: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(run.router._notifications, "handle", fail)
        (answer,) = await run.take(Node("notification", {"id": "N", "from": BOB, "type": "psa"}))
        assert answer.attrs["class"] == "notification"


async def test_one_after_the_other_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async with await running() as run:
        order: list[str] = []

        async def slow(message: object) -> None:
            number = str(getattr(message, "id", ""))
            order.append(f"begin {number}")
            await asyncio.sleep(0)
            order.append(f"end {number}")

        monkeypatch.setattr(run.router._messages, "handle", slow)
        await run.take(*(Node("message", {"id": f"{n}", "from": BOB, "t": "1"}) for n in range(3)))
        assert order == [f"{what} {n}" for n in range(3) for what in ("begin", "end")]


async def test_before_the_pairing_nothing_is_decrypted_or_acked_in_our_name() -> None:
    there = await world(linked=False)
    async with Running(there) as run:
        assert await run.take(Node("message", {"id": "M", "from": BOB, "t": "1"})) == []
        assert isinstance(run.router, Router)


async def test_what_piles_up_stops_the_reading_until_it_is_handled() -> None:
    there = await world(linked=True)
    for _ in range(HIGH_WATER + 10):
        there.parts.router.put(receipt())
    assert there.host.held == [True]
    async with Running(there) as at:
        await at.router.drained()
    assert there.host.held == [True, False]
