"""A real Baileys is linked and has chatted; motte takes over its folder and goes on: nobody pairs, nobody notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from motte import events
from motte.migrate import import_baileys
from motte.model.appstate import Pin
from motte.model.message import Origin
from motte.proto.sync_action_pb2 import SyncActionValue
from motte.testing import LocalServer
from motte.testing.server.settings import Settings
from tests.e2e.wiretap import Wiretap, sent
from tests.interop.motte_peer import MottePeer
from tests.interop.peer import BaileysPeer


@dataclass(frozen=True)
class Mover:
    """Ann, whose Baileys keeps its files in `folder`, and her friends Ben (Baileys) and Bob (motte)."""

    server: LocalServer
    addressing: str
    folder: Path
    database: Path
    ben: BaileysPeer
    bob: MottePeer

    def jid(self, name: str) -> str:
        """The user JID of an account, by phone number or by LID."""
        account = self.server.account(name)
        return str(account.lid if self.addressing == "lid" else account.pn)

    def on_baileys(self) -> BaileysPeer:
        """Ann's client as it was."""
        return BaileysPeer(self.server.ws_url, name="Ann", auth=self.folder)

    async def on_motte(self) -> MottePeer:
        """Ann's client from now on."""
        await import_baileys(self.database, self.folder)
        return MottePeer(self.server, "Ann", self.database)


@pytest.fixture(params=["pn", "lid"])
async def mover(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Mover]:
    settings = Settings(group_mode=request.param)
    async with LocalServer(tls_port=None, settings=settings) as server, BaileysPeer(server.ws_url, name="Ben") as ben:
        await ben.pair(server.scan_qr)
        async with MottePeer(server, "Bob") as bob:
            yield Mover(server, request.param, tmp_path / "auth", tmp_path / "ann.db", ben, bob)


async def chat(mover: Mover, ann: BaileysPeer) -> None:
    """Texts each way with both friends, so that every ratchet has turned."""
    for turn in range(2):
        for name in ("Ben", "Bob"):
            await ann.send_text(mover.jid(name), f"{turn} to {name}")
        await mover.ben.text(f"{turn} to Ben")
        await mover.bob.text(f"{turn} to Bob")
        await mover.ben.send_text(mover.jid("Ann"), f"{turn} from Ben")
        await ann.text(f"{turn} from Ben")
        await mover.bob.client.messages.send(mover.jid("Ann"), f"{turn} from Bob")
        await ann.text(f"{turn} from Bob")


async def test_chats_go_on_and_what_waited_is_read(mover: Mover) -> None:
    async with mover.on_baileys() as ann:
        me = await ann.pair(mover.server.scan_qr)
        await chat(mover, ann)
    for turn in range(3):
        await mover.ben.send_text(mover.jid("Ann"), f"meanwhile {turn}, Ben")
        await mover.bob.client.messages.send(mover.jid("Ann"), f"meanwhile {turn}, Bob")
    tap = Wiretap(mover.server)
    async with await mover.on_motte() as ann:
        assert ann.client.me is not None and str(ann.client.me.pn) == me["id"]
        for turn in range(3):
            for name in ("Ben", "Bob"):
                got = await ann.text(f"meanwhile {turn}, {name}")
                assert (got.message.origin, got.recovered) == (Origin.OFFLINE, False)
        for name in ("Ben", "Bob"):
            await ann.client.messages.send(mover.jid(name), f"I have moved, {name}")
        await mover.ben.text("I have moved, Ben")
        assert not (await mover.bob.text("I have moved, Bob")).recovered
        await mover.ben.send_text(mover.jid("Ann"), "welcome")
        assert not (await ann.text("welcome")).recovered
        assert not ann.seen(events.MessageUndecryptable)
        assert not ann.seen(events.Paired)
    # With the old sessions: no first contact, no retry. (Baileys' own prekey messages may still wait for an answer.)
    assert tap.all(sent(None, "receipt", type="retry")) == []
    assert len(mover.server.account("Ann").companions) == 1


async def test_a_group_goes_on_with_the_sender_keys_that_there_are(mover: Mover) -> None:
    async with mover.on_baileys() as ann:
        await ann.pair(mover.server.scan_qr)
        group = (await ann.call("groupCreate", "Movers", [mover.jid("Ben"), mover.jid("Bob")]))["id"]
        for turn in range(2):
            await ann.send_text(group, f"{turn}, Ann")
            await mover.ben.text(f"{turn}, Ann")
            await mover.bob.text(f"{turn}, Ann")
            await mover.ben.send_text(group, f"{turn}, Ben")
            await mover.bob.client.messages.send(group, f"{turn}, Bob")
            await ann.text(f"{turn}, Ben")
            await ann.text(f"{turn}, Bob")
    for turn in range(2):
        await mover.ben.send_text(group, f"meanwhile {turn}, Ben")
        await mover.bob.client.messages.send(group, f"meanwhile {turn}, Bob")
    tap = Wiretap(mover.server)
    async with await mover.on_motte() as ann:
        for turn in range(2):
            for name in ("Ben", "Bob"):
                assert not (await ann.text(f"meanwhile {turn}, {name}")).recovered
        for turn in range(3):
            message = await ann.client.messages.send(group, f"moved {turn}")
            await mover.ben.text(f"moved {turn}")
            assert not (await mover.bob.text(f"moved {turn}")).recovered
            # Everybody holds the key already: none is handed out.
            [node] = tap.all(sent(None, "message", id=message.key.id))
            assert node.child("participants") is None
        await mover.ben.send_text(group, "welcome to all")
        assert not (await ann.text("welcome to all")).recovered
        assert not ann.seen(events.MessageUndecryptable)
    assert tap.all(sent(None, "receipt", type="retry")) == []


async def test_app_state_goes_on_from_the_version_that_there_is(mover: Mover) -> None:
    """What Baileys has read is not fetched again, and what the phone changes later is understood with the same keys."""
    state = mover.server.phone("Ann").state
    ben, bob = mover.server.account("Ben").pn, mover.server.account("Bob").pn
    async with mover.on_baileys() as ann:
        await ann.pair(mover.server.scan_qr)
        state.set(("pin_v1", str(ben)), _pinned(True))
        await ann.event("chats.update", lambda chats: any(chat.get("pinned") for chat in chats))
    tap = Wiretap(mover.server)
    state.set(("pin_v1", str(bob)), _pinned(True))
    async with await mover.on_motte() as ann:
        change = await ann.event(events.AppStateChanged, lambda event: isinstance(event.action, Pin))
        assert (change.action, change.initial) == (Pin(chat=bob, pinned=True), False)
        state.set(("pin_v1", str(ben)), _pinned(False))
        change = await ann.event(events.AppStateChanged, lambda event: isinstance(event.action, Pin))
        assert (change.action, change.initial) == (Pin(chat=ben, pinned=False), False)
    asked = [
        collection.attrs
        for node in tap.all(sent(None, "iq", xmlns="w:sync:app:state"))
        for sync in node.children
        for collection in sync.children
        if collection.attrs["name"] == "regular_low"
    ]
    assert asked and all(one.get("return_snapshot") != "true" and int(one["version"]) > 0 for one in asked)


def _pinned(value: bool) -> SyncActionValue:
    return SyncActionValue(pinAction=SyncActionValue.PinAction(pinned=value))
