"""Accounts with a Baileys and a motte device each: every text reaches all devices of both sides, own ones included.

Ann   device 1 Baileys   device 2 motte
Bob   device 1 motte     device 2 Baileys
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio

from motte import Jid, events
from motte.model.receipt import ReceiptKind
from motte.testing import LocalServer
from tests.interop.motte_peer import TIMEOUT, MottePeer
from tests.interop.peer import BaileysPeer, Json

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Side:
    """One account's devices."""

    name: str
    baileys: BaileysPeer
    motte: MottePeer


@dataclass(frozen=True)
class Four:
    """Two accounts of two devices each."""

    server: LocalServer
    ann: Side
    bob: Side

    def jid(self, side: Side, addressing: str) -> Jid:
        """A side's user JID by `pn` or `lid`."""
        account = self.server.account(side.name)
        return account.lid if addressing == "lid" else account.pn


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def four() -> AsyncIterator[Four]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(LocalServer(tls_port=None))
        ann = await stack.enter_async_context(BaileysPeer(server.ws_url, name="Ann"))
        bob = await stack.enter_async_context(BaileysPeer(server.ws_url, name="Bob"))
        await ann.pair(server.scan_qr)
        motte_bob = await stack.enter_async_context(MottePeer(server, "Bob"))
        motte_ann = await stack.enter_async_context(MottePeer(server, "Ann"))
        await bob.pair(server.scan_qr)
        yield Four(server, Side("Ann", ann, motte_ann), Side("Bob", bob, motte_bob))


both = pytest.mark.parametrize("addressing", ["pn", "lid"])


async def received(side: Side, text: str, sender: Jid) -> None:
    """Waits until both devices of a side have a text from somebody."""
    got = await side.motte.text(text)
    assert (got.chat, got.message.key.from_me) == (sender, False)
    key = (await side.baileys.text(text))["key"]
    assert (key["remoteJid"], key["fromMe"]) == (str(sender), False)


async def copied_to_motte(side: Side, text: str, chat: Jid) -> None:
    """Waits for the copy of a text that Baileys sent from the same account."""
    copy = await side.motte.text(text)
    assert (copy.chat, copy.message.key.from_me) == (chat, True)


async def copied_to_baileys(side: Side, text: str, chat: Jid) -> Json:
    """Waits for the copy of a text that motte sent from the same account."""
    copy = await side.baileys.text(text)
    assert (copy["key"]["remoteJid"], copy["key"]["fromMe"]) == (str(chat), True)
    return copy


async def test_devices_got_their_numbers_in_order(four: Four) -> None:
    numbers = [(await side.baileys.me())["id"] for side in (four.ann, four.bob)]
    assert numbers == ["15550100001:1@s.whatsapp.net", "15550100002:2@s.whatsapp.net"]
    me = [side.motte.client.me for side in (four.ann, four.bob)]
    assert [one.pn.device for one in me if one] == [2, 1]


@both
async def test_baileys_writes_to_all_devices(four: Four, addressing: str) -> None:
    ann, bob = four.jid(four.ann, addressing), four.jid(four.bob, addressing)
    await four.ann.baileys.send_text(str(bob), f"one by {addressing}")
    await received(four.bob, f"one by {addressing}", ann)
    await copied_to_motte(four.ann, f"one by {addressing}", bob)


@both
async def test_motte_writes_to_all_devices(four: Four, addressing: str) -> None:
    ann, bob = four.jid(four.ann, addressing), four.jid(four.bob, addressing)
    await four.bob.motte.client.messages.send(ann, f"two by {addressing}")
    await received(four.ann, f"two by {addressing}", bob)
    await copied_to_baileys(four.bob, f"two by {addressing}", ann)


@both
async def test_notes_to_oneself_reach_the_other_device(four: Four, addressing: str) -> None:
    ann = four.jid(four.ann, addressing)
    await four.ann.baileys.send_text(str(ann), f"note by {addressing}")
    await copied_to_motte(four.ann, f"note by {addressing}", ann)
    await four.ann.motte.client.messages.send(ann, f"remark by {addressing}")
    await copied_to_baileys(four.ann, f"remark by {addressing}", ann)


