"""Real Baileys (Ann) and motte (Bob), one device each: texts, quotes, receipts, typing, presence, look-ups."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from motte import Jid, SentMessage, Text, events
from motte.model.message import Origin
from motte.model.presence import Activity, Availability
from motte.model.receipt import ReceiptKind
from motte.testing import LocalServer
from tests.e2e.wiretap import Wiretap, sent
from tests.interop.motte_peer import TIMEOUT, MottePeer
from tests.interop.peer import BaileysPeer

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVER_ACK, DELIVERED, READ = 2, 3, 4
ARRIVED = {ReceiptKind.DELIVERED, ReceiptKind.INACTIVE}
TEXTS = {
    "emoji": "👩‍👩‍👧‍👦 🇪🇺 👍🏽 ☃️",
    "scripts": "Grüße, Привет, שלום, مرحبا, नमस्ते, こんにちは, 한국어, 𝄞",
    "odd": "\u200b\u202eabc\u202c\ttabs\r\nlines\n\n\x01 e\u0301 \ufeff",
    "long": "lorem ipsum 🦆 " * 4000,
}


@dataclass(frozen=True)
class Pair:
    """Two people who have not met. `ann` and `bob` are their clients."""

    server: LocalServer
    ann: BaileysPeer
    bob: MottePeer

    def jid(self, name: str, addressing: str) -> Jid:
        """The user JID of `Ann` or `Bob` by `pn` or `lid`."""
        account = self.server.account(name)
        return account.lid if addressing == "lid" else account.pn


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    async with LocalServer(tls_port=None) as server, BaileysPeer(server.ws_url, name="Ann") as ann:
        await ann.pair(server.scan_qr)
        async with MottePeer(server, "Bob") as bob:
            yield Pair(server, ann, bob)


async def patiently(awaitable: Any) -> Any:
    return await asyncio.wait_for(awaitable, TIMEOUT)


both = pytest.mark.parametrize("addressing", ["pn", "lid"])


@both
async def test_a_text_from_baileys(pair: Pair, addressing: str) -> None:
    key = await pair.ann.send_text(str(pair.jid("Bob", addressing)), f"hello Bob by {addressing}")
    got = await pair.bob.text(f"hello Bob by {addressing}")
    assert got.message.key.id == key["id"]
    assert got.chat == got.message.key.sender == pair.jid("Ann", addressing)
    assert got.message.sender_alt == pair.jid("Ann", "pn" if addressing == "lid" else "lid")
    assert (got.message.push_name, got.message.origin) == ("Ann", Origin.LIVE)
    assert not got.message.key.from_me
    assert not got.recovered


@both
async def test_a_text_from_motte(pair: Pair, addressing: str) -> None:
    message = await pair.bob.client.messages.send(pair.jid("Ann", addressing), f"hello Ann by {addressing}")
    got = await pair.ann.text(f"hello Ann by {addressing}")
    assert got["key"]["id"] == message.key.id
    assert got["key"]["remoteJid"] == str(pair.jid("Bob", addressing))
    assert got["key"]["remoteJidAlt"] == str(pair.jid("Bob", "pn" if addressing == "lid" else "lid"))
    assert got["pushName"] == "Bob"
    assert not got["key"]["fromMe"]
    assert int(got["messageTimestamp"]) == message.timestamp


@pytest.mark.parametrize("kind", TEXTS)
async def test_any_text_arrives_as_it_was_written(pair: Pair, kind: str) -> None:
    await pair.ann.send_text(str(pair.jid("Bob", "lid")), TEXTS[kind])
    await pair.bob.text(TEXTS[kind])
    await pair.bob.client.messages.send(pair.jid("Ann", "lid"), TEXTS[kind])
    await pair.ann.text(TEXTS[kind])


async def test_a_reply_from_motte_quotes_what_baileys_wrote(pair: Pair) -> None:
    key = await pair.ann.send_text(str(pair.jid("Bob", "lid")), "a question")
    await (await pair.bob.text("a question")).reply("an answer")
    got = await pair.ann.text("an answer")
    context = got["message"]["extendedTextMessage"]["contextInfo"]
    assert context["stanzaId"] == key["id"]
    assert context["participant"] == str(pair.jid("Ann", "lid"))
    quoted = context["quotedMessage"]
    assert (quoted.get("conversation") or quoted["extendedTextMessage"]["text"]) == "a question"


async def test_a_reply_from_baileys_quotes_what_motte_wrote(pair: Pair) -> None:
    message = await pair.bob.client.messages.send(pair.jid("Ann", "lid"), "another question")
    asked = await pair.ann.text("another question")
    await pair.ann.send(asked["key"]["remoteJid"], {"text": "another answer"}, quoted=asked)
    content = (await pair.bob.text("another answer")).message.content
    assert isinstance(content, Text)
    assert content.quoted is not None
    assert content.quoted.id == message.key.id
    assert content.quoted.sender == pair.jid("Bob", "lid")
    assert content.quoted.content == Text(text="another question")


async def test_a_mention_survives_both_ways(pair: Pair) -> None:
    bob, ann = pair.jid("Bob", "lid"), pair.jid("Ann", "lid")
    await pair.ann.send(str(bob), {"text": "hi @you", "mentions": [str(bob)]})
    content = (await pair.bob.text("hi @you")).message.content
    assert isinstance(content, Text)
    assert content.mentions == (bob,)
    await pair.bob.client.messages.send(ann, Text(text="hi @yourself", mentions=(ann,)))
    got = await pair.ann.text("hi @yourself")
    assert got["message"]["extendedTextMessage"]["contextInfo"]["mentionedJid"] == [str(ann)]


@both
async def test_receipts_for_what_baileys_sends(pair: Pair, addressing: str) -> None:
    key = await pair.ann.send_text(str(pair.jid("Bob", addressing)), f"seen by {addressing}?")
    await pair.ann.status(key["id"], SERVER_ACK)
    got = await pair.bob.text(f"seen by {addressing}?")
    assert await pair.ann.status(key["id"], DELIVERED) == DELIVERED
    await got.mark_read()
    await pair.ann.status(key["id"], READ)


def delivered(event: events.ReceiptReceived, message: SentMessage, device: Jid) -> bool:
    receipt = event.receipt
    return receipt.sender == device and message.key.id in receipt.ids and receipt.kind in ARRIVED


@both
async def test_receipts_for_what_motte_sends(pair: Pair, addressing: str) -> None:
    ann = pair.jid("Ann", addressing)
    device = ann.with_device(1)
    message = await pair.bob.client.messages.send(ann, f"read by {addressing}?")
    await patiently(message.delivered())
    await pair.bob.event(events.ReceiptReceived, lambda event: delivered(event, message, device))
    got = await pair.ann.text(f"read by {addressing}?")
    await pair.ann.read(got["key"])
    assert (await patiently(message.read())).kind is ReceiptKind.READ


async def test_one_read_receipt_for_many_messages(pair: Pair) -> None:
    ann, bob = pair.jid("Ann", "lid"), pair.jid("Bob", "lid")
    messages = [await pair.bob.client.messages.send(ann, f"to be read {i}") for i in range(3)]
    await pair.ann.read(*[(await pair.ann.text(f"to be read {i}"))["key"] for i in range(3)])
    for message in messages:
        await patiently(message.read())
    keys = [await pair.ann.send_text(str(bob), f"to be read too {i}") for i in range(3)]
    got = [await pair.bob.text(f"to be read too {i}") for i in range(3)]
    await pair.bob.client.messages.mark_read(*[event.message.key for event in got])
    for key in keys:
        await pair.ann.status(key["id"], READ)


@both
async def test_typing_both_ways(pair: Pair, addressing: str) -> None:
    ann, bob = pair.jid("Ann", addressing), pair.jid("Bob", addressing)
    for kind, activity in (("composing", Activity.COMPOSING), ("recording", Activity.RECORDING)):
        await pair.ann.presence(kind, str(bob))
        seen = await pair.bob.event(events.ChatStateChanged)
        assert (seen.state.chat, seen.state.user, seen.state.activity) == (ann, ann, activity)
        await pair.bob.client.presence.set(ann, activity)
        assert await shown(pair.ann, bob) == kind
    async with pair.bob.client.presence.typing(ann):
        assert await shown(pair.ann, bob) == "composing"
    assert await shown(pair.ann, bob) == "available"  # Baileys' word for paused
    await pair.ann.presence("paused", str(bob))
    assert (await pair.bob.event(events.ChatStateChanged)).state.activity is Activity.PAUSED


async def shown(peer: BaileysPeer, user: Jid) -> str:
    """The next presence of a user that Baileys tells of."""
    update = await peer.event("presence.update", lambda data: str(user) in data["presences"])
    return str(update["presences"][str(user)]["lastKnownPresence"])


async def test_presence_both_ways(pair: Pair) -> None:
    ann, bob = pair.jid("Ann", "lid"), pair.jid("Bob", "lid")
    await pair.ann.presence("available")
    await pair.bob.client.presence.subscribe(ann)
    assert await turned(pair.bob, ann) is Availability.AVAILABLE
    await pair.ann.presence("unavailable")
    assert await turned(pair.bob, ann) is Availability.UNAVAILABLE
    await pair.ann.presence("available")
    assert await turned(pair.bob, ann) is Availability.AVAILABLE
    await pair.ann.subscribe(str(bob))
    assert await shown(pair.ann, bob) == "available"
    await pair.bob.client.presence.unavailable()
    assert await shown(pair.ann, bob) == "unavailable"
    await pair.bob.client.presence.available()
    assert await shown(pair.ann, bob) == "available"


async def turned(peer: MottePeer, user: Jid) -> Availability:
    """The next presence of a user that motte tells of."""
    event = await peer.event(events.PresenceChanged, lambda event: event.presence.user == user)
    return event.presence.availability


async def test_both_find_the_same_numbers(pair: Pair) -> None:
    numbers = [pair.jid("Ann", "pn").user, pair.jid("Bob", "pn").user, "15550199999"]
    theirs = await pair.ann.call("onWhatsApp", *numbers)
    ours = await pair.bob.client.contacts.check(*numbers)
    assert [(str(one.jid), one.exists) for one in ours if one.exists] == [(one["jid"], one["exists"]) for one in theirs]
    assert [one.exists for one in ours] == [True, True, False]  # Baileys leaves out those that do not exist
    assert ours[0].lid == pair.jid("Ann", "lid")


@both
async def test_both_see_the_same_devices(pair: Pair, addressing: str) -> None:
    for name in ("Ann", "Bob"):
        user = pair.jid(name, addressing)
        theirs = {(one["user"], one["device"]) for one in await pair.ann.devices(str(user))}
        if addressing == "pn" and name == "Ann":
            theirs.add((user.user, 1))  # Baileys leaves itself out, where it is listed by its phone number
        ours = await pair.bob.client.contacts.devices(user, fresh=True)
        assert ours is not None
        assert {(jid.user, jid.device) for jid in ours.jids} == theirs == {(user.user, 0), (user.user, 1)}


async def test_both_learn_the_others_addresses(pair: Pair) -> None:
    await pair.ann.send_text(str(pair.jid("Bob", "pn")), "who am I?")
    await pair.bob.text("who am I?")
    assert await pair.bob.client.contacts.lid_of(pair.jid("Ann", "pn")) == pair.jid("Ann", "lid")
    assert await pair.bob.client.contacts.pn_of(pair.jid("Ann", "lid")) == pair.jid("Ann", "pn")
    assert await pair.ann.call("lid", str(pair.jid("Bob", "pn"))) == str(pair.jid("Bob", "lid"))


async def test_fifty_messages_to_and_fro(pair: Pair) -> None:
    """Every message turns the ratchet, and none needs a second try, at either end."""
    ann, bob, tap = pair.jid("Ann", "lid"), pair.jid("Bob", "lid"), Wiretap(pair.server)
    for turn in range(25):
        await pair.ann.send_text(str(bob), f"ping {turn}")
        got = await pair.bob.text(f"ping {turn}")
        assert not got.recovered
        await pair.bob.client.messages.send(ann, f"pong {turn}")
        await pair.ann.text(f"pong {turn}")
    assert not tap.all(sent(None, "receipt", type="retry"))


async def test_texts_that_cross(pair: Pair) -> None:
    """Both send at once, without waiting for the other; everything arrives, in order."""
    ann, bob = pair.jid("Ann", "lid"), pair.jid("Bob", "lid")
    await asyncio.gather(
        *(pair.ann.send_text(str(bob), f"east {i}") for i in range(10)),
        *(pair.bob.client.messages.send(ann, f"west {i}") for i in range(10)),
    )
    east = [
        await pair.bob.event(events.MessageReceived, lambda e: (e.text or "").startswith("east")) for _ in range(10)
    ]
    west = [await pair.ann.message(lambda m: str(m["text"]).startswith("west")) for _ in range(10)]
    assert {event.text for event in east} == {f"east {i}" for i in range(10)}
    assert {message["text"] for message in west} == {f"west {i}" for i in range(10)}
    assert not pair.bob.seen(events.MessageUndecryptable)
