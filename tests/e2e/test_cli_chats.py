"""`motte chats` as processes against a local server, and what the phone makes of it."""

from __future__ import annotations

import json
from pathlib import Path

from motte import Client, events
from motte.cli.exits import Exit
from motte.model.jid import Jid
from motte.testing import LocalServer
from tests.e2e.conftest import PATIENCE, configured, scanning, soon
from tests.e2e.program import done

BOB = Jid("15550100099", "s.whatsapp.net")


async def test_chats_from_a_terminal(server: LocalServer, tmp_path: Path) -> None:
    async with Client(tmp_path / "motte.db", config=configured(server, "Ann")) as client:
        scanning(server, client)
        settled = client.expect(events.Settled)
        await client.connect(timeout=PATIENCE)
        await soon(settled)
    env = {"MOTTE_URL": server.ws_url, "MOTTE_ROOT_KEY": server.root_key.hex()}

    async def chats(*arguments: str) -> str:
        code, output, complaints = await done("chats", *arguments, folder=tmp_path, **env)
        assert (code, complaints) == (Exit.OK, "")
        return output

    assert "No chats" in await chats("list")
    assert await chats("mute", BOB.user, "--hours", "8") == f"{BOB} is muted\n"
    assert json.loads(await chats("pin", str(BOB), "--json")) == {"chat": str(BOB), "set": "pinned"}
    state = server.account("Ann").phone.state
    pin = state.value("pin_v1", str(BOB))
    assert pin is not None
    assert pin.pinAction.pinned
    shown = await chats("list")
    assert str(BOB) in shown and "pinned, muted" in shown
    server.account("Ann").phone.chats.archive(str(BOB))
    [archived] = [json.loads(line) for line in (await chats("list", "--archived", "--json")).splitlines()]
    assert (archived["jid"], archived["archived"], archived["pinned_at"]) == (str(BOB), True, None)
    code, _, complaints = await done("chats", "mute", "nobody", folder=tmp_path, **env)
    assert code == Exit.USAGE
    assert "nobody" in complaints