async def test_a_reply_from_the_other_device(four: Four) -> None:
    """Ann asks on Baileys and Bob answers on motte, on devices other than those that the chat began with."""
    ann, bob = four.jid(four.ann, "lid"), four.jid(four.bob, "lid")
    await four.ann.motte.client.messages.send(bob, "asked by motte")
    asked = await four.bob.baileys.text("asked by motte")
    await four.bob.baileys.send(asked["key"]["remoteJid"], {"text": "answered by Baileys"}, quoted=asked)
    await received(four.ann, "answered by Baileys", bob)
    await copied_to_motte(four.bob, "answered by Baileys", ann)


async def test_reading_on_one_device_is_told_to_the_other(four: Four) -> None:
    bob = four.jid(four.bob, "lid")
    sent = await four.bob.motte.client.messages.send(four.jid(four.ann, "lid"), "read me once")
    await four.ann.baileys.read((await four.ann.baileys.text("read me once"))["key"])
    await asyncio.wait_for(sent.read(), TIMEOUT)
    elsewhere = await four.ann.motte.event(events.ReceiptReceived, lambda event: read_elsewhere(event, sent.key.id))
    assert elsewhere.receipt.chat == bob


def read_elsewhere(event: events.ReceiptReceived, message_id: str) -> bool:
    receipt = event.receipt
    kinds = {ReceiptKind.READ, ReceiptKind.READ_SELF}
    return receipt.by_me and receipt.kind in kinds and message_id in receipt.ids


@both
async def test_both_clients_list_the_same_devices(four: Four, addressing: str) -> None:
    ann = four.jid(four.ann, addressing)
    theirs = {one["device"] for one in await four.bob.baileys.devices(str(ann))}
    ours = await four.bob.motte.client.contacts.devices(ann, fresh=True)
    assert ours is not None
    assert {jid.device for jid in ours.jids} == theirs == {0, 1, 2}


@both
async def test_a_lost_session_of_an_own_device_heals(four: Four, addressing: str) -> None:
    """Own devices ask each other for what they could not decrypt, as others do."""
    ann, bob = four.jid(four.ann, "lid"), four.jid(four.bob, addressing)
    assert await four.ann.motte.forget_sessions(ann)
    await four.ann.baileys.send_text(str(bob), f"healed in motte by {addressing}")
    await copied_to_motte(four.ann, f"healed in motte by {addressing}", bob)
    assert four.ann.motte.seen(events.MessageUndecryptable)
    assert await four.ann.baileys.forget_sessions(f"{ann.user}_1")
    await four.ann.motte.client.messages.send(bob, f"healed in Baileys by {addressing}")
    await copied_to_baileys(four.ann, f"healed in Baileys by {addressing}", bob)


async def test_a_device_linked_later_gets_what_follows(four: Four) -> None:
    """Baileys writes by phone number: what it learns of devices it keeps for that address alone."""
    ann, bob = four.jid(four.ann, "lid"), four.jid(four.bob, "lid")
    async with MottePeer(four.server, "Bob") as third:
        await four.ann.baileys.send_text(str(four.jid(four.bob, "pn")), "to the new motte")
        await third.text("to the new motte")
        await third.client.messages.send(ann, "from the new motte")
        await received(four.ann, "from the new motte", bob)
        await copied_to_baileys(four.bob, "from the new motte", ann)
        await third.client.logout()
    async with BaileysPeer(four.server.ws_url, name="Bob") as fourth:
        await fourth.pair(four.server.scan_qr)
        await four.ann.motte.client.messages.send(bob, "to the new Baileys")
        await fourth.text("to the new Baileys")
        await fourth.send_text(str(ann), "from the new Baileys")
        await received(four.ann, "from the new Baileys", bob)
        await copied_to_motte(four.bob, "from the new Baileys", ann)
        await fourth.logout()
        await fourth.closed()
    await four.ann.motte.client.messages.send(bob, "to those that are left")
    await received(four.bob, "to those that are left", ann)
