"""Every command's mistakes: the exit code, one sentence, and nothing lost."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest

from motte.cli.exits import Exit
from motte.core.binary.encoder import encode
from motte.core.binary.node import Node
from motte.store.lease import FileLease
from tests.unit.cli.conftest import ME, MY_LID, Motte

COMMANDS = (
    *("demo", "login", "send", "listen", "server", "inspect", "logout", "groups", "media"),
    *("import", "export", "doctor"),
)
GROUPS = ("groups", "media", "import")
"""Commands that do nothing by themselves."""
NESTED: list[tuple[str, ...]] = [
    ("inspect", "node"),
    ("media", "get"),
    ("import", "baileys"),
    ("import", "file"),
    *(("groups", name) for name in ("list", "info", "create", "settings", "join")),
    *(("groups", "requests", name) for name in ("list", "approve", "reject")),
]


def test_help_names_every_command_and_every_exit_code(motte: Motte) -> None:
    result = motte("--help")
    assert result.exit_code == Exit.OK
    for command in COMMANDS:
        assert re.search(rf"\b{command}\b", result.output)
    text = " ".join(result.output.split())
    for code in Exit:
        assert re.search(rf"\b{code.value} \w", text)


@pytest.mark.parametrize("command", [*((name,) for name in COMMANDS if name not in GROUPS), *NESTED])
def test_every_command_explains_itself(motte: Motte, command: tuple[str, ...]) -> None:
    result = motte(*command, "-h")
    assert result.exit_code == Exit.OK
    assert "Usage:" in result.output and "--debug" in result.output


def test_version(motte: Motte) -> None:
    assert re.fullmatch(r"motte \d+\.\d+\.\d+\S*\n", motte("--version").output)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("send",), "Missing argument"),
        (("send", "15550100002"), "say one thing to send"),
        (("send", "15550100002", "hi", "--location", "1,2"), "say one thing to send"),
        (("send", "15550100002", "hi", "--caption", "x"), "--caption does not go with"),
        (("send", "15550100002", "hi", "--kind", "image"), "--kind does not go with"),
        (("send", "15550100002", "hi", "--option", "x"), "--option does not go with"),
        (("send", "15550100002", "hi", "--by", "me"), "--by does not go with"),
        (("send", "15550100002", "hi", "--for", "15550100003"), "--for does not go with"),
        (("send", "status", "--react", "3EB0AA", "x", "--for", "15550100003"), "--for does not go with"),
        (("send", "15550100002", "--react", "3EB0AA", "x", "--reply-to", "3EB0BB"), "--reply-to does not go with"),
        (("send", "15550100002", "--file", "missing.jpg"), "does not exist"),
        (("send", "15550100002", "--location", "91,0"), "at most 90 degrees"),
        (("send", "15550100002", "--location", "nan,0"), "at most 90 degrees"),
        (("send", "15550100002", "--location", "here"), "LAT,LONG"),
        (("send", "15550100002", "--poll", "Tea?", "--option", "yes"), "at least two different options"),
        (("send", "15550100002", "--poll", "Tea?", "--option", "a", "--option", "b", "--select", "3"), "--select 3"),
        (("send", "12", "hi"), "country code"),
        (("send", "ben@nowhere", "hi"), "not a JID"),
        (("send", "15550100002", "  "), "no text"),
        (("send", "15550100002", "hi", "--wait", "never"), "delivered"),
        (("send", "15550100002", "hi", "--url", "http://127.0.0.1/"), "WebSocket"),
        (("send", "15550100002", "hi", "--root-key", "abc"), "64 hex digits"),
        (("login", "--ca-file", "missing.pem"), "does not exist"),
        (("login", "--code", "12"), "country code"),
        (("listen", "--limit", "0"), "--limit"),
        (("server", "--port", "-1", "--tls-port", "-1"), "without any port"),
        (("server", "--port", "70000"), "--port"),
        (("groups", "info", "15550100002"), "@g.us"),
        (("groups", "info", "chess@nowhere"), "@g.us"),
        (("groups", "add", "1203630001@g.us"), "Missing argument"),
        (("groups", "add", "1203630001@g.us", "12"), "country code"),
        (("groups", "add", "1203630001@g.us", "1203630002@g.us"), "no person"),
        (("groups", "settings", "1203630001@g.us", "--timer", "1h"), "90d"),
        (("groups", "picture", "1203630001@g.us"), "--remove the present one"),
        (("groups", "picture", "1203630001@g.us", "missing.jpg"), "does not exist"),
        (("media", "get"), "Missing argument"),
        (("media", "get", "x"), "not what `motte listen --json` prints"),
        (("media", "get", "{}"), "no message with a file"),
        (("media", "get", '{"media": {"kind": "image"}}'), "not what `motte listen --json` prints"),
        (("inspect", "node", "zz"), "neither hex nor base64"),
        (("frobnicate",), "No such command"),
    ],
)
def test_wrong_usage(motte: Motte, arguments: tuple[str, ...], said: str) -> None:
    result = motte(*arguments)
    assert result.exit_code == Exit.USAGE, result.output
    assert said.lower() in " ".join(result.stderr.replace("│", " ").split()).lower()
    assert "Traceback" not in result.output
    assert not list(Path.cwd().iterdir()), "a mistake must not leave a file behind"


def test_a_root_key_from_a_file_and_from_the_environment(motte: Motte, tmp_path: Path) -> None:
    (tmp_path / "root").write_text("ab" * 32 + "\n")
    for result in (motte("logout", "--root-key", "root"), motte("logout", env={"MOTTE_ROOT_KEY": "ab" * 32})):
        assert result.exit_code == Exit.NOT_LINKED
    assert motte("logout", env={"MOTTE_ROOT_KEY": "ab"}).exit_code == Exit.USAGE


def test_a_file_without_certificates_is_refused(motte: Motte, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    result = motte("listen", "--ca-file", "ca.pem")
    assert result.exit_code == Exit.USAGE and "PEM" in result.stderr


@pytest.mark.parametrize("arguments", [("send", "15550100002", "hi"), ("listen",), ("logout",), ("groups", "list")])
def test_without_a_database_nothing_is_made(motte: Motte, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = motte(*arguments, "--db", "other.db")
    assert result.exit_code == Exit.NOT_LINKED
    assert "There is no database other.db; run `motte login` first" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("send", "15550100002", "hi"), ("listen",), ("logout",)])
def test_an_account_that_is_not_linked(motte: Motte, linked_db: Path, arguments: tuple[str, ...]) -> None:
    result = motte(*arguments, "--account", "second")
    assert result.exit_code == Exit.NOT_LINKED
    assert "No phone is linked to the account 'second'" in result.stderr


@pytest.mark.parametrize("arguments", [("send", "15550100002", "hi"), ("listen",), ("login",), ("inspect",)])
def test_a_file_that_is_no_database_stays_as_it_is(motte: Motte, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "motte.db").write_text("a shopping list")
    result = motte(*arguments)
    assert result.exit_code == Exit.STORE
    assert "is not a motte database" in result.stderr
    assert (tmp_path / "motte.db").read_text() == "a shopping list"


def test_a_folder_that_does_not_exist(motte: Motte) -> None:
    result = motte("login", "--db", "nowhere/motte.db")
    assert result.exit_code == Exit.STORE and "does not exist; make it first" in result.stderr


def test_a_database_in_use(motte: Motte, linked_db: Path) -> None:
    lease = FileLease(linked_db, "default")
    try:
        result = motte("send", "15550100002", "hi")
        assert result.exit_code == Exit.STORE
        assert "close that one first" in result.stderr
        assert motte("inspect").exit_code == Exit.OK, "looking does not disturb"
    finally:
        lease.release()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@pytest.mark.parametrize("arguments", [("send", "15550100002", "hi"), ("login",), ("logout",)])
def test_a_server_that_does_not_run(motte: Motte, linked_db: Path, arguments: tuple[str, ...]) -> None:
    result = motte(*arguments, "--url", f"ws://127.0.0.1:{free_port()}/ws/chat")
    assert result.exit_code == Exit.NETWORK
    assert result.stderr.count("\n") == 1 and "Check that the server runs" in result.stderr
    assert json.loads(motte("inspect", "--json").output)["linked"], "the account is still there"


def test_inspect_shows_facts_and_no_secrets(motte: Motte, linked_db: Path) -> None:
    value = json.loads(motte("inspect", "--json").stdout)
    assert (value["account"], value["linked"]) == ("default", True)
    assert (value["jid"], value["lid"], value["platform"]) == (str(ME), str(MY_LID), "android")
    assert value["counts"]["prekeys"] == 0
    assert set(value) == {
        *("account", "linked", "jid", "lid", "platform", "push_name", "linked_at", "created", "registration_id"),
        *("signed_prekey", "signed_prekey_created", "server_certificate", "counts"),
    }
    shown = motte("inspect").stdout
    assert str(ME) in shown and "Signal sessions" in shown and "\x1b[31m" not in shown


def test_inspect_without_accounts(motte: Motte, tmp_path: Path) -> None:
    assert motte("inspect").exit_code == Exit.STORE
    (tmp_path / "motte.db").touch()
    result = motte("inspect")
    assert result.exit_code == Exit.OK and "no account yet" in result.stdout


NODE = Node("message", {"id": "3EB0", "to": "15550100002@s.whatsapp.net"}, (Node("enc", {"v": "2"}, b"\x00\xff"),))


@pytest.mark.parametrize("spelled", [encode(NODE).hex(), encode(NODE).hex(" ").upper(), "0x" + encode(NODE).hex()])
def test_inspect_node(motte: Motte, spelled: str) -> None:
    result = motte("inspect", "node", spelled)
    assert result.exit_code == Exit.OK
    assert result.stdout.splitlines() == [
        '<message id="3EB0" to="15550100002@s.whatsapp.net">',
        '  <enc v="2"><!-- 2 bytes --> 00ff</enc>',
        "</message>",
    ]
    assert motte("inspect", "node", "-", input=spelled).stdout == result.stdout


def test_inspect_node_that_is_none(motte: Motte) -> None:
    result = motte("inspect", "node", "00ffff")
    assert result.exit_code == Exit.FAILURE and "no node" in result.stderr


def test_logout_of_an_account_only_here(motte: Motte, linked_db: Path) -> None:
    assert motte("logout", "--local").exit_code == Exit.OK
    assert json.loads(motte("inspect", "--json").stdout)["linked"] is False


def test_settings_of_a_group_without_any_is_wrong_usage_before_anything_is_opened(motte: Motte) -> None:
    result = motte("groups", "settings", "120363000000000001@g.us", "--db", "nowhere.db")
    assert result.exit_code == Exit.USAGE
    assert "say what to set" in " ".join(result.output.split())
