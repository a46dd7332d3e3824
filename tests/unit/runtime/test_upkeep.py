"""What follows a login, and what the server reports."""

from __future__ import annotations

import pytest

from motte.core.binary.node import Node
from motte.core.stanza.dirty import Clean
from motte.core.stanza.information import Dirty, EdgeRouting, OfflineDone, OfflinePreview, UnknownInformation
from motte.core.stanza.login import SetActivity, Success
from motte.core.stanza.prekeys import CountPreKeys, UploadPreKeys
from motte.core.stanza.props import GetProps
from motte.events import account as events
from motte.events.connection import Connected, Settled
from motte.model.presence import Availability
from motte.runtime.upkeep import Upkeep
from tests.unit.runtime.host import ME, MY_LID, World, accepted, world


def upkeep(at: World) -> Upkeep:
    parts = at.parts
    return Upkeep(
        parts.context,
        appstate=parts.appstate,
        history=parts.history,
        prekeys=parts.prekeys,
        presence=parts.presence,
        trusted=parts.trusted,
        on_open=at.host.logged_in,
    )


def server(request: object) -> Node:
    """A server that holds no prekeys yet and knows properties."""
    match request:
        case CountPreKeys():
            body = Node("count", {"value": "0"})
        case GetProps():
            body = Node("props", {"protocol": "1", "hash": "h1"})
        case SetActivity() | UploadPreKeys() | Clean():
            return accepted(request)
        case _:
            error = Node("error", {"code": "404", "text": "item-not-found"})
            return Node("iq", {"id": "1", "type": "error", "from": "s.whatsapp.net"}, (error,))
    return Node("iq", {"id": "1", "type": "result", "from": "s.whatsapp.net"}, (body,))


async def test_a_login_opens_first_and_settles_then() -> None:
    at = await world(linked=True, push_name="Ann")
    at.host.answer = server
    await upkeep(at).welcomed(Success(t=None, lid=MY_LID.user_jid))
    assert at.host.logins == 1
    assert not at.host.requests  # nobody waits for the server in the order of stanzas
    await at.settle()
    assert {type(request) for request in at.host.requests} >= {SetActivity, CountPreKeys, UploadPreKeys, GetProps}
    assert [node.tag for node in at.host.sent] == ["ib", "presence"]
    told = [event for event in at.events if isinstance(event, Connected | Settled)]
    assert told == [Connected(jid=ME, lid=MY_LID), Settled()]


async def test_the_lid_that_the_server_names_is_kept() -> None:
    at = await world(linked=True)
    at.host.answer = server
    await upkeep(at).welcomed(Success(t=None, lid=MY_LID.user_jid))
    await at.settle()
    stored = await at.parts.store.account.get()
    assert stored is not None
    assert stored.link is not None
    assert stored.link.lid == MY_LID
    assert await at.parts.store.lids.pn_of(MY_LID.user_jid) == ME.user_jid


async def test_a_step_that_fails_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    at = await world(linked=True, push_name="Ann")

    def half(request: object) -> Node:
        if isinstance(request, SetActivity):
            raise_error = Node("error", {"code": "500", "text": "no"})
            return Node("iq", {"id": "1", "type": "error", "from": "s.whatsapp.net"}, (raise_error,))
        return server(request)

    at.host.answer = half
    await upkeep(at).welcomed(Success(t=None, lid=None))
    await at.settle()
    assert "after the login, activity failed: the server answered 500 (no)" in caplog.text
    assert at.parts.account.credentials.props_hash == "h1"
    assert at.host.sent[-1].tag == "presence"


async def test_properties_that_are_known_are_asked_for_by_their_hash() -> None:
    at = await world(linked=True)
    at.host.answer = server
    for _ in range(2):
        await upkeep(at).welcomed(Success(t=None, lid=None))
        await at.settle()
    asked = [request for request in at.host.requests if isinstance(request, GetProps)]
    assert asked == [GetProps(None), GetProps("h1")]


@pytest.mark.parametrize(("mark", "name", "tags"), [(False, "Ann", ["ib"]), (True, None, ["ib"])])
async def test_who_wants_no_presence_or_has_no_name_sends_none(mark: bool, name: str | None, tags: list[str]) -> None:
    at = await world(linked=True, push_name=name, mark_online=mark)
    at.host.answer = server
    await upkeep(at).welcomed(Success(t=None, lid=None))
    await at.settle()
    assert [node.tag for node in at.host.sent] == tags
    assert not at.parts.presence.active


async def test_a_new_connection_starts_unseen() -> None:
    at = await world(linked=True, push_name="A@nn")
    assert at.parts.presence.announce(Availability.AVAILABLE)
    assert at.host.sent[-1].attrs == {"type": "available", "name": "Ann"}
    assert at.parts.presence.active
    assert at.parts.presence.announce(Availability.UNAVAILABLE)
    assert not at.parts.presence.active
    at.parts.presence.announce(Availability.AVAILABLE)
    at.parts.presence.reset()
    assert not at.parts.presence.active


async def test_information() -> None:
    at = await world(linked=True)
    at.host.answer = server
    keeper = upkeep(at)
    await keeper.informed(OfflinePreview(count=3, messages=3))
    [batch] = at.host.sent
    assert batch.child("offline_batch") is not None
    await keeper.informed(OfflineDone(count=3))
    await keeper.informed(EdgeRouting(b"edge"))
    await keeper.informed(Dirty("groups", 5))
    await keeper.informed(UnknownInformation("novelty"))
    await at.settle()
    assert [event for event in at.events if isinstance(event, events.OfflineDone)] == [events.OfflineDone(count=3)]
    assert at.parts.account.credentials.routing_info == b"edge"
    assert at.host.requests == [Clean("groups", 5)]
