"""Groups: made, shown, set; members come and go; who is told what, present or absent; what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from motte.core.binary.node import Node
from motte.testing import LocalServer
from motte.testing.server.accounts import Account
from motte.testing.server.settings import Settings
from tests.unit.testing.server.raw_client import Keys, RawClient, linked, logged_in

NAMES = ("Ann", "Bob", "Cid", "Dan")


@dataclass
class Club:
    """Four people, all connected; Ann has made a group with Bob and Cid."""

    server: LocalServer
    clients: dict[str, RawClient]
    keys: dict[str, Keys]
    group: str

    def account(self, name: str) -> Account:
        return self.server.account(name)

    def jid(self, name: str) -> str:
        """A member in the group's addressing."""
        return str(self.server.group(self.group).jid_of(self.account(name)))

    def people(self, *names: str) -> tuple[Node, ...]:
        return tuple(Node("participant", {"jid": self.jid(name)}) for name in names)

    async def ask(self, name: str, *children: Node, kind: str = "set", to: str | None = None) -> Node:
        """The answer to a group IQ of somebody."""
        return await self.clients[name].iq("w:g2", *children, kind=kind, to=to or self.group, keep=True)

    async def done(self, name: str, *children: Node, kind: str = "set", to: str | None = None) -> Node:
        """The first child of an answer that is a result."""
        answer = await self.ask(name, *children, kind=kind, to=to)
        assert answer.attrs["type"] == "result", answer
        assert answer.attrs["from"] == (to or self.group)
        return answer.children[0] if answer.children else answer

    async def refused(self, name: str, *children: Node, kind: str = "set", to: str | None = None) -> str:
        """The code of an answer that is an error."""
        answer = await self.ask(name, *children, kind=kind, to=to)
        assert answer.attrs["type"] == "error", answer
        return answer.children[0].attrs["code"]

    async def info(self, name: str = "Ann") -> Node:
        return await self.done(name, Node("query", {"request": "interactive"}), kind="get")

    async def told(self, name: str, tag: str) -> Node:
        """The next group notification of this kind that somebody gets."""

        def fits(node: Node) -> bool:
            return node.attrs["type"] == "w:gp2" and node.children[0].tag == tag

        return await self.clients[name].until("notification", fits)


@pytest.fixture(params=["lid", "pn"])
async def club(request: pytest.FixtureRequest) -> AsyncIterator[Club]:
    settings = Settings(greet=False, closing_seconds=0.02, group_mode=request.param, rejoin_seconds=3600)
    async with LocalServer(tls_port=None, settings=settings) as server, AsyncExitStack() as stack:
        keys = {name: await linked(server, name) for name in NAMES}
        clients = {name: await stack.enter_async_context(logged_in(server, keys[name])) for name in NAMES}
        people = tuple(Node("participant", {"jid": str(server.account(name).pn)}) for name in ("Bob", "Cid"))
        create = Node("create", {"subject": "Chess", "key": "K1"}, people)
        answer = await clients["Ann"].iq("w:g2", create, kind="set", to="@g.us", keep=True)
        yield Club(server, clients, keys, f"{answer.children[0].attrs['id']}@g.us")


def roles(group: Node) -> dict[str, str]:
    return {node.attrs["jid"]: node.attrs.get("type", "") for node in group.all("participant")}


def errors(action: Node) -> list[str]:
    return [node.attrs.get("error", "200") for node in action.all("participant")]


# ---- making and showing ----


async def test_a_new_group_shows_its_members_in_its_addressing(club: Club) -> None:
    group = await club.info()
    mode = group.attrs["addressing_mode"]
    ann, other = club.account("Ann"), "creator_pn" if mode == "lid" else "creator_lid"
    assert group.attrs["subject"] == "Chess"
    assert group.attrs["creator"] == club.jid("Ann")
    assert group.attrs[other] == str(ann.pn if mode == "lid" else ann.lid)
    assert roles(group) == {club.jid("Ann"): "superadmin", club.jid("Bob"): "", club.jid("Cid"): ""}
    alternate = "phone_number" if mode == "lid" else "lid"
    assert next(iter(group.all("participant"))).attrs[alternate] == str(ann.pn if mode == "lid" else ann.lid)
    assert (group.attrs["size"], group.attrs["creation"].isdigit()) == ("3", True)


async def test_everybody_hears_of_a_new_group_and_its_creator_of_the_key(club: Club) -> None:
    for name in ("Ann", "Bob", "Cid"):
        told = await club.told(name, "create")
        assert told.attrs["from"] == club.group
        assert told.attrs["participant"] == club.jid("Ann")
        assert told.attrs["notify"] == "Ann"
        create = told.children[0]
        assert create.attrs.get("key") == ("K1" if name == "Ann" else None)
        inner = create.child("group")
        assert inner is not None
        assert len(roles(inner)) == 3


