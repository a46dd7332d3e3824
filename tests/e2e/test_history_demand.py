"""Older messages that are asked of the phone: pages, single messages, phones that do not answer or answer badly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from motte import errors, events
from motte.model.history import HistoryKind
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.proto.e2e_pb2 import Message
from motte.proto.web_message_pb2 import WebMessageInfo
from motte.testing import LocalServer
from tests.e2e.conftest import Unlinked, scanning, soon
from tests.e2e.past import SETTINGS, brought, past


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """With TLS for the media host, small chunks, and only the smallest of them inside notices."""
    async with LocalServer(settings=SETTINGS) as running:
        yield running


async def test_older_messages_on_demand(server: LocalServer, opened: Unlinked) -> None:
    seeded = past(server)
    seeded.fill(chats=1, messages=60)
    client, heard = await brought(server, opened)
    (chat,) = heard.of(HistoryKind.INITIAL_BOOTSTRAP)[0].chats
    page = await soon(client.history.fetch(chat.jid, count=10))
    assert [message.key.id for message in page.messages] == [f"3EB0{number:016X}" for number in range(50, 60)]
    assert page.has_more
    page = await soon(client.history.fetch(chat.jid, before=page.messages[0], count=100))
    assert [message.key.id for message in page.messages] == [f"3EB0{number:016X}" for number in range(50)]
    assert not page.has_more
    nothing = await soon(client.history.fetch("+15550100077"))
    assert (nothing.messages, nothing.has_more) == ((), False)


async def test_on_demand_within_a_handler_of_history(server: LocalServer, opened: Unlinked) -> None:
    """The next part waits for the handler, and what the handler asked for does not wait for the next part."""
    past(server).fill(chats=1, messages=60)
    client = await opened("alice", ca_file=server.ca_file)
    pages = []

    async def more(part: events.HistoryReceived) -> None:
        if part.kind == HistoryKind.INITIAL_BOOTSTRAP:
            pages.append(await client.history.fetch(part.chats[0].jid, count=5))

    client.add_handler(events.HistoryReceived, more)
    done = client.expect(events.HistoryDone, lambda event: event.kind == "FULL")
    scanning(server, client)
    await client.connect(timeout=10)
    await soon(done)
    assert [len(page.messages) for page in pages] == [5]


async def test_a_phone_that_does_not_answer(server: LocalServer, opened: Unlinked) -> None:
    client, _ = await brought(server, opened)
    server.phone("alice").history.on_demand = lambda *_: None  # type: ignore[method-assign]
    with pytest.raises(errors.RequestTimeout):
        await client.history.fetch(Jid.phone("15550100002"), timeout=0.2)


async def test_a_broken_answer(server: LocalServer, opened: Unlinked) -> None:
    client, _ = await brought(server, opened)
    server.faults.spoil_history("garbage")
    with pytest.raises(errors.HistoryError):
        await soon(client.history.fetch(Jid.phone("15550100002")))


async def test_a_message_once_more(server: LocalServer, opened: Unlinked) -> None:
    chat = past(server).chat("bob")
    chat.text("before", at=1000)
    wanted = chat.text("what was this?", at=2000)
    client, _ = await brought(server, opened)
    key = MessageKey(chat=server.account("bob").lid, id=wanted.key.id, sender=server.account("bob").lid, from_me=False)
    told = client.expect(events.MessageReceived)
    message = await soon(client.history.resend(key))
    assert (message.text, message.key, message.recovered) == ("what was this?", key, True)
    assert await soon(told) == message
    with pytest.raises(errors.RequestTimeout):
        await client.history.resend(replace(key, id="unknown"), timeout=0.2)


async def test_what_nobody_asked_for_is_no_answer(server: LocalServer, opened: Unlinked) -> None:
    client, _ = await brought(server, opened)
    seen: list[events.MessageReceived] = []
    client.add_handler(events.MessageReceived, seen.append)
    info = WebMessageInfo(message=Message(conversation="believe me"), messageTimestamp=5)
    info.key.remoteJid, info.key.id = str(server.account("bob").lid), "A1"
    said = Message.ProtocolMessage(type=Message.ProtocolMessage.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE)
    response = said.peerDataOperationRequestResponseMessage
    response.stanzaId = "nobody"
    result = response.peerDataOperationResult.add()
    result.placeholderMessageResendResponse.webMessageInfoBytes = info.SerializeToString()
    (companion,) = server.account("alice").companions
    server.phone("alice").mail.send_peer(companion, Message(protocolMessage=said))
    live = client.expect(events.MessageReceived)
    await server.phone("bob").send_text("alice", "hello")
    await soon(live)
    assert [event.text for event in seen] == ["hello"]
