"""Real Baileys and motte over time: first contact, lost sessions, offline mail, restarts on either side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from motte import Jid, events
from motte.model.message import Origin
from motte.testing import LocalServer
from tests.e2e.wiretap import Wiretap, sent
from tests.interop.motte_peer import TIMEOUT, MottePeer
from tests.interop.peer import BaileysPeer

pytestmark = pytest.mark.asyncio(loop_scope="module")

DELIVERED = 3


@dataclass(frozen=True)
class Base:
    """The server, and Ann on Baileys, who meets somebody else in every test."""

    server: LocalServer
    ann: BaileysPeer

    def lid(self, name: str) -> Jid:
        """The LID of an account."""
        return self.server.account(name).lid

    def jid(self, name: str, addressing: str) -> Jid:
        """The user JID of an account by `pn` or `lid`."""
        return self.lid(name) if addressing == "lid" else self.server.account(name).pn


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def base() -> AsyncIterator[Base]:
    async with LocalServer(tls_port=None) as server, BaileysPeer(server.ws_url, name="Ann") as ann:
        await ann.pair(server.scan_qr)
        yield Base(server, ann)


both = pytest.mark.parametrize("addressing", ["pn", "lid"])


async def exchange(base: Base, ann: BaileysPeer, bob: MottePeer, name: str, what: str) -> None:
    """A text each way."""
    await ann.send_text(str(base.lid(name)), f"{what}, Ann")
    await bob.text(f"{what}, Ann")
    await bob.client.messages.send(base.lid("Ann"), f"{what}, {name}")
    await ann.text(f"{what}, {name}")


@both
async def test_first_contact_from_baileys(base: Base, addressing: str) -> None:
    name = f"Bob the first by {addressing}"
    async with MottePeer(base.server, name) as bob:
        await base.ann.send_text(str(base.jid(name, addressing)), "have we met?")
        got = await bob.text("have we met?")
        assert not got.recovered
        await got.reply("we have now")
        await base.ann.text("we have now")


@both
async def test_first_contact_from_motte(base: Base, addressing: str) -> None:
    async with MottePeer(base.server, f"Bob the second by {addressing}") as bob:
        await bob.client.messages.send(base.jid("Ann", addressing), f"who is {addressing}?")
        got = await base.ann.text(f"who is {addressing}?")
        await base.ann.send_text(got["key"]["remoteJid"], f"I am {addressing}")
        assert not (await bob.text(f"I am {addressing}")).recovered


async def test_a_chat_goes_on_under_the_other_address(base: Base) -> None:
    """What began by phone number continues by LID with the same sessions, both ways."""
    async with MottePeer(base.server, "Mover") as bob:
        ann, mover = base.server.account("Ann"), base.server.account("Mover")
        for mine, theirs in ((ann.pn, mover.pn), (ann.lid, mover.lid), (ann.pn, mover.pn)):
            await base.ann.send_text(str(theirs), f"to {theirs.server}")
            assert not (await bob.text(f"to {theirs.server}")).recovered
            await bob.client.messages.send(mine, f"back from {theirs.server}")
            await base.ann.text(f"back from {theirs.server}")
        assert len([name for name in await base.ann.key_names("session") if name.startswith(mover.lid.user)]) == 2


@both
async def test_a_session_lost_by_baileys_is_healed_by_motte(base: Base, addressing: str) -> None:
    name = f"Healer by {addressing}"
    async with MottePeer(base.server, name) as bob:
        await exchange(base, base.ann, bob, name, "before")
        assert await base.ann.forget_sessions(f"{base.lid(name).user}_1")
        tap = Wiretap(base.server)
        message = await bob.client.messages.send(base.jid("Ann", addressing), f"to a device that forgot {addressing}")
        got = await base.ann.text(f"to a device that forgot {addressing}")
        assert got["key"]["id"] == message.key.id
        assert len(tap.all(sent(None, "receipt", type="retry", id=message.key.id))) == 1
        assert [node.attrs.get("device_fanout") for node in tap.all(sent(None, "message"))] == [None, "false"]
        await exchange(base, base.ann, bob, name, "after")
        assert not bob.seen(events.MessageUndecryptable)


@both
async def test_a_session_lost_by_motte_is_healed_by_baileys(base: Base, addressing: str) -> None:
    name = f"Patient by {addressing}"
    async with MottePeer(base.server, name) as bob:
        await exchange(base, base.ann, bob, name, "before")
        assert await bob.forget_sessions(base.lid("Ann"))
        tap = Wiretap(base.server)
        key = await base.ann.send_text(str(base.jid(name, addressing)), f"to a client that forgot {addressing}")
        failed = await bob.event(events.MessageUndecryptable)
        got = await bob.text(f"to a client that forgot {addressing}")
        assert got.recovered
        assert got.message.key == failed.key
        assert got.message.key.id == key["id"]
        assert len(tap.all(sent(None, "receipt", type="retry", id=key["id"]))) == 1
        await base.ann.status(key["id"], DELIVERED)
        await exchange(base, base.ann, bob, name, "after")


async def test_a_session_lost_by_both_is_made_anew(base: Base) -> None:
    async with MottePeer(base.server, "Oblivious") as bob:
        await exchange(base, base.ann, bob, "Oblivious", "before")
        await bob.forget_sessions(base.lid("Ann"))
        await base.ann.forget_sessions(f"{base.lid('Oblivious').user}_1")
        await exchange(base, base.ann, bob, "Oblivious", "after")


async def test_many_messages_in_a_lost_session_are_all_recovered(base: Base) -> None:
    async with MottePeer(base.server, "Crowd") as bob:
        await exchange(base, base.ann, bob, "Crowd", "before")
        await base.ann.forget_sessions(f"{base.lid('Crowd').user}_1")
        for i in range(5):
            await bob.client.messages.send(base.lid("Ann"), f"lost on Ann {i}")
        for i in range(5):
            await base.ann.text(f"lost on Ann {i}")
        await bob.forget_sessions(base.lid("Ann"))
        for i in range(5):
            await base.ann.send_text(str(base.lid("Crowd")), f"lost on Bob {i}")
        for i in range(5):
            await bob.text(f"lost on Bob {i}")


async def test_messages_wait_for_baileys(base: Base) -> None:
    """The first of them is the first contact, so that a prekey message waits too."""
    async with MottePeer(base.server, "Writer") as bob:
        await base.ann.close()
        await base.ann.closed()
        messages = [await bob.client.messages.send(base.lid("Ann"), f"while you were away {i}") for i in range(3)]
        await base.ann.reconnect()
        for i in range(3):
            await base.ann.text(f"while you were away {i}")
        for message in messages:
            await asyncio.wait_for(message.delivered(), TIMEOUT)


async def test_messages_wait_for_motte(base: Base) -> None:
    async with MottePeer(base.server, "Sleeper") as bob:
        await bob.client.disconnect()
        keys = [await base.ann.send_text(str(base.lid("Sleeper")), f"while you slept {i}") for i in range(3)]
        await bob.client.connect(timeout=TIMEOUT)
        for i in range(3):
            assert (await bob.text(f"while you slept {i}")).message.origin is Origin.OFFLINE
        for key in keys:
            await base.ann.status(key["id"], DELIVERED)
        await exchange(base, base.ann, bob, "Sleeper", "awake")


async def test_motte_goes_on_from_its_file(base: Base, tmp_path: Path) -> None:
    where = tmp_path / "bob.db"
    async with MottePeer(base.server, "Keeper", where) as bob:
        me = bob.client.me
        await exchange(base, base.ann, bob, "Keeper", "first run")
    await base.ann.send_text(str(base.lid("Keeper")), "between two runs")
    async with MottePeer(base.server, "Keeper", where) as bob:
        assert bob.client.me == me
        assert not (await bob.text("between two runs")).recovered
        await exchange(base, base.ann, bob, "Keeper", "second run")
        assert not bob.seen(events.MessageUndecryptable)


async def test_motte_answers_a_retry_for_what_an_earlier_run_sent(base: Base, tmp_path: Path) -> None:
    """The store of sent messages outlives the process."""
    where = tmp_path / "bob.db"
    async with MottePeer(base.server, "Archivist", where) as bob:
        await exchange(base, base.ann, bob, "Archivist", "before")
        await base.ann.close()
        await base.ann.closed()
        await base.ann.forget_sessions(f"{base.lid('Archivist').user}_1")
        await bob.client.messages.send(base.lid("Ann"), "kept for a retry")
    await base.ann.reconnect()
    await base.ann.open()
    async with MottePeer(base.server, "Archivist", where):
        await base.ann.text("kept for a retry")


async def test_baileys_goes_on_from_its_folder(base: Base, tmp_path: Path) -> None:
    async with MottePeer(base.server, "Stayer") as bob:
        async with BaileysPeer(base.server.ws_url, name="Zoe", auth=tmp_path) as zoe:
            me = await zoe.pair(base.server.scan_qr)
            await zoe.send_text(str(base.lid("Stayer")), "first run")
            await (await bob.text("first run")).reply("first answer")
            await zoe.text("first answer")
        await bob.client.messages.send(base.lid("Zoe"), "between two runs")
        async with BaileysPeer(base.server.ws_url, auth=tmp_path) as zoe:
            await zoe.open()
            assert (await zoe.me())["id"] == me["id"]
            await zoe.text("between two runs")
            await zoe.send_text(str(base.lid("Stayer")), "second run")
            got = await bob.text("second run")
            assert not got.recovered
            await got.reply("second answer")
            await zoe.text("second answer")


async def test_baileys_linked_by_a_code_writes_to_motte(base: Base) -> None:
    async with MottePeer(base.server, "Pen friend") as bob, BaileysPeer(base.server.ws_url, name="Cody") as cody:
        base.server.confirm_code("15550100077", await cody.pairing_code("15550100077"))
        await cody.open()
        await cody.send_text(str(base.lid("Pen friend")), "linked by a code")
        await (await bob.text("linked by a code")).reply("so I see")
        await cody.text("so I see")
