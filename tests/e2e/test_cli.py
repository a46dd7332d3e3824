"""The command line as a user has it: processes against a local server, with a client of the library as the peer."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from pathlib import Path

import pytest

from motte import Client, events
from motte.cli.exits import Exit
from motte.testing import Authenticator, LocalServer
from tests.e2e.conftest import PATIENCE, Linked, configured, scanning, soon
from tests.e2e.program import done, files, motte


@pytest.fixture
def env(server: LocalServer) -> dict[str, str]:
    """What points the command line at the local server."""
    return {"MOTTE_URL": server.ws_url, "MOTTE_ROOT_KEY": server.root_key.hex()}


async def link(folder: Path, server: LocalServer, name: str) -> str:
    """Link a database in `folder` to the account of `name`, without a process of its own; gives its phone number."""
    async with Client(folder / "motte.db", config=configured(server, name)) as client:
        scanning(server, client)
        settled = client.expect(events.Settled)
        await client.connect(timeout=PATIENCE)
        await soon(settled)
        assert client.me is not None
        return client.me.pn.user


async def test_login_by_qr_code_and_what_follows(
    server: LocalServer, linked: Linked, env: dict[str, str], tmp_path: Path
) -> None:
    async with motte("login", "--name", "Ann", "--json", "--qr-png", "code.png", folder=tmp_path, **env) as login:
        server.scan_qr((await login.event("qr"))["text"])
        paired, last = await login.event("paired"), await login.event("linked")
        assert paired["jid"] == last["jid"]
        assert await login.ended() == Exit.OK
    assert (tmp_path / "code.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "motte.db").stat().st_mode & 0o077 == 0, "keys are for their owner only"

    code, output, _ = await done("inspect", "--json", folder=tmp_path)
    assert code == Exit.OK
    assert (json.loads(output)["jid"], json.loads(output)["counts"]["prekeys_not_uploaded"]) == (last["jid"], 0)

    code, output, _ = await done("login", folder=tmp_path, **env)
    assert code == Exit.OK and output.startswith("Already linked as +1 555 010 ")

    ben = await linked("Ben")
    assert ben.me is not None
    heard = ben.expect(events.MessageReceived)

    async def read() -> None:
        await (await heard).mark_read()

    reading = asyncio.ensure_future(read())
    code, output, complaints = await done("send", ben.me.pn.user, "hi Ben", "--wait", "read", folder=tmp_path, **env)
    await soon(reading)
    assert (code, complaints) == (Exit.OK, "")
    assert re.fullmatch(r"sent to \+1 555 010 \d{4} \(id \w+\)\ndelivered\nread\n", output)
    assert heard.result().text == "hi Ben"
    assert heard.result().message.push_name == "Ann"

    code, output, _ = await done("logout", folder=tmp_path, **env)
    assert code == Exit.OK and output.startswith("Logged out.")
    assert not server.account("Ann").companions
    assert (await done("send", ben.me.pn.user, "x", folder=tmp_path, **env))[0] == Exit.NOT_LINKED


async def test_login_by_code_typed_into_the_phone(server: LocalServer, env: dict[str, str], tmp_path: Path) -> None:
    async with motte("login", "--code", "+1 555 010 0077", folder=tmp_path, **env) as login:
        shown = None
        while shown is None:
            line = await login.line()
            assert line, await login.complaints()
            shown = re.fullmatch(r" +(\w{4}-\w{4})\n", line)
        server.confirm_code("15550100077", shown[1])
        assert await login.ended() == Exit.OK
    assert server.account("15550100077").companions


async def test_over_tls_a_fake_phone_does_it_all(tmp_path: Path) -> None:
    async with LocalServer(port=None) as server:
        trusted = {"MOTTE_URL": server.wss_url, "MOTTE_ROOT_KEY": server.root_key.hex()}
        code, _, complaints = await done("login", "--fake-phone", folder=tmp_path, **trusted)
        assert code == Exit.NETWORK and "Check --ca-file" in complaints
        trusted["MOTTE_CA_FILE"] = str(server.ca_file)
        code, output, _ = await done("login", "--fake-phone", "--code", "15550100055", folder=tmp_path, **trusted)
        assert code == Exit.OK and "Linked as +1 555 010 0055, device 1." in output


async def test_messages_wait_for_listen_whatever_runs_before(
    server: LocalServer, linked: Linked, env: dict[str, str], tmp_path: Path
) -> None:
    ann, ben = await link(tmp_path, server, "Ann"), await linked("Ben")
    assert ben.me is not None
    for text in ("one", "two", "three"):
        await soon(ben.messages.send(ann, text))
    assert (await done("send", ben.me.pn.user, "not listening", folder=tmp_path, **env))[0] == Exit.OK

    code, output, _ = await done("listen", "--json", "--limit", "1", folder=tmp_path, **env)
    assert code == Exit.OK
    message = json.loads(output)
    assert (message["text"], message["origin"], message["chat"]) == ("one", "offline", str(ben.me.pn.user_jid))

    code, output, _ = await done("listen", "--limit", "2", folder=tmp_path, **env)
    assert code == Exit.OK
    assert [line.split()[-1] for line in output.splitlines()] == ["two", "three"]


async def test_listen_answers_with_receipts_and_outlives_its_connection(
    server: LocalServer, linked: Linked, env: dict[str, str], tmp_path: Path
) -> None:
    ann, ben = await link(tmp_path, server, "Ann"), await linked("Ben")
    async with motte("listen", "--json", "--all", "--mark-read", folder=tmp_path, **env) as listening:
        await listening.event("connected")
        sent = await soon(ben.messages.send(ann, "first"))
        assert (await listening.event("message"))["text"] == "first"
        await soon(sent.read())
        server.faults.drop("Ann")
        assert (await listening.event("disconnected"))["action"] == "back_off"
        await soon(ben.messages.send(ann, "second"))
        assert (await listening.event("message"))["text"] == "second"
        listening.signal(signal.SIGTERM)
        assert await listening.ended() == Exit.OK


async def test_a_reader_that_goes_away_loses_nothing(
    server: LocalServer, linked: Linked, env: dict[str, str], tmp_path: Path
) -> None:
    ann, ben = await link(tmp_path, server, "Ann"), await linked("Ben")
    async with motte("listen", "--json", folder=tmp_path, **env) as listening:
        await listening.noticed("Connected as +1 555 010 ")
        transport = listening.process._transport  # type: ignore[attr-defined]  # asyncio has no other way
        transport.get_pipe_transport(1).close()
        await soon(ben.messages.send(ann, "nobody reads this"))
        assert await listening.ended() == Exit.INTERRUPTED
        assert "Traceback" not in await listening.complaints()
    code, output, _ = await done("listen", "--json", "--limit", "1", folder=tmp_path, **env)
    assert code == Exit.OK and json.loads(output)["text"] == "nobody reads this"


async def test_what_the_server_refuses(
    server: LocalServer, linked: Linked, env: dict[str, str], tmp_path: Path
) -> None:
    await link(tmp_path, server, "Ann")
    ben = await linked("Ben")
    assert ben.me is not None
    to = ben.me.pn.user

    server.faults.nack_message(463, "Ann")
    code, output, complaints = await done("send", to, "x", folder=tmp_path, **env)
    assert (code, output) == (Exit.REJECTED, "") and "463" in complaints

    server.faults.drop_ack("Ann")
    code, output, complaints = await done("send", to, "x", "--timeout", "0.5", folder=tmp_path, **env)
    assert (code, output) == (Exit.NETWORK, "") and "whether it took it is unknown" in complaints

    code, output, complaints = await done("send", to, "x", "--wait", "read", "--timeout", "0.5", folder=tmp_path, **env)
    assert code == Exit.NETWORK and output.startswith("sent to ") and "was not read within 0.5 s" in complaints

    wrong = env | {"MOTTE_ROOT_KEY": "00" * 32}
    code, _, complaints = await done("send", to, "x", folder=tmp_path, **wrong)
    assert code == Exit.NETWORK and "signature" in complaints and "Check --root-key" in complaints


async def test_a_device_that_the_phone_unlinked(server: LocalServer, env: dict[str, str], tmp_path: Path) -> None:
    ann = await link(tmp_path, server, "Ann")
    server.faults.unlink("Ann")
    code, _, complaints = await done("send", ann, "x", folder=tmp_path, **env)
    assert code == Exit.LOGGED_OUT and complaints.endswith("Run `motte login` to link it again.\n")
    assert (await done("listen", folder=tmp_path, **env))[0] == Exit.LOGGED_OUT

    code, output, complaints = await done("login", "--name", "Ann", "--fake-phone", folder=tmp_path, **env)
    assert code == Exit.OK and "Linking it anew" in complaints and "device 2" in output
    server.faults.unlink("Ann")
    code, output, _ = await done("logout", folder=tmp_path, **env)
    assert code == Exit.OK and "unlinked this device already" in output


async def test_login_to_an_account_with_a_passkey_says_so(
    server: LocalServer, env: dict[str, str], tmp_path: Path
) -> None:
    passkey = Authenticator()
    server.phone("Ann").protect(passkey.credential_id, passkey.public_key)
    code, output, complaints = await done("login", "--name", "Ann", "--fake-phone", folder=tmp_path, **env)
    assert code == Exit.FAILURE
    assert "protected by a passkey, which a terminal cannot answer" in " ".join(complaints.split()), output


async def test_login_by_code_outlives_another_secret(server: LocalServer, env: dict[str, str], tmp_path: Path) -> None:
    async with motte("login", "--code", "+1 555 010 0077", "--json", folder=tmp_path, **env) as login:
        code = await login.event("pairing_code")
        assert server.faults.refresh_registration() == 1
        server.confirm_code("15550100077", code["code"])
        await login.event("linked")
        assert await login.ended() == Exit.OK


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
async def test_login_can_be_interrupted(env: dict[str, str], tmp_path: Path, kind: signal.Signals) -> None:
    async with motte("login", "--json", folder=tmp_path, **env) as login:
        await login.event("qr")
        login.signal(kind)
        assert await login.ended() == Exit.INTERRUPTED
        assert await login.complaints() == ""
    assert (await done("logout", folder=tmp_path, **env))[0] == Exit.NOT_LINKED


async def test_the_server_says_when_it_is_ready_and_stops_cleanly(tmp_path: Path) -> None:
    async with motte("server", "--root-key", "root.hex", folder=tmp_path) as server:
        ready = json.loads(await server.line())
        assert set(ready) == {"ws", "wss", "http", "https", "root_key", "ca"}
        assert (tmp_path / "root.hex").read_text().strip() == ready["root_key"]
        env = {"MOTTE_URL": ready["wss"], "MOTTE_CA_FILE": ready["ca"], "MOTTE_ROOT_KEY": "root.hex"}
        code, _, complaints = await done("login", "--fake-phone", folder=tmp_path, **env)
        assert code == Exit.OK, complaints
        port = ready["http"].rpartition(":")[2]
        code, output, complaints = await done("server", "--port", port, "--tls-port", "-1", folder=tmp_path)
        assert (code, output) == (Exit.FAILURE, "") and "choose other ports" in complaints
        server.signal(signal.SIGTERM)
        assert await server.ended() == Exit.OK
        assert await server.line() == "", "one line and nothing else"
    assert not files(Path(ready["ca"]).parent), "the TLS key is gone with it"


async def test_ctrl_c_ends_the_server_as_well(tmp_path: Path) -> None:
    async with motte("server", "--port", "-1", folder=tmp_path) as server:
        assert json.loads(await server.line())["ws"] is None
        server.signal(signal.SIGINT)
        assert await server.ended() == Exit.OK


async def test_the_doctor_logs_in_once(server: LocalServer, env: dict[str, str], tmp_path: Path) -> None:
    await link(tmp_path, server, "Ann")
    code, output, _ = await done("doctor", "--online", "--json", folder=tmp_path, **env)
    found = {value["check"]: value for value in map(json.loads, output.splitlines())}
    assert (code, found["login"]["level"]) == (Exit.OK, "ok")
    assert {value["level"] for value in found.values()} == {"ok"}
    server.faults.unlink("Ann")
    code, output, _ = await done("doctor", "--online", "--json", folder=tmp_path, **env)
    assert code == Exit.FAILURE
    assert "unlinked" in output or "logged out" in output.lower()
