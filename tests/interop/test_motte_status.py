"""The status list between real Baileys and motte: posts, receipts, deletions, reactions and answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from motte import Text, events
from motte.model.content.text import Font
from motte.model.jid import STATUS_JID
from motte.model.key import MessageKey
from tests.interop.pairs import Pair, paired
from tests.interop.peer import Json

pytestmark = pytest.mark.asyncio(loop_scope="module")
STATUS = str(STATUS_JID)
modes = pytest.mark.parametrize("addressing", ["pn", "lid"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    async with paired() as together:
        yield together


async def posted_by_bob(pair: Pair, addressing: str, text: Text | str) -> tuple[MessageKey, Json]:
    """What Bob posts for Ann, as he knows it and as she gets it."""
    sent = await pair.bob.client.status.post(text, audience=[pair.jid("Ann", addressing)])
    return sent.key, await pair.upserted(sent.key.id)


async def posted_by_ann(pair: Pair, addressing: str, content: Json) -> tuple[Json, events.MessageReceived]:
    """What Ann posts for Bob, as she knows it and as he gets it."""
    key = await pair.ann.send(STATUS, content, statusJidList=[str(pair.jid("Bob", addressing))])
    got = await pair.bob.event(events.MessageReceived, lambda event: event.message.key.id == key["id"])
    return key, got


@modes
async def test_baileys_sees_what_motte_posts(pair: Pair, addressing: str) -> None:
    for text in ("the first", "the second, without the key"):
        font = Font.CALISTOGA_REGULAR
        post = Text(text=text, background=0xFF336699, color=0xFFFFFFFF, font=font)
        _, got = await posted_by_bob(pair, addressing, post)
        assert got["key"]["remoteJid"] == STATUS
        assert got["key"]["participant"] == str(pair.jid("Bob", "lid"))
        extended = got["message"]["extendedTextMessage"]
        assert (extended["text"], extended["backgroundArgb"], extended["font"]) == (text, 0xFF336699, font.name)


@modes
async def test_motte_sees_what_baileys_posts(pair: Pair, addressing: str) -> None:
    for text in ("one", "two"):
        _, got = await posted_by_ann(pair, addressing, {"text": text})
        assert (got.text, got.chat) == (text, STATUS_JID)
        assert got.message.key.sender == pair.jid("Ann", addressing)


async def test_receipts(pair: Pair) -> None:
    sent = await pair.bob.client.status.post("who reads this?", audience=[pair.jid("Ann", "lid")])
    got = await pair.upserted(sent.key.id)
    await pair.ann.read(got["key"])
    assert (await sent.read()).sender.user_jid == pair.jid("Ann", "lid")


async def test_baileys_deletes_what_motte_deletes(pair: Pair) -> None:
    sent = await pair.bob.client.status.post("oh no", audience=[pair.jid("Ann", "lid")])
    await pair.upserted(sent.key.id)
    await pair.bob.client.status.revoke(sent)
    await pair.ann.event(
        "messages.update",
        lambda data: data[0]["key"]["id"] == sent.key.id and data[0]["update"].get("messageStubType") == 1,
    )


@modes
async def test_motte_deletes_what_baileys_deletes(pair: Pair, addressing: str) -> None:
    key, got = await posted_by_ann(pair, addressing, {"text": "oh no"})
    await pair.ann.send(STATUS, {"delete": key}, statusJidList=[str(pair.jid("Bob", addressing))])
    revoked = await pair.bob.event(events.MessageRevoked)
    assert revoked.target == got.message.key


@modes
async def test_motte_reacts_and_answers(pair: Pair, addressing: str) -> None:
    key, got = await posted_by_ann(pair, addressing, {"text": "at the sea"})
    await pair.bob.client.messages.react(got, "🌊")
    reaction = await pair.ann.event("messages.reaction", lambda data: data[0]["key"]["id"] == key["id"])
    assert reaction[0]["reaction"]["text"] == "🌊"
    answer = await pair.bob.client.messages.reply(got, "lucky you")
    answered = await pair.upserted(answer.key.id)
    assert answered["key"]["remoteJid"] == str(pair.jid("Bob", addressing))
    context = answered["message"]["extendedTextMessage"]["contextInfo"]
    assert (context["stanzaId"], context["remoteJid"]) == (key["id"], STATUS)


async def test_baileys_reacts_and_answers(pair: Pair) -> None:
    known, got = await posted_by_bob(pair, "lid", "in the hills")
    bob = str(pair.jid("Bob", "lid"))
    await pair.ann.send(STATUS, {"react": {"text": "⛰", "key": got["key"]}}, statusJidList=[bob])
    reaction = await pair.bob.event(events.ReactionChanged)
    assert (reaction.target, reaction.emoji) == (known, "⛰")
    key = await pair.ann.send(bob, {"text": "which ones?"}, quoted=got)
    answer = await pair.received("lid", key["id"])
    assert isinstance(answer.message.content, Text)
    quoted = answer.message.content.quoted
    assert quoted is not None
    assert (quoted.id, quoted.chat) == (known.id, STATUS_JID)


async def test_motte_sends_again_what_baileys_cannot_read(pair: Pair) -> None:
    await posted_by_bob(pair, "lid", "so that she has the key")
    await pair.ann.call("forgetKeys", "sender-key", STATUS)
    key, got = await posted_by_bob(pair, "lid", "and lost it")
    assert got["text"] is None
    again = await pair.ann.text("and lost it")
    assert (again["key"]["id"], again["key"]["remoteJid"]) == (key.id, STATUS)
