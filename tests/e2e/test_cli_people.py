"""`motte contacts` and `motte privacy` as processes against a local server."""

from __future__ import annotations

import json
from pathlib import Path

from motte import Client, events
from motte.cli.exits import Exit
from motte.testing import LocalServer
from motte.testing.server.accounts import BusinessCard
from tests.e2e.conftest import PATIENCE, configured, scanning, soon
from tests.e2e.program import done


async def test_people_and_privacy_from_a_terminal(server: LocalServer, tmp_path: Path) -> None:
    async with Client(tmp_path / "motte.db", config=configured(server, "Ann")) as client:
        scanning(server, client)
        settled = client.expect(events.Settled)
        await client.connect(timeout=PATIENCE)
        await soon(settled)
    bob = server.account("Bob")
    bob.profile.business, bob.profile.about = BusinessCard(name="Bob's [Bread]"), "[at] the sea"
    env = {"MOTTE_URL": server.ws_url, "MOTTE_ROOT_KEY": server.root_key.hex()}

    async def motte(*arguments: str) -> str:
        code, output, complaints = await done(*arguments, folder=tmp_path, **env)
        assert (code, complaints) == (Exit.OK, "")
        return output

    checked = await motte("contacts", "check", bob.pn.user, "15550109999")
    assert checked == f"+{bob.pn.user}: {bob.pn}, Bob's [Bread]\n+15550109999: not on WhatsApp\n"
    shown = json.loads(await motte("contacts", "show", bob.pn.user, "--json"))
    assert (shown["pn"], shown["about"]) == (str(bob.pn), "[at] the sea")
    assert "about: [at] the sea\n" in await motte("contacts", "show", bob.pn.user)
    assert await motte("contacts", "block", bob.pn.user) == f"{bob.pn} is blocked\n"
    assert server.account("Ann").profile.blocked == {bob}
    assert await motte("contacts", "blocked") == f"{bob.lid}\n"
    assert json.loads(await motte("contacts", "unblock", str(bob.lid), "--json")) == {
        "jid": str(bob.lid),
        "blocked": False,
    }
    assert await motte("privacy", "set", "last", "contacts") == "last: contacts\n"
    assert "last: contacts\n" in await motte("privacy", "show")
    for wrong in (("privacy", "set", "online", "none"), ("contacts", "block", "nobody")):
        code, _, complaints = await done(*wrong, folder=tmp_path, **env)
        assert (code, bool(complaints)) == (Exit.USAGE, True)
    code, _, complaints = await done("contacts", "block", "15550109999", folder=tmp_path, **env)
    assert code != Exit.OK
    assert "not on WhatsApp" in complaints
