"""`motte groups` as processes against a local server: what people and programs get to read, and what others notice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from motte import Client, events
from motte.cli.exits import Exit
from motte.model import group_change as changes
from motte.testing import LocalServer
from tests.e2e.conftest import PATIENCE, Linked, configured, scanning, soon
from tests.e2e.people import lid, me
from tests.e2e.program import done


class Terminal:
    """Where Ann types."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder, self._env = folder, env

    async def groups(self, *arguments: str) -> str:
        """The output of a command that succeeds."""
        code, output, complaints = await done("groups", *arguments, folder=self._folder, **self._env)
        assert (code, complaints) == (Exit.OK, "")
        return output

    async def json(self, *arguments: str) -> list[dict[str, Any]]:
        """Likewise, its objects."""
        return [json.loads(line) for line in (await self.groups(*arguments, "--json")).splitlines()]

    async def refused(self, *arguments: str) -> str:
        """What a command that fails complains of, in one line."""
        code, _, complaints = await done(*arguments, folder=self._folder, **self._env)
        assert code == Exit.FAILURE
        assert complaints.count("\n") == 1
        return complaints


@pytest.fixture
async def ann(server: LocalServer, tmp_path: Path) -> Terminal:
    async with Client(tmp_path / "motte.db", config=configured(server, "Ann")) as client:
        scanning(server, client)
        settled = client.expect(events.Settled)
        await client.connect(timeout=PATIENCE)
        await soon(settled)
    return Terminal(tmp_path, {"MOTTE_URL": server.ws_url, "MOTTE_ROOT_KEY": server.root_key.hex()})


async def test_a_group_from_its_making_to_its_end(ann: Terminal, linked: Linked) -> None:
    ben, cleo = await linked("Ben"), await linked("Cleo")
    assert "You are in no group" in await ann.groups("list")

    told = ben.expect(events.GroupChanged)
    [made] = await ann.json("create", "Chess \x1b[31m", me(ben).pn.user)
    group = made["jid"]
    assert (made["subject"], made["size"]) == ("Chess \x1b[31m", 2)
    assert isinstance((await soon(told)).change, changes.Created)

    shown = await ann.groups("list")
    assert group in shown and "Chess" in shown and "creator" in shown and "\x1b" not in shown
    assert [one["jid"] for one in await ann.json("list")] == [group]

    renamed = ben.expect(events.GroupChanged)
    assert await ann.groups("subject", group, "Go") == "named\n"
    change = (await soon(renamed)).change
    assert isinstance(change, changes.SubjectChanged) and change.subject == "Go"

    [added] = await ann.json("add", group, me(cleo).pn.user)
    assert (added["action"], added["ok"], added["code"]) == ("add", True, 200)
    assert "made an admin" in await ann.groups("promote", group, me(cleo).pn.user)
    await ann.groups("description", group, "on Mondays")
    set_to = await ann.json("settings", group, "--announcement", "--timer", "7d", "--add-people", "admins")
    assert set_to == [{"group": group, "is_announcement": True, "timer": 604_800, "member_add_mode": "admin_add"}]

    shown = await ann.groups("info", group)
    for words in ("Go", "on Mondays", "after 7 days", "who may write", "admins", "creator"):
        assert words in shown
    [info] = await ann.json("info", group)
    assert (info["size"], info["is_announcement"], info["description"]["text"]) == (3, True, "on Mondays")

    assert "made an ordinary member" in await ann.groups("demote", group, me(cleo).pn.user)
    assert "removed" in await ann.groups("remove", group, me(cleo).pn.user)
    assert [one["size"] for one in await ann.json("list")] == [2]
    assert await ann.groups("description", group, "") == "description taken away\n"
    await ann.groups("settings", group, "--no-announcement", "--timer", "off")
    [info] = await ann.json("info", group)
    assert (info["is_announcement"], info["timer"], info["description"]) == (False, 0, None)

    assert await ann.groups("leave", group) == f"left {group}\n"
    assert await ann.json("list") == []


