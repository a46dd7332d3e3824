"""Ways into a group: the link, an invitation for one, the approval of admins; what is over or wrong."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from motte.core.binary.node import Node
from motte.model.jid import Jid
from motte.testing import LocalServer
from motte.testing.clock import ManualClock
from motte.testing.server.groups_members import INVITATION_SECONDS
from motte.testing.server.settings import Settings
from tests.unit.testing.server.raw_client import RawClient, linked, logged_in

ALL = "@g.us"


@dataclass
class Doors:
    """Ann's group with Bob in it; Cid and Dan are outside. All are connected."""

    server: LocalServer
    clock: ManualClock
    clients: dict[str, RawClient]
    group: Jid

    def jid(self, name: str) -> str:
        return str(self.server.group(self.group).jid_of(self.server.account(name)))

    def participant(self, name: str) -> Node:
        return Node("participant", {"jid": self.jid(name)})

    async def ask(self, name: str, node: Node, *, kind: str = "set", to: str = "") -> Node | str:
        """The first child of a result, or the code of an error."""
        answer = await self.clients[name].iq("w:g2", node, kind=kind, to=to or str(self.group), keep=True)
        first = answer.children[0]
        return first.attrs["code"] if answer.attrs["type"] == "error" else first

    async def got(self, name: str, node: Node, *, kind: str = "set", to: str = "") -> Node:
        answer = await self.ask(name, node, kind=kind, to=to)
        assert isinstance(answer, Node), answer
        return answer

    async def told(self, name: str, tag: str) -> Node:
        fits = await self.clients[name].until("notification", lambda node: node.children[0].tag == tag)
        return fits.children[0]

    async def members(self) -> set[str]:
        return {account.name for account in self.server.group(self.group).members}

    async def code(self) -> str:
        return (await self.got("Ann", Node("invite"), kind="get")).attrs["code"]

    async def invitation(self, name: str) -> dict[str, str]:
        """What an admin gets who could not add somebody."""
        privacy = self.server.account(name).profile.privacy
        privacy["groupadd"] = "none"
        answer = await self.got("Ann", Node("add", {}, (self.participant(name),)))
        request = answer.children[0].children[0]
        return {**request.attrs, "admin": self.jid("Ann")}


@pytest.fixture(params=["lid", "pn"])
async def doors(request: pytest.FixtureRequest) -> AsyncIterator[Doors]:
    clock = ManualClock(time.time())  # its certificate must be valid for the client
    settings = Settings(greet=False, closing_seconds=0.02, group_mode=request.param)
    async with LocalServer(tls_port=None, settings=settings, clock=clock.now) as server, AsyncExitStack() as stack:
        clients = {}
        for name in ("Ann", "Bob", "Cid", "Dan"):
            clients[name] = await stack.enter_async_context(logged_in(server, await linked(server, name)))
        yield Doors(server, clock, clients, server.phone("Ann").groups.create("Chess", ["Bob"]))


async def test_the_link_leads_in(doors: Doors) -> None:
    code = await doors.code()
    info = await doors.got("Cid", Node("invite", {"code": code}), kind="get", to=ALL)
    assert (info.attrs["subject"], info.attrs["size"]) == ("Chess", "2")
    assert [node.attrs["jid"] for node in info.all("participant")] == [doors.jid("Ann")]
    joined = await doors.got("Cid", Node("invite", {"code": code}), to=ALL)
    assert joined == Node("group", {"jid": str(doors.group)})
    assert (await doors.told("Bob", "add")).attrs["reason"] == "invite"
    assert (await doors.told("Cid", "create")).attrs["reason"] == "invite"
    assert await doors.ask("Cid", Node("invite", {"code": code}), to=ALL) == "409"


async def test_a_revoked_link_is_gone_and_a_wrong_one_is_wrong(doors: Doors) -> None:
    old = await doors.code()
    new = (await doors.got("Ann", Node("invite"))).attrs["code"]
    assert new != old
    assert (await doors.told("Ann", "invite")).attrs["code"] == new
    for kind in ("get", "set"):
        assert await doors.ask("Cid", Node("invite", {"code": old}), kind=kind, to=ALL) == "410"
        assert await doors.ask("Cid", Node("invite", {"code": "never"}), kind=kind, to=ALL) == "406"
    assert await doors.members() == {"Ann", "Bob"}


async def test_only_admins_see_the_link(doors: Doors) -> None:
    assert await doors.ask("Bob", Node("invite"), kind="get") == "401"
    assert await doors.ask("Bob", Node("invite")) == "401"
    assert await doors.ask("Cid", Node("invite"), kind="get") == "403"
    assert await doors.ask("Cid", Node("invite"), kind="get", to="120363999@g.us") == "404"


