"""What is known of groups: asked for once, patched by news, never kept when it may be old."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from motte.core.binary.node import Node
from motte.core.stanza.groups.changes import GroupNotification
from motte.core.stanza.groups.metadata import GetGroup
from motte.core.stanza.header import Header
from motte.core.stanza.iq import Iq
from motte.errors import Forbidden, RateLimited
from motte.events.group import GroupChanged
from motte.model import group_change as changes
from motte.model.group import Participant
from motte.model.jid import Jid
from motte.runtime.groups import MAX_AGE, WAITS
from tests.unit.runtime.host import ME, World, world

GROUP = Jid.parse("120363000000000001@g.us")
PEER = Jid.parse("15550100002@s.whatsapp.net")
PEER_LID = Jid.parse("100000000000002@lid")


def known(request: Iq[Any]) -> Node:
    """The answer: a group of us and a peer."""
    people = (
        Node("participant", {"jid": str(ME.user_jid), "type": "admin"}),
        Node("participant", {"jid": str(PEER), "lid": str(PEER_LID)}),
    )
    group = Node("group", {"id": GROUP.user, "subject": "Chess"}, people)
    return Node("iq", {"id": "1", "type": "result", "from": str(GROUP)}, (group,))


def refused(code: str) -> Node:
    return Node("iq", {"id": "1", "type": "error"}, (Node("error", {"code": code}),))


def news(*parts: changes.GroupChange) -> GroupNotification:
    header = Header(tag="notification", id="1", source=GROUP, participant=PEER, type="w:gp2", t=7)
    return GroupNotification(header=header, group=GROUP, changes=parts, by=PEER)


async def asked() -> World:
    """A world that knows the group."""
    here = await world(linked=True)
    here.host.answer = known
    await here.parts.groups.metadata(GROUP)
    return here


async def test_asked_for_once_and_addresses_learnt() -> None:
    here = await asked()
    assert (await here.parts.groups.metadata(GROUP)).subject == "Chess"
    assert here.host.requests == [GetGroup(GROUP)]
    assert await here.parts.store.lids.lid_of(PEER) == PEER_LID
    await here.parts.groups.metadata(GROUP, fresh=True)
    assert len(here.host.requests) == 2


async def test_an_old_one_is_asked_for_again() -> None:
    here = await asked()
    await here.clock.advance(MAX_AGE + 1)
    await here.parts.groups.metadata(GROUP)
    assert len(here.host.requests) == 2


async def test_news_is_remembered_and_told() -> None:
    here = await asked()
    await here.parts.groups.changed(news(changes.SubjectChanged("Go"), changes.TimerChanged(60)))
    await here.settle()
    group = await here.parts.groups.metadata(GROUP)
    assert (group.subject, group.timer, len(here.host.requests)) == ("Go", 60, 1)
    told = [event for event in here.events if isinstance(event, GroupChanged)]
    assert [event.change for event in told] == [changes.SubjectChanged("Go"), changes.TimerChanged(60)]
    assert {(event.group, event.by, event.timestamp) for event in told} == {(GROUP, PEER, 7)}


@pytest.mark.parametrize(
    "change",
    [
        changes.OtherChange("something"),
        changes.Deleted(),
        changes.ParticipantNumberChanged(PEER, None),
        changes.ParticipantsRemoved((Participant(jid=ME.user_jid),)),
    ],
)
async def test_news_that_says_too_little_is_asked_about(change: changes.GroupChange) -> None:
    here = await asked()
    await here.parts.groups.changed(news(change))
    await here.parts.groups.metadata(GROUP)
    assert len(here.host.requests) == 2


async def test_being_added_needs_no_question() -> None:
    here = await asked()
    group = replace(await here.parts.groups.metadata(GROUP), jid=Jid.parse("120363000000000002@g.us"))
    notification = replace(news(changes.Created(group)), group=group.jid)
    await here.parts.groups.changed(notification)
    assert await here.parts.groups.metadata(group.jid) == group
    assert len(here.host.requests) == 1


class Slow:
    """Answers when told to."""

    def __init__(self, here: World) -> None:
        self.go = asyncio.Event()
        self._request = here.host.request
        here.host.request = self.request  # type: ignore[method-assign]

    async def request(self, iq: Iq[Any], *, timeout: float | None = None) -> Any:
        value = await self._request(iq, timeout=timeout)
        await self.go.wait()
        return value


async def test_many_ask_with_one_question() -> None:
    here = await world(linked=True)
    here.host.answer, slow = known, Slow(here)
    asking = [asyncio.ensure_future(here.parts.groups.metadata(GROUP)) for _ in range(5)]
    await here.settle()
    asking[0].cancel()  # who gives up takes the answer from nobody
    slow.go.set()
    done = await asyncio.gather(*asking, return_exceptions=True)
    assert [getattr(group, "subject", None) for group in done] == [None, *["Chess"] * 4]
    assert len(here.host.requests) == 2


async def test_news_during_a_question() -> None:
    """Nobody knows which of the two is older, so the answer is given and not kept."""
    here = await world(linked=True)
    here.host.answer, slow = known, Slow(here)
    asking = asyncio.ensure_future(here.parts.groups.metadata(GROUP))
    await here.settle()
    await here.parts.groups.changed(news(changes.SubjectChanged("Go")))
    slow.go.set()
    assert (await asking).subject == "Chess"
    await here.parts.groups.metadata(GROUP)
    assert len(here.host.requests) == 2


async def test_a_busy_server_is_given_time() -> None:
    here = await world(linked=True)
    here.host.answer = lambda request: refused("429") if len(here.host.requests) < 3 else known(request)
    asking = asyncio.ensure_future(here.parts.groups.metadata(GROUP))
    await here.settle()
    assert len(here.host.requests) == 1
    await here.clock.advance(WAITS[0])
    assert len(here.host.requests) == 2
    await here.clock.advance(WAITS[1])
    assert (await asking).subject == "Chess"


async def test_but_not_for_ever() -> None:
    here = await world(linked=True)
    here.host.answer = lambda request: refused("429")
    asking = asyncio.ensure_future(here.parts.groups.metadata(GROUP))
    await here.settle()
    for wait in WAITS:
        await here.clock.advance(wait)
    with pytest.raises(RateLimited):
        await asking
    assert len(here.host.requests) == len(WAITS) + 1


async def test_a_refusal_is_not_kept() -> None:
    here = await world(linked=True)
    here.host.answer = lambda request: refused("403")
    for _ in range(2):
        with pytest.raises(Forbidden):
            await here.parts.groups.metadata(GROUP)
    assert len(here.host.requests) == 2
