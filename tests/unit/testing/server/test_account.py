"""What an account shows and allows: by its phone over HTTP, by raw stanzas, and who then sees what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from motte.core.binary.node import Node
from motte.testing import LocalServer
from motte.testing.server.devices import learn_contact
from motte.testing.server.privacy import VALUES, shows
from tests.unit.testing.server.raw_client import RawClient, linked, logged_in

Act = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
async def act(server: LocalServer) -> AsyncIterator[Act]:
    """Has Ann's phone do something: the status and the answer."""
    server.phone("Ann"), server.phone("Bob")
    async with aiohttp.ClientSession(server.http_url + "/admin/mock-phone/") as session:

        async def act(name: str, /, **arguments: Any) -> tuple[int, dict[str, Any]]:
            async with session.post(name, json={"phone": "Ann", **arguments}) as answer:
                return answer.status, await answer.json()

        yield act


async def told(client: RawClient) -> Node:
    """What the next `account_sync` says."""
    notice = await client.until("notification", lambda node: node.attrs["type"] == "account_sync")
    return notice.children[0]


async def test_acts_of_the_phone_reach_its_companions(server: LocalServer, act: Act) -> None:
    bob = server.account("Bob")
    async with logged_in(server, await linked(server, "Ann")) as ann:
        assert await act("block", who="Bob") == (200, {})
        blocked = await told(ann)
        assert blocked.children[0].attrs == {"jid": str(bob.lid), "action": "block"}
        assert blocked.attrs["prev_dhash"] == "none"
        assert await act("unblock", who="Bob") == (200, {})
        unblocked = await told(ann)
        assert (unblocked.attrs["prev_dhash"], unblocked.attrs["dhash"]) == (blocked.attrs["dhash"], "none")
        assert await act("privacy", category="last", value="none") == (200, {})
        assert (await told(ann)).children[0].attrs == {"name": "last", "value": "none"}
        assert await act("privacy-except", category="last", people=["Bob"]) == (200, {})
        assert (await told(ann)).children[0].attrs["value"] == "contact_blacklist"
        assert await act("default-timer", seconds=86400) == (200, {})
        assert (await told(ann)).attrs["duration"] == "86400"
        assert await act("about", text="at the sea") == (200, {})
        status = await ann.until("notification", lambda node: node.attrs["type"] == "status")
        assert status.children[0].data == b"at the sea"


async def test_what_the_server_refuses(server: LocalServer, act: Act) -> None:
    bob = server.account("Bob")
    assert (await act("privacy", category="shoe", value="all"))[0] == 400
    assert (await act("privacy", category="online", value="none"))[0] == 400
    assert (await act("block", who="Nobody"))[0] == 404
    assert (await act("about", text="x" * 140))[0] == 406
    stale = Node("category", {"name": "last", "value": "contact_blacklist", "dhash": "stale"})
    by_pn = Node("user", {"action": "add", "jid": str(bob.pn)})
    wrong = Node("category", {"name": "last", "value": "contact_blacklist", "dhash": "none"}, (by_pn,))
    no_list = Node("list", {"name": "online", "value": "contact_blacklist"})
    async with logged_in(server, await linked(server, "Ann")) as ann:
        for code, xmlns, node in [
            ("400", "blocklist", Node("item", {"action": "block", "jid": str(bob.pn)})),
            ("400", "blocklist", Node("item", {"action": "forgive", "jid": str(bob.lid)})),
            ("404", "blocklist", Node("item", {"action": "block", "jid": "999@lid"})),
            ("409", "privacy", Node("privacy", {}, (stale,))),
            ("400", "privacy", Node("privacy", {}, (wrong,))),
            ("400", "privacy", Node("privacy", {}, (no_list,))),
            ("404", "w:qr", Node("qr", {"code": "NOTHING"})),
        ]:
            kind = "get" if node.child("list") or xmlns == "w:qr" else "set"
            error = (await ann.iq(xmlns, node, kind=kind)).child("error")
            assert error is not None
            assert error.attrs["code"] == code


def test_who_sees_what(server: LocalServer) -> None:
    ann, bob, carol = server.account("Ann"), server.account("Bob"), server.account("Carol")
    learn_contact(ann, bob)
    for value, seen in [("all", (True, True)), ("contacts", (True, False)), ("none", (False, False))]:
        ann.profile.privacy["last"] = value
        assert (shows(ann, "last", bob), shows(ann, "last", carol)) == seen
        assert shows(ann, "last", ann)
    ann.profile.privacy |= {"last": "contact_blacklist", "online": "match_last_seen"}
    assert shows(ann, "online", bob)
    ann.profile.excepted["last"] = {bob}
    assert not shows(ann, "online", bob)
    ann.profile.privacy["last"] = "all"
    ann.profile.blocked.add(bob)
    assert not any(shows(ann, category, bob) for category in VALUES)