async def test_the_picture(ann: Terminal, linked: Linked, tmp_path: Path) -> None:
    pillow = pytest.importorskip("PIL.Image", reason="pictures are scaled with the media extra")
    pillow.new("RGB", (300, 200), "green").save(tmp_path / "board.png")
    ben = await linked("Ben")
    [made] = await ann.json("create", "Chess", me(ben).pn.user)
    told = ben.expect(events.PictureChanged)
    [changed] = await ann.json("picture", made["jid"], "board.png")
    assert changed == {"group": made["jid"], "picture": (await soon(told)).picture_id}
    told = ben.expect(events.PictureChanged)
    assert await ann.groups("picture", made["jid"], "--remove") == "picture taken away\n"
    assert (await soon(told)).picture_id is None


async def test_ways_in(ann: Terminal, linked: Linked) -> None:
    ben = await linked("Ben")
    group = str((await soon(ben.groups.create("Chess"))).group.jid)
    link = await soon(ben.groups.invite_link(group))
    assert "Chess" in await ann.groups("join", link, "--preview")
    assert await ann.json("list") == [], "a look is no step"
    assert await ann.json("join", link) == [{"group": group, "pending": False}]

    assert "only its admins" in await ann.refused("groups", "invite", group, "--reset")
    await soon(ben.groups.promote(group, (await ann_of(ben, group))))
    [first], [second] = await ann.json("invite", group), await ann.json("invite", group, "--reset")
    assert first["link"] == link != second["link"]
    assert "ask for a new one" in await ann.refused("groups", "join", link)


async def test_who_asks_to_be_let_in(ann: Terminal, linked: Linked) -> None:
    ben, cleo = await linked("Ben"), await linked("Cleo")
    [made] = await ann.json("create", "Chess")
    group = made["jid"]
    assert await ann.groups("requests", "list", group) == "Nobody asks to be let in.\n"
    await ann.groups("settings", group, "--approval")
    [invite] = await ann.json("invite", group)
    for client in (ben, cleo):
        assert (await soon(client.groups.join(invite["link"]))).pending
    asking = await ann.json("requests", "list", group)
    assert [(one["person"], one["method"]) for one in asking] == [
        (str(lid(client).user_jid), "InviteLink") for client in (ben, cleo)
    ]
    assert "since" in await ann.groups("requests", "list", group)
    assert "let in" in await ann.groups("requests", "approve", group, str(lid(ben).user_jid))
    [turned] = await ann.json("requests", "reject", group, me(cleo).pn.user)
    assert (turned["action"], turned["ok"]) == ("reject", True)
    assert await ann.json("requests", "list", group) == []
    refused = await ann.refused("groups", "requests", "approve", group, me(cleo).pn.user)
    assert "1 of 1 could not be let in" in refused


async def ann_of(ben: Client, group: str) -> str:
    """The address of the other one in the group."""
    found = await soon(ben.groups.get(group, fresh=True))
    [other] = [one for one in found.participants if not one.is_one(me(ben).pn)]
    return str(other.jid)


async def test_what_is_refused(ann: Terminal, linked: Linked) -> None:
    ben = await linked("Ben")
    theirs = str((await soon(ben.groups.create("Chess"))).group.jid)
    for arguments in (("info", theirs), ("subject", theirs, "Mine")):
        assert "you are not in this group" in await ann.refused("groups", *arguments)
    assert "no such group" in await ann.refused("groups", "leave", "120363999999999999@g.us")
    [made] = await ann.json("create", "Go", me(ben).pn.user)
    assert "1 of 1 could not be added" in await ann.refused("groups", "add", made["jid"], me(ben).pn.user)


async def test_a_text_to_a_group(ann: Terminal, linked: Linked, tmp_path: Path, server: LocalServer) -> None:
    ben = await linked("Ben")
    [made] = await ann.json("create", "Chess", me(ben).pn.user)
    got = ben.expect(events.MessageReceived)
    env = {"MOTTE_URL": server.ws_url, "MOTTE_ROOT_KEY": server.root_key.hex()}
    code, output, _ = await done("send", made["jid"], "hello, all", "--wait", "delivered", folder=tmp_path, **env)
    assert code == Exit.OK and output.startswith(f"sent to {made['jid']}") and output.endswith("delivered\n")
    event = await soon(got)
    assert (event.text, str(event.chat)) == ("hello, all", made["jid"])
