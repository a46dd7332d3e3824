"""Two clients and the local server between them, as `baileys/endtoend.mjs` does it.

e2e.connect     log in with a linked device's keys, until ready
e2e.roundtrip   a text there and a text back
e2e.messages    100 texts sent without waiting, until the other side has them all; ops = messages

motte's `send` also waits for the server's ack, Baileys' does not. Both keep their keys in memory here.
"""

from __future__ import annotations

import asyncio
import time
from itertools import count

from benchmarks.harness import Task, Timed
from benchmarks.linked import Linked

MESSAGES = 100
CLOCK = time.perf_counter
_NUMBER = count(1)

Pair = tuple[Linked, Linked]


async def pair() -> Pair:
    ann, bob = await Linked("Ann").link(), await Linked("Bob").link()
    for sender, receiver in ((ann, bob), (bob, ann), (ann, bob)):
        await exchange(sender, receiver)
    return ann, bob


async def exchange(sender: Linked, receiver: Linked) -> None:
    text = f"text {next(_NUMBER)}"
    arrived = receiver.text(text)
    await sender.client.messages.send(receiver.address, text)
    await arrived


async def roundtrip(ends: Pair) -> None:
    ann, bob = ends
    await exchange(ann, bob)
    await exchange(bob, ann)


async def burst(ends: Pair) -> Timed:
    ann, bob = ends
    texts = [f"text {next(_NUMBER)}" for _ in range(MESSAGES)]
    start = CLOCK()
    arrived = [bob.text(text) for text in texts]
    await asyncio.gather(*(ann.client.messages.send(bob.address, text) for text in texts))
    await asyncio.gather(*arrived)
    return Timed(CLOCK() - start, MESSAGES)


async def connect(linked: Linked) -> Timed:
    await linked.client.disconnect()
    start = CLOCK()
    await linked.client.connect(timeout=20)
    return Timed(CLOCK() - start, 1)


async def close(ends: Pair) -> None:
    await asyncio.gather(*(linked.close() for linked in ends))


TASKS = {
    "e2e.connect": Task(connect, setup=lambda: Linked("Zoe").link(), teardown=Linked.close, self_timed=True, cold=True),
    "e2e.roundtrip": Task(roundtrip, setup=pair, teardown=close),
    "e2e.messages": Task(burst, setup=pair, teardown=close, self_timed=True),
}
