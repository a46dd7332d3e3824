"""The phone as a Signal peer: texts between phones, greetings, and both sides of a retry."""

from __future__ import annotations

import asyncio
import os
import zlib

import pytest

from motte.core.binary.node import Node
from motte.core.signal import session
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.record import SessionRecord
from motte.core.signal.wire import PreKeySignalMessage
from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import HistorySync
from motte.testing import LocalServer
from motte.testing.server.settings import Settings
from tests.unit.testing.server.raw_client import Keys, linked, logged_in


def opened(keys: Keys, body: bytes) -> Message:
    """A pkmsg without a one-time prekey, read by a device of these keys."""
    parsed = PreKeySignalMessage.parse(body)
    own = OwnIdentity(pair=keys.identity, registration_id=77)
    read = session.decrypt_prekey(
        SessionRecord(), parsed, own=own, signed_prekey=keys.signed, prekey=None, rng=os.urandom, now=1.0
    )
    return Message.FromString(read.plaintext[: -read.plaintext[-1]])


@pytest.mark.parametrize("mode", ["name", "pn", "lid"])
async def test_phones_talk_and_confirm(server: LocalServer, mode: str) -> None:
    ann, bob = server.phone("Ann"), server.phone("Bob")
    account = server.account("Bob")
    to = {"name": "Bob", "pn": str(account.pn), "lid": str(account.lid)}[mode]
    message_id = await ann.send_text(to, "hello")
    got = await bob.wait_for_text("hello")
    assert got.id == message_id
    assert server.account(str(got.sender)) is server.account("Ann")
    await bob.send_text(got.chat, "hello back")
    assert (await ann.wait_for_text(lambda text: text.text.endswith("back"))).chat.user in to or mode == "name"
    assert not server.account("Ann").devices[0].mailbox
    assert not account.devices[0].mailbox


async def test_a_text_that_is_still_to_come_is_awaited(server: LocalServer) -> None:
    ann, bob = server.phone("Ann"), server.phone("Bob")
    awaited, _, _ = await asyncio.gather(
        bob.wait_for_text("later"), ann.send_text("Bob", "not yet"), ann.send_text("Bob", "later")
    )
    assert awaited.text == "later"
    assert [text.text for text in bob.received] == ["not yet", "later"]


async def test_a_lost_session_is_healed_between_phones(server: LocalServer) -> None:
    ann, bob = server.phone("Ann"), server.phone("Bob")
    await ann.send_text("Bob", "one")
    await bob.send_text("Ann", "two")
    bob.mail.forget_session(server.account("Ann").devices[0])
    await ann.send_text("Bob", "three")
    assert (await bob.wait_for_text("three")).text == "three"
    await bob.send_text("Ann", "four")
    assert (await ann.wait_for_text("four")).text == "four"


async def test_a_new_companion_is_greeted_once() -> None:
    async with LocalServer(tls_port=None, settings=Settings()) as server:
        keys = await linked(server, "Ann")
        async with logged_in(server, keys, ready=False) as ann:
            await ann.active()
            got = [await ann.until("message") for _ in range(3)]
            await ann.active()
        assert len(server.account("Ann").devices[1].mailbox) == 3
    assert {node.attrs["category"] for node in got} == {"peer"}
    protocols = [opened(keys, node.children[0].data).protocolMessage for node in got]
    share = protocols[0].appStateSyncKeyShare.keys[0]
    assert len(share.keyData.keyData) == 32
    notices = [protocol.historySyncNotification for protocol in protocols[1:]]
    histories = [HistorySync.FromString(zlib.decompress(one.initialHistBootstrapInlinePayload)) for one in notices]
    assert histories[0].pushnames[0].pushname == "Ann"
    assert [history.syncType for history in histories] == [HistorySync.INITIAL_BOOTSTRAP, HistorySync.RECENT]
    assert histories[1].progress == 100


async def test_what_a_phone_sends_is_copied_to_its_companions(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys, ready=False) as ann:
        await ann.active()
        await server.phone("Ann").send_text(server.account("Bob").lid, "from my phone")
        got = await ann.until("message")
    assert got.attrs["recipient"] == str(server.account("Bob").lid)
    sent = opened(keys, got.children[0].data).deviceSentMessage
    assert sent.message.conversation == "from my phone"
    assert sent.destinationJid == got.attrs["recipient"]


async def test_a_retry_without_keys_is_answered_from_the_shelf_and_then_given_up(server: LocalServer) -> None:
    keys = await linked(server, "Ann")
    async with logged_in(server, keys, ready=False) as ann:
        await ann.active()
        message_id = await server.phone("Bob").send_text("Ann", "again")
        first = await ann.until("message")
        for count in range(1, 8):
            retry = Node("retry", {"v": "1", "count": str(count), "id": message_id, "t": "1"})
            await ann.send(Node("receipt", {"id": message_id, "to": first.attrs["from"], "type": "retry"}, (retry,)))
        await ann.iq("w:p", Node("ping"))
    first_and_five_more = server.account("Ann").devices[1].mailbox
    assert len(first_and_five_more) == 6


async def test_a_reinstalled_phone_is_somebody_new(server: LocalServer) -> None:
    async with (
        logged_in(server, await linked(server, "Ann")) as ann,
        logged_in(server, await linked(server, "Bob")) as bob,
    ):
        await server.phone("Bob").send_text("Ann", "before")
        before = server.phone("Bob").identity
        server.phone("Bob").reinstall()
        assert (await bob.until("stream:error")).attrs["code"] == "401"
        notice = await ann.until("notification", lambda node: node.attrs["type"] == "encrypt")
        assert notice.attrs["from"] == str(server.account("Bob").pn)
        assert notice.children == (Node("identity"),)
        assert server.phone("Bob").identity != before
        await server.phone("Bob").send_text("Ann", "after")
    assert (await server.phone("Ann").wait_for_text("after")).text == "after"