async def test_the_groups_that_one_is_in(club: Club) -> None:
    asked = Node("participating", {}, (Node("participants"), Node("description")))
    groups = await club.done("Bob", asked, kind="get", to="@g.us")
    assert [f"{node.attrs['id']}@g.us" for node in groups.all("group")] == [club.group]
    assert len(roles(groups.children[0])) == 3
    bare = await club.done("Bob", Node("participating"), kind="get", to="@g.us")
    assert roles(bare.children[0]) == {}
    assert not (await club.done("Dan", asked, kind="get", to="@g.us")).content


async def test_who_is_no_member_sees_nothing(club: Club) -> None:
    query = Node("query", {"request": "interactive"})
    assert await club.refused("Dan", query, kind="get") == "403"
    assert await club.refused("Ann", query, kind="get", to="120363999@g.us") == "404"


@pytest.mark.parametrize("subject", ["", "  ", "x" * 101])
async def test_a_group_needs_a_subject(club: Club, subject: str) -> None:
    assert await club.refused("Ann", Node("create", {"subject": subject}), to="@g.us") == "406"
    assert await club.refused("Ann", Node("subject", {}, subject.encode() or None)) == "406"


# ---- members ----


async def test_an_added_member_gets_the_group_and_the_others_an_addition(club: Club) -> None:
    added = await club.done("Ann", Node("add", {}, club.people("Dan")))
    assert errors(added) == ["200"]
    create = (await club.told("Dan", "create")).children[0].child("group")
    assert create is not None
    assert club.jid("Dan") in roles(create)
    for name in ("Ann", "Bob", "Cid"):
        told = (await club.told(name, "add")).children[0]
        assert [node.attrs["jid"] for node in told.all("participant")] == [club.jid("Dan")]
    assert club.jid("Dan") in roles(await club.info("Dan"))


async def test_each_person_gets_an_answer_of_their_own(club: Club) -> None:
    club.account("Dan").profile.privacy["groupadd"] = "none"
    unknown = Node("participant", {"jid": "15559990000@s.whatsapp.net"})
    added = await club.done("Ann", Node("add", {}, (*club.people("Dan", "Bob"), unknown)))
    assert errors(added) == ["403", "409", "404"]
    request = added.children[0].child("add_request")
    assert request is not None
    assert int(request.attrs["expiration"]) > int((await club.info()).attrs["creation"])


async def test_who_blocked_or_left_is_not_added(club: Club) -> None:
    await club.done("Cid", Node("leave", {}, (Node("group", {"id": club.group}),)), to="@g.us")
    club.account("Dan").profile.blocked.add(club.account("Ann"))
    added = await club.done("Ann", Node("add", {}, club.people("Cid", "Dan")))
    assert errors(added) == ["408", "401"]


async def test_privacy_lets_contacts_add(club: Club) -> None:
    club.account("Dan").profile.privacy["groupadd"] = "contacts"
    assert errors(await club.done("Ann", Node("add", {}, club.people("Dan")))) == ["403"]
    club.account("Dan").contacts.add(club.account("Ann"))
    assert errors(await club.done("Ann", Node("add", {}, club.people("Dan")))) == ["200"]


async def test_removing_is_told_to_the_removed_too(club: Club) -> None:
    removed = await club.done("Ann", Node("remove", {}, club.people("Cid", "Dan")))
    assert errors(removed) == ["200", "404"]
    for name in ("Ann", "Bob", "Cid"):
        told = (await club.told(name, "remove")).children[0]
        assert [node.attrs["jid"] for node in told.all("participant")] == [club.jid("Cid")]
    assert await club.refused("Cid", Node("query"), kind="get") == "403"


async def test_roles(club: Club) -> None:
    assert errors(await club.done("Ann", Node("promote", {}, club.people("Bob", "Dan")))) == ["200", "404"]
    assert (await club.told("Bob", "promote")).attrs["participant"] == club.jid("Ann")
    assert roles(await club.info())[club.jid("Bob")] == "admin"
    assert errors(await club.done("Bob", Node("demote", {}, club.people("Ann", "Bob")))) == ["405", "200"]
    assert errors(await club.done("Ann", Node("remove", {}, club.people("Ann")))) == ["405"]
    assert roles(await club.info())[club.jid("Bob")] == ""


@pytest.mark.parametrize("action", ["remove", "promote", "demote"])
async def test_only_admins_decide_about_members(club: Club, action: str) -> None:
    assert await club.refused("Bob", Node(action, {}, club.people("Cid"))) == "403"
    assert await club.refused("Dan", Node(action, {}, club.people("Cid"))) == "403"
    assert await club.refused("Ann", Node(action, {}, club.people("Cid")), to="120363999@g.us") == "404"
    assert await club.refused("Ann", Node(action)) == "400"


async def test_when_the_last_admin_leaves_the_oldest_member_follows(club: Club) -> None:
    answer = await club.done("Ann", Node("leave", {}, (Node("group", {"id": club.group}),)), to="@g.us")
    assert answer.children[0].attrs == {"id": club.group}
    left = await club.told("Bob", "remove")
    assert left.attrs["participant"] == left.children[0].children[0].attrs["jid"] == club.jid("Ann")
    assert (await club.told("Bob", "promote")).children[0].children[0].attrs["jid"] == club.jid("Bob")
    assert roles(await club.info("Bob")) == {club.jid("Bob"): "admin", club.jid("Cid"): ""}