async def test_an_invitation_for_one(doors: Doors) -> None:
    invitation = await doors.invitation("Cid")
    shown = await doors.got("Cid", Node("query", {}, (Node("add_request", invitation),)), kind="get")
    assert shown.attrs["subject"] == "Chess"
    assert await doors.ask("Dan", Node("accept", invitation)) == "406"
    assert await doors.ask("Cid", Node("accept", {**invitation, "code": "x"})) == "406"
    assert await doors.ask("Cid", Node("accept", {**invitation, "expiration": "1"})) == "410"
    assert (await doors.got("Cid", Node("accept", invitation))).attrs["jid"] == str(doors.group)
    assert await doors.ask("Cid", Node("accept", invitation)) == "409"
    assert await doors.members() == {"Ann", "Bob", "Cid"}


async def test_an_invitation_ends(doors: Doors) -> None:
    invitation = await doors.invitation("Cid")
    await doors.clock.advance(INVITATION_SECONDS)
    assert await doors.ask("Cid", Node("accept", invitation)) == "410"
    revoked = await doors.invitation("Dan")
    answer = await doors.got("Ann", Node("revoke", {}, (doors.participant("Dan"), doors.participant("Bob"))))
    assert [node.attrs.get("error") for node in answer.children] == [None, "404"]
    assert await doors.ask("Dan", Node("accept", revoked)) == "406"
    assert await doors.ask("Bob", Node("revoke", {}, (doors.participant("Cid"),))) == "403"


async def approving(doors: Doors, *names: str) -> None:
    """Approval is on, and these ask to be let in."""
    doors.server.phone("Ann").groups.set_approval(doors.group, True)
    code = await doors.code()
    for name in names:
        answer = await doors.got(name, Node("invite", {"code": code}), to=ALL)
        assert answer == Node("membership_approval_request", {"jid": str(doors.group)})


async def test_admins_hear_who_asks_and_let_them_in(doors: Doors) -> None:
    await approving(doors, "Cid", "Dan")
    asked = await doors.told("Ann", "created_membership_requests")
    assert asked.attrs["request_method"] == "InviteLink"
    assert [node.attrs["jid"] for node in asked.all("requested_user")] == [doors.jid("Cid")]
    listed = await doors.got("Ann", Node("membership_approval_requests"), kind="get")
    assert [node.attrs["jid"] for node in listed.children] == [doors.jid("Cid"), doors.jid("Dan")]
    assert all("requestor" not in node.attrs for node in listed.children)

    people = (doors.participant("Cid"), doors.participant("Bob"))
    decided = await doors.got("Ann", Node("membership_requests_action", {}, (Node("approve", {}, people),)))
    assert [node.attrs.get("error") for node in decided.children[0].children] == [None, "404"]
    await doors.told("Cid", "create")
    assert [node.attrs["jid"] for node in (await doors.told("Bob", "add")).children] == [doors.jid("Cid")]

    rejected = Node("membership_requests_action", {}, (Node("reject", {}, (doors.participant("Dan"),)),))
    await doors.got("Ann", rejected)
    gone = await doors.told("Ann", "revoked_membership_requests")
    assert [node.attrs["jid"] for node in gone.children] == [doors.jid("Dan")]
    assert await doors.members() == {"Ann", "Bob", "Cid"}


async def test_who_asked_can_think_again(doors: Doors) -> None:
    await approving(doors, "Cid")
    cancel = Node("cancel_membership_requests", {}, (doors.participant("Cid"),))
    assert await doors.ask("Dan", cancel) == "404"
    assert (await doors.got("Cid", cancel)).children[0].attrs["jid"] == doors.jid("Cid")
    assert not doors.server.group(doors.group).requests


async def test_a_member_who_adds_only_proposes(doors: Doors) -> None:
    await approving(doors)
    people = (doors.participant("Cid"), doors.participant("Ann"))
    answer = await doors.got("Bob", Node("add", {}, people))
    assert [node.attrs["error"] for node in answer.children] == ["202", "409"]
    asked = await doors.told("Ann", "created_membership_requests")
    assert asked.attrs["request_method"] == "NonAdminAdd"
    (request,) = (await doors.got("Ann", Node("membership_approval_requests"), kind="get")).children
    assert (request.attrs["jid"], request.attrs["requestor"]) == (doors.jid("Cid"), doors.jid("Bob"))


@pytest.mark.parametrize("tag", ["membership_approval_requests", "membership_requests_action"])
async def test_only_admins_approve(doors: Doors, tag: str) -> None:
    await approving(doors, "Cid")
    approve = Node("approve", {}, (doors.participant("Cid"),))
    assert await doors.ask("Bob", Node(tag, {}, (approve,))) == "403"
    assert await doors.members() == {"Ann", "Bob"}
