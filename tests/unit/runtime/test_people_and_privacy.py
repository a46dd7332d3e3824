"""What is remembered of people, privacy and the blocklist, and for how long."""

from __future__ import annotations

import pytest

from motte.core.binary.node import Node
from motte.core.stanza.blocklist import BlocklistChanged, GetBlocklist
from motte.core.stanza.header import Header
from motte.core.stanza.iq import Iq
from motte.core.stanza.privacy import GetPrivacySettings
from motte.core.stanza.usync import Usync
from motte.errors import ServerError
from motte.events import privacy as events
from motte.model.jid import Jid
from motte.model.privacy import PrivacyCategory, PrivacyValue
from motte.runtime import people
from tests.unit.runtime.host import ME, World, world

BOB, CAROL = Jid.parse("200000000000002@lid"), Jid.parse("200000000000003@lid")
HEADER = Header(tag="notification", id="1", source=ME.user_jid, type="account_sync")


def result(*children: Node) -> Node:
    return Node("iq", {"id": "1", "type": "result", "from": "s.whatsapp.net"}, children)


def nobody_there(request: Iq[object]) -> Node:
    """No number is on WhatsApp: none is in the answer."""
    return result(Node("usync", {}, (Node("list"),)))


def asked(there: World) -> list[tuple[str, ...]]:
    return [request.numbers for request in there.host.requests if isinstance(request, Usync)]


async def test_an_answer_about_a_number_is_believed_for_an_hour() -> None:
    there = await world(linked=True)
    there.host.answer = nobody_there
    numbers = ["15550100002", "15550100003"]
    assert [check.exists for check in await there.parts.people.check([*numbers, numbers[0]])] == [False] * 3
    await there.clock.advance(people.MAX_AGE - 1)
    await there.parts.people.check([numbers[0]])
    assert asked(there) == [tuple(numbers)]
    await there.clock.advance(2)
    await there.parts.people.check([numbers[0]])
    assert asked(there) == [tuple(numbers), (numbers[0],)]


async def test_so_many_numbers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "KEPT", 3)
    there = await world(linked=True)
    there.host.answer = nobody_there
    numbers = [f"1555010000{digit}" for digit in range(5)]
    checks = await there.parts.people.check(numbers)
    assert [check.number for check in checks] == numbers
    await there.parts.people.check(numbers[2:])
    assert len(asked(there)) == 1
    await there.parts.people.check(numbers[:1])
    assert asked(there)[1:] == [(numbers[0],)]


async def test_an_answer_about_others_is_no_answer() -> None:
    there = await world(linked=True)
    user = Node("user", {"jid": "15550100009@s.whatsapp.net"}, (Node("contact", {"type": "in"}, b"+15550100009"),))
    there.host.answer = lambda request: result(Node("usync", {}, (Node("list", {}, (user,)),)))
    (check,) = await there.parts.people.check(["15550100002"])
    assert (check.number, check.exists) == ("15550100002", False)


async def test_a_refusal_of_the_question_is_raised() -> None:
    there = await world(linked=True)
    error = Node("contact", {}, (Node("error", {"code": "429", "text": "rate-overlimit"}),))
    there.host.answer = lambda request: result(Node("usync", {}, (Node("result", {}, (error,)), Node("list"))))
    with pytest.raises(ServerError, match="rate-overlimit"):
        await there.parts.people.check(["15550100002"])
    there.host.answer = nobody_there
    await there.parts.people.check(["15550100002"])
    assert len(asked(there)) == 2


class Blocklist:
    """A server with a blocklist."""

    def __init__(self, *people: Jid) -> None:
        self.people, self.hash = people, "h0"

    def answer(self, request: Iq[object]) -> Node:
        assert isinstance(request, GetBlocklist)
        items = tuple(Node("item", {"jid": str(one)}) for one in self.people)
        return result(Node("list", {"dhash": self.hash}, items))


async def test_when_the_list_is_another_one_the_difference_is_told() -> None:
    there, server = await world(linked=True), Blocklist(BOB)
    there.host.answer = server.answer
    await there.parts.blocked.get()
    server.people, server.hash = (CAROL,), "h1"
    await there.parts.blocked.changed(BlocklistChanged(HEADER, ()))
    await there.settle()
    assert there.events == [events.BlocklistChanged(blocked=(CAROL,), unblocked=(BOB,))]
    assert (await there.parts.blocked.get()).people == (CAROL,)
    assert len(there.host.requests) == 2


@pytest.mark.parametrize(("before", "questions"), [("h0", 1), (None, 1), ("other", 2)])
async def test_a_change_of_another_list_than_ours_has_it_asked_for_again(before: str | None, questions: int) -> None:
    there, server = await world(linked=True), Blocklist()
    there.host.answer = server.answer
    await there.parts.blocked.get()
    server.people, server.hash = (BOB,), "h1"
    await there.parts.blocked.changed(BlocklistChanged(HEADER, ((BOB, True),), "h1", before))
    await there.settle()
    assert there.events == [events.BlocklistChanged(blocked=(BOB,))]
    assert (await there.parts.blocked.get()).people == (BOB,)
    assert len(there.host.requests) == questions


async def test_what_changes_while_one_asks_is_asked_for_again() -> None:
    there, server = await world(linked=True), Blocklist()
    blocked = there.parts.blocked

    def late(request: Iq[object]) -> Node:
        old = server.answer(request)
        blocked._kept.change(None)  # a notification overtook the answer
        return old

    there.host.answer = late
    assert (await blocked.get()).people == ()
    server.people, there.host.answer = (BOB,), server.answer
    assert (await blocked.get()).people == (BOB,)


async def test_settings_that_changed_without_their_values_are_asked_for_again() -> None:
    there = await world(linked=True)
    value = "all"

    def answer(request: Iq[object]) -> Node:
        assert isinstance(request, GetPrivacySettings)
        return result(Node("privacy", {}, (Node("category", {"name": "last", "value": value}),)))

    there.host.answer, privacy = answer, there.parts.privacy
    assert (await privacy.get()).get(PrivacyCategory.LAST_SEEN) is PrivacyValue.ALL
    value = "none"
    assert (await privacy.get()).get(PrivacyCategory.LAST_SEEN) is PrivacyValue.ALL
    privacy.changed({})
    await there.settle()
    assert (await privacy.get()).get(PrivacyCategory.LAST_SEEN) is PrivacyValue.NOBODY
    assert there.events == [events.PrivacyChanged(values={})]