async def test_a_group_that_everybody_left_is_gone(club: Club) -> None:
    leave = Node("leave", {}, (Node("group", {"id": club.group}),))
    for name in ("Ann", "Bob", "Cid"):
        await club.done(name, leave, to="@g.us")
    assert await club.refused("Ann", Node("query"), kind="get") == "404"
    again = await club.done("Ann", leave, to="@g.us")
    assert again.children[0].attrs["error"] == "404"


# ---- settings ----

FLAGS = {"locked": "unlocked", "announcement": "not_announcement"}


@pytest.mark.parametrize("on", FLAGS)
async def test_yes_or_no_settings(club: Club, on: str) -> None:
    assert (await club.info()).child(on) is None
    await club.done("Ann", Node(on))
    await club.told("Bob", on)
    assert (await club.info("Bob")).child(on) is not None
    assert await club.refused("Bob", Node(FLAGS[on])) == "403"
    await club.done("Ann", Node(FLAGS[on]))
    await club.told("Bob", FLAGS[on])
    assert (await club.info()).child(on) is None


async def test_what_changes_nothing_is_told_to_nobody(club: Club) -> None:
    waiting = club.account("Bob").devices[1].mailbox
    before = len(waiting)
    for node in (Node("unlocked"), Node("not_ephemeral"), Node("promote", {}, club.people("Ann"))):
        await club.done("Ann", node)
    assert len(waiting) == before


async def test_the_timer(club: Club) -> None:
    for seconds in ("86400", "604800"):
        await club.done("Bob", Node("ephemeral", {"expiration": seconds}))
        assert (await club.told("Cid", "ephemeral")).children[0].attrs["expiration"] == seconds
        timer = (await club.info()).child("ephemeral")
        assert timer is not None
        assert timer.attrs["expiration"] == seconds
    await club.done("Bob", Node("not_ephemeral"))
    await club.told("Cid", "not_ephemeral")
    assert (await club.info()).child("ephemeral") is None
    assert await club.refused("Bob", Node("ephemeral", {"expiration": "7"})) == "400"


async def test_in_a_locked_group_only_admins_edit(club: Club) -> None:
    await club.done("Bob", Node("subject", {}, b"Go"))
    told = (await club.told("Cid", "subject")).children[0]
    assert (told.attrs["subject"], told.attrs["s_o"]) == ("Go", club.jid("Bob"))
    await club.done("Ann", Node("locked"))
    for node in (Node("subject", {}, b"Shogi"), Node("not_ephemeral"), Node("description", {"delete": "true"})):
        assert await club.refused("Bob", node) == "403"
    await club.done("Ann", Node("subject", {}, b"Shogi"))
    assert (await club.info("Bob")).attrs["subject"] == "Shogi"


async def test_a_description_follows_the_one_before(club: Club) -> None:
    def described(new: str, prev: str | None = None) -> Node:
        attrs = {"id": new, **({"prev": prev} if prev else {})}
        return Node("description", attrs, (Node("body", {}, f"about {new}".encode()),))

    await club.done("Bob", described("D1"))
    told = (await club.told("Cid", "description")).children[0]
    assert (told.attrs["id"], told.attrs["participant"]) == ("D1", club.jid("Bob"))
    assert await club.refused("Bob", described("D2")) == "409"
    await club.done("Ann", described("D2", "D1"))
    shown = (await club.info()).child("description")
    assert shown is not None
    assert shown.children[0].data == b"about D2"
    assert await club.refused("Bob", Node("description", {"delete": "true"})) == "409"
    await club.done("Bob", Node("description", {"delete": "true", "prev": "D2"}))
    assert (await club.info()).child("description") is None


async def test_who_may_add(club: Club) -> None:
    assert errors(await club.done("Bob", Node("add", {}, club.people("Dan")))) == ["200"]
    await club.done("Ann", Node("member_add_mode", {}, b"admin_add"))
    assert (await club.told("Bob", "member_add_mode")).children[0].data == b"admin_add"
    assert await club.refused("Bob", Node("add", {}, club.people("Dan"))) == "403"
    assert await club.refused("Bob", Node("member_add_mode", {}, b"all_member_add")) == "403"
    assert await club.refused("Ann", Node("member_add_mode", {}, b"nobody")) == "400"


# ---- absent members ----


async def test_changes_wait_for_the_absent(club: Club) -> None:
    mailbox = club.account("Dan").devices[1].mailbox
    await club.clients["Dan"].close()
    await club.done("Ann", Node("add", {}, club.people("Dan")))
    await club.done("Ann", Node("subject", {}, b"Go"))
    assert len(mailbox) == 2
    async with logged_in(club.server, club.keys["Dan"], ready=False) as again:
        await again.iq("passive", Node("active"), kind="set", keep=True)
        seen = [await again.until("notification") for _ in range(2)]
    assert [node.children[0].tag for node in seen] == ["create", "subject"]
    assert {node.attrs["offline"] for node in seen} == {"0"}
