"""Groups of 256 and 1,024 devices on the local server, as `baileys/groups.mjs` does it.

group.sendN         a text to a group whose devices all have the sender key
group.sendN.keys    the same when none has it, so that it goes to each over its session
group.receive       log in and read 200 texts of a group that have waited

A send is timed until its stanza is with the socket; the server's answer is awaited outside of the time, on both sides.
Sessions, device lists and the group's members are known already.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from benchmarks.harness import Task, Timed
from benchmarks.linked import Linked

WAITING = 200
CLOCK = time.perf_counter
_NUMBER = count(1)


@dataclass
class Member:
    """A client in a group, and when its last stanza was with the socket."""

    linked: Linked
    group: str
    written: float = 0.0


async def member(devices: int) -> Member:
    """In a group with the own phone and so many others' that all have the key."""
    linked = await Linked("Member").link()
    people = [f"Crowd {number}" for number in range(1, devices - 1)]
    group = linked.phone("create-group", phone="Crowd 0", subject="Everybody", people=[*people, linked.name])["group"]
    found = Member(linked, group)
    _watch(found)
    await send(found)
    return found


def _watch(one: Member) -> None:
    wire: Any = one.linked.client._engine
    acked = wire.acked

    async def watched(*arguments: Any, **options: Any) -> Any:
        answer = asyncio.ensure_future(acked(*arguments, **options))
        await asyncio.sleep(0)  # written now
        one.written = CLOCK()
        return await answer

    wire.acked = watched


async def send(one: Member) -> Timed:
    start = CLOCK()
    await one.linked.client.messages.send(one.group, f"text {next(_NUMBER)}")
    return Timed(one.written - start, 1)


async def send_keys(one: Member) -> Timed:
    store: Any = one.linked.client._store
    batch = store.batch()
    store.sender_keys.put_holders(batch, _jid(one.group), ())
    await store.commit(batch)
    return await send(one)


def _jid(text: str) -> Any:
    from motte.model.jid import Jid

    return Jid.parse(text)


async def receiver() -> Member:
    linked = await Linked("Reader").link()
    group = linked.phone("create-group", phone="Crowd 0", subject="Two", people=[linked.name])["group"]
    return Member(linked, group)


async def receive(one: Member) -> Timed:
    await one.linked.client.disconnect()
    texts = [f"text {next(_NUMBER)}" for _ in range(WAITING)]
    for text in texts:
        one.linked.phone("send", phone="Crowd 0", to=one.group, text=text)
    start = CLOCK()
    arrived = [one.linked.text(text) for text in texts]
    await one.linked.client.connect(timeout=20)
    await asyncio.gather(*arrived)
    return Timed(CLOCK() - start, WAITING)


async def close(one: Member) -> None:
    await one.linked.close()


def sending(devices: int, run: Callable[..., Any]) -> Task:
    return Task(run, setup=lambda: member(devices), teardown=close, self_timed=True)


TASKS = {
    "group.send256": sending(256, send),
    "group.send256.keys": sending(256, send_keys),
    "group.send1024": sending(1024, send),
    "group.send1024.keys": sending(1024, send_keys),
    "group.receive": Task(receive, setup=receiver, teardown=close, self_timed=True, cold=True),
}
