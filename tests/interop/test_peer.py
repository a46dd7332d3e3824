"""The driver itself: it starts, tells what happens, answers commands and ends, whatever Baileys does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.interop.conftest import StartPeer
from tests.interop.peer import BaileysPeer, PeerError

NOBODY = "ws://127.0.0.1:9/ws/chat"


async def test_a_refused_connection_is_an_event_with_a_code(baileys: StartPeer) -> None:
    peer = await baileys(NOBODY)
    assert await peer.closed() == 408


async def test_it_connects_again_when_told_to(baileys: StartPeer) -> None:
    peer = await baileys(NOBODY)
    await peer.closed()
    await peer.reconnect()
    assert await peer.closed() == 408


async def test_memory_keys_are_fresh_for_every_peer(baileys: StartPeer) -> None:
    one, two = await baileys(NOBODY), await baileys(NOBODY)
    assert (await one.call("creds"))["advSecretKey"] != (await two.call("creds"))["advSecretKey"]
    assert await one.me() is None
    assert await one.key_names("session") == []


async def test_an_auth_folder_survives_the_process(tmp_path: Path) -> None:
    folder = tmp_path / "auth"
    folder.mkdir()
    (folder / "session-15550100002.0.json").write_text("{}")
    (folder / "session-15550100003.0.json").write_text("{}")
    async with BaileysPeer(NOBODY, auth=folder) as peer:
        assert await peer.forget_sessions("15550100002") == ["15550100002.0"]
        assert await peer.key_names("session") == ["15550100003.0"]
    assert [file.name for file in folder.glob("session-*")] == ["session-15550100003.0.json"]


async def test_a_command_that_fails_raises_and_the_peer_lives_on(baileys: StartPeer) -> None:
    peer = await baileys(NOBODY)
    with pytest.raises(PeerError, match="no such command"):
        await peer.call("no_such_thing")
    with pytest.raises(PeerError):
        await peer.send_text("15550100002@s.whatsapp.net", "nobody is there")
    assert await peer.key_names("session") == []


async def test_an_event_that_never_comes_fails_with_what_came(baileys: StartPeer) -> None:
    peer = await baileys(NOBODY)
    await peer.closed()
    with pytest.raises(AssertionError, match=r"no messages\.upsert .*connection\.update"):
        await peer.event("messages.upsert", timeout=0.2)


async def test_a_peer_over_its_limit_ends_by_itself_and_says_so(baileys: StartPeer) -> None:
    peer = await baileys(NOBODY, limit=0.2)
    with pytest.raises(AssertionError, match="over its limit"):
        await peer.event("messages.upsert")


async def test_the_process_ends_with_the_context() -> None:
    async with BaileysPeer(NOBODY) as peer:
        process = peer._process
    assert process.returncode is not None
    with pytest.raises(AssertionError, match="has ended"):
        await asyncio.wait_for(peer.call("me"), 5)
