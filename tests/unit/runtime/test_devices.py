"""Device lists: how long they are trusted, and what is asked for."""

from __future__ import annotations

import pytest

from motte.core.binary.node import Node
from motte.core.stanza.iq import Iq
from motte.core.stanza.usync import Usync
from motte.errors import Disconnected
from motte.model.jid import Jid
from motte.runtime.devices import MAX_AGE, Devices
from tests.unit.runtime.host import World, world

BOB, CAROL = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("15550100003@s.whatsapp.net")
NOBODY = Jid.parse("15550109999@s.whatsapp.net")


def listing(request: Iq[object]) -> Node:
    """Everybody has a phone and a companion, and a LID; `NOBODY` is not on WhatsApp."""
    assert isinstance(request, Usync)
    users = []
    for jid in request.jids:
        if jid == NOBODY:
            continue
        devices = (Node("device", {"id": "0"}), Node("device", {"id": "3", "key-index": "1"}))
        answers = (
            Node("devices", {}, (Node("device-list", {}, devices),)),
            Node("lid", {"val": f"9{jid.user[-3:]}@lid"}),
        )
        users.append(Node("user", {"jid": str(jid)}, answers))
    usync = Node("usync", {"sid": request.sid}, (Node("list", {}, tuple(users)),))
    return Node("iq", {"id": "1", "type": "result", "from": "s.whatsapp.net"}, (usync,))


async def made() -> tuple[World, Devices]:
    there = await world(linked=True)
    there.host.answer = listing
    return there, there.parts.devices


def asked(there: World) -> list[tuple[Jid, ...]]:
    return [request.jids for request in there.host.requests if isinstance(request, Usync)]


async def test_who_is_known_is_not_asked_for() -> None:
    there, devices = await made()
    (first,) = await devices.of([BOB, BOB.with_device(3)])
    assert [device.id for device in first.devices] == [0, 3]
    assert first.jids == (BOB, BOB.with_device(3))
    both = await devices.of([BOB, CAROL])
    assert [one.user for one in both] == [BOB, CAROL]
    assert asked(there) == [(BOB,), (CAROL,)]
    assert await there.parts.store.lids.lid_of(BOB) == Jid.parse("9002@lid")


async def test_a_list_is_trusted_for_an_hour() -> None:
    there, devices = await made()
    await devices.of([BOB])
    await there.clock.advance(MAX_AGE)
    await devices.of([BOB])
    assert len(asked(there)) == 1
    await there.clock.advance(1)
    await devices.of([BOB])
    assert len(asked(there)) == 2


async def test_fresh_asks_and_forgotten_asks() -> None:
    there, devices = await made()
    await devices.of([BOB])
    await devices.of([BOB], fresh=True)
    await devices.forget([BOB])
    await devices.of([BOB])
    assert asked(there) == [(BOB,)] * 3


async def test_who_is_not_there_has_no_list() -> None:
    _, devices = await made()
    assert [one.user for one in await devices.of([NOBODY, BOB])] == [BOB]


async def test_a_failure_reaches_who_asked_and_leaves_nothing_behind() -> None:
    there, devices = await made()

    def fail(request: Iq[object]) -> Node:
        raise Disconnected("gone")

    there.host.answer = fail
    with pytest.raises(Disconnected):
        await devices.of([BOB])
    there.host.answer = listing
    assert len(await devices.of([BOB])) == 1
