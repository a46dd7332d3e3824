"""Clients and their databases: files, memory, several accounts in one file, one client per account."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

import pytest

from motte import Client, errors, events
from motte.store.memory import MemoryBackend
from motte.store.store import accounts
from motte.testing import LocalServer
from tests.e2e.conftest import PATIENCE, Linked, Unlinked, configured, scanning, soon


async def test_an_account_outlives_its_process(linked: Linked, opened: Unlinked, tmp_path: Path) -> None:
    first = await linked("alice", tmp_path / "bot.db")
    me = first.me
    await soon(first.close())
    codes: list[events.QrCode] = []
    second = await opened("alice", tmp_path / "bot.db")
    second.add_handler(events.QrCode, codes.append)
    assert second.me == me
    await second.connect(timeout=PATIENCE)
    assert not codes


async def test_memory_forgets(linked: Linked, opened: Unlinked) -> None:
    await soon((await linked("alice")).close())
    assert (await opened("alice")).me is None


async def test_a_backend_of_ones_own_is_left_open(linked: Linked, opened: Unlinked, server: LocalServer) -> None:
    backend = MemoryBackend()
    for _ in range(2):
        client = Client(backend, config=configured(server, "alice"))
        scanning(server, client)
        async with client:
            await client.connect(timeout=PATIENCE)
    assert await accounts(backend) == ["default"]
    assert len(server.account("alice").companions) == 1


async def test_two_clients_of_one_account_are_one_too_many(linked: Linked, tmp_path: Path, server: LocalServer) -> None:
    first = await linked("alice", tmp_path / "bot.db")
    second = Client(tmp_path / "bot.db", config=configured(server, "alice"))
    with pytest.raises(errors.StoreInUse, match="close that one first") as failure:
        await second.open()
    assert "'default'" in str(failure.value)
    assert first.is_connected
    await soon(first.close())
    async with second:
        assert second.me is not None


async def test_several_accounts_share_a_file(linked: Linked, tmp_path: Path) -> None:
    names = ["ann", "bob", "cyd"]
    clients = await asyncio.gather(*(linked(name, tmp_path / "all.db", account=name) for name in names))
    people = [client.me for client in clients]
    assert len({me.pn for me in people if me}) == 3
    waiting = [client.expect(events.MessageReceived) for client in clients]
    for sender, recipient in zip(clients, [*people[1:], people[0]], strict=True):
        assert recipient is not None
        await soon(sender.messages.send(recipient.pn, f"from {sender.me}"))
    heard = [(await soon(event)).text for event in waiting]
    assert heard == [f"from {people[2]}", f"from {people[0]}", f"from {people[1]}"]
    await soon(clients[0].logout())
    assert clients[0].me is None
    assert [client.me for client in clients[1:]] == people[1:]


async def test_many_clients_of_one_file_never_lock_each_other_out(
    linked: Linked, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="motte")
    clients = await asyncio.gather(*(linked(f"user {n}", tmp_path / "all.db", account=f"a{n}") for n in range(6)))
    hub = clients[0]
    assert hub.me is not None
    everything = asyncio.Event()
    heard: set[str | None] = set()

    def hear(event: events.MessageReceived) -> None:
        heard.add(event.text)
        if len(heard) == 50:
            everything.set()

    hub.add_handler(events.MessageReceived, hear)
    hub_pn = hub.me.pn
    sends = [client.messages.send(hub_pn, f"{n}-{k}") for k in range(10) for n, client in enumerate(clients[1:])]
    await soon(asyncio.gather(*sends))
    await soon(everything.wait())
    assert not [record for record in caplog.records if "lock" in record.getMessage()]


def only_file(folder: Path) -> str:
    """The name of the one file in a folder."""
    [found] = folder.iterdir()
    return found.name


@pytest.mark.parametrize("content", [b"this is no database at all", b"SQLite format 3\x00" + b"\xff" * 200])
async def test_a_wrong_file_is_named_and_left_alone(server: LocalServer, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    client = Client(path, config=configured(server, "alice"))
    with pytest.raises(errors.StoreError, match=r"notes\.txt"):
        await client.open()
    assert path.read_bytes() == content
    assert only_file(tmp_path) == "notes.txt"


async def test_a_database_of_a_newer_version_is_left_alone(linked: Linked, server: LocalServer, tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    await soon((await linked("alice", path)).close())
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 9999")
    database.close()
    with pytest.raises(errors.StoreTooNew, match="newer"):
        await Client(path, config=configured(server, "alice")).open()


async def test_a_folder_that_is_not_there(server: LocalServer, tmp_path: Path) -> None:
    with pytest.raises(errors.StoreError, match="nowhere"):
        await Client(tmp_path / "nowhere" / "bot.db", config=configured(server, "alice")).open()


@pytest.mark.parametrize("name", ["", "a/b", "x" * 65, "two\nlines"])
async def test_names_that_accounts_cannot_have(server: LocalServer, name: str) -> None:
    with pytest.raises(errors.LocalProtocolError, match="not an account name"):
        await Client(account=name, config=configured(server, "alice")).open()
