"""Real Baileys (Ann) and motte (Bob): what they do to each other's messages.

Reactions, edits, deletions, pins; votes and answers to events, which are encrypted with the secret of their message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

import pytest
import pytest_asyncio

from motte import events
from motte.model.content import Edit, Event, Keep, Pin, Poll, Reaction, Revoke, Text, Unpin
from motte.model.content.encrypted import SecretUse
from motte.model.content.event import Attendance
from motte.model.content.poll import option_hash
from motte.model.key import MessageKey
from tests.interop.pairs import Pair, paired, within
from tests.interop.peer import Json, encode_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")

A = TypeVar("A", bound=events.AddOn)

MONTH = 30 * 24 * 3600
PIN, UNPIN = 1, 2
SENT_AT = 1_700_000_000_123
TEA = Poll(name="Tea?", options=("Green", "Black", "None"), selectable=2)
PARTY = Event(name="Party", starts_at=1_800_000_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    async with paired() as both_of_them:
        yield both_of_them


both = pytest.mark.parametrize("addressing", ["pn", "lid"])


def key_for_ann(pair: Pair, key: MessageKey, addressing: str) -> Json:
    """A key as Ann sees it."""
    return {"remoteJid": str(pair.jid("Bob", addressing)), "id": key.id, "fromMe": not key.from_me}


async def told(pair: Pair, message_id: str) -> Json:
    """What Baileys' `messages.update` says about a message."""
    updates = await pair.ann.event(
        "messages.update",
        lambda data: data[0]["key"]["id"] == message_id and "status" not in data[0]["update"],
    )
    found: Json = updates[0]
    return found


async def reacted(pair: Pair, message_id: str) -> Json:
    """What Baileys' `messages.reaction` says of the message that brought a reaction."""
    [found] = await pair.ann.event("messages.reaction", lambda data: data[0]["reaction"]["key"]["id"] == message_id)
    shown: Json = found
    return shown


async def seen(pair: Pair, kind: type[A], got: events.MessageReceived) -> A:
    """The event of class `kind` that follows from a message."""
    return await pair.bob.event(kind, lambda event: event.key == got.message.key)


def parties(pair: Pair, addressing: str, secret: object, *, creator: str, actor: str) -> Json:
    """With what something is sealed, as `peer.mjs` takes it; `secret` is in base64, as in JSON, or bytes."""
    wire = encode_bytes(secret) if isinstance(secret, bytes) else {"type": "Buffer", "data": secret}
    people = {"creator": str(pair.jid(creator, addressing)), "actor": str(pair.jid(actor, addressing))}
    return {"secret": wire, **people}


def sealed(wire: Json) -> Json:
    """A ciphertext out of JSON, as `peer.mjs` takes it."""
    return {name: {"type": "Buffer", "data": wire[name]} for name in ("encPayload", "encIv")}


# ---- what Baileys does -----------------------------------------------------------------------------------------------


@both
async def test_motte_reads_reactions_to_both_sides(pair: Pair, addressing: str) -> None:
    theirs = (await pair.from_ann(addressing, {"text": "mine"})).message.key
    ours = pair.key_of(await pair.from_bob(addressing, "yours"), addressing)
    for target in (theirs, ours):
        for emoji in ("👍🏽", ""):
            wire = {"text": emoji, "key": key_for_ann(pair, target, addressing), "senderTimestampMs": SENT_AT}
            got = await pair.from_ann(addressing, {"react": wire})
            assert got.message.content == Reaction(target=target, emoji=emoji, timestamp_ms=SENT_AT)
            change = await seen(pair, events.ReactionChanged, got)
            assert (change.target, change.emoji, change.removed) == (target, emoji, not emoji)


@both
async def test_motte_reads_an_edit_and_a_deletion(pair: Pair, addressing: str) -> None:
    target = (await pair.from_ann(addressing, {"text": "frist"})).message.key
    wire = key_for_ann(pair, target, addressing)
    got = await pair.from_ann(addressing, {"text": "first", "edit": wire})
    edited = await seen(pair, events.MessageEdited, got)
    assert (edited.target, edited.content) == (target, Text(text="first"))
    got = await pair.from_ann(addressing, {"delete": wire})
    assert got.message.content == Revoke(target=target)
    assert (await seen(pair, events.MessageRevoked, got)).target == target


@both
async def test_motte_reads_pins(pair: Pair, addressing: str) -> None:
    target = (await pair.from_ann(addressing, {"text": "important"})).message.key
    wire = key_for_ann(pair, target, addressing)
    for command, duration in (({"type": PIN, "time": MONTH}, MONTH), ({"type": UNPIN}, None)):
        got = await pair.from_ann(addressing, {"pin": wire, **command})
        pinned = await seen(pair, events.MessagePinned, got)
        assert (pinned.target, pinned.duration) == (target, duration)


@both
async def test_motte_counts_votes_that_come_through_baileys(pair: Pair, addressing: str) -> None:
    poll = await pair.from_bob(addressing, TEA)
    target, ann, bob = pair.key_of(poll, addressing), pair.jid("Ann", addressing), str(pair.jid("Bob", addressing))
    with_secret = parties(
        pair, addressing, poll["message"]["messageContextInfo"]["messageSecret"], creator="Bob", actor="Ann"
    )
    for options in (("Green", "Black"), ("None",), ()):
        hashes = [encode_bytes(option_hash(option)) for option in options]
        vote_id = await pair.ann.call("vote", bob, key_for_ann(pair, target, addressing), hashes, with_secret)
        voted = await seen(pair, events.PollVoted, await pair.received(addressing, vote_id))
        assert (voted.target, voted.sender) == (target, ann)
        assert set(voted.vote.options) == set(options)
        counts = {option: len(voters) for option, voters in voted.results.items()}
        assert counts == {option: int(option in options) for option in TEA.options}


@both
async def test_motte_reads_answers_to_an_event_that_come_through_baileys(pair: Pair, addressing: str) -> None:
    party = await pair.from_bob(addressing, PARTY)
    target, bob = pair.key_of(party, addressing), str(pair.jid("Bob", addressing))
    with_secret = parties(
        pair, addressing, party["message"]["messageContextInfo"]["messageSecret"], creator="Bob", actor="Ann"
    )
    for attendance in Attendance:
        answer = {"response": int(attendance), "extraGuestCount": 2}
        answer_id = await pair.ann.call("respond", bob, key_for_ann(pair, target, addressing), answer, with_secret)
        responded = await seen(pair, events.EventResponded, await pair.received(addressing, answer_id))
        assert responded.target == target
        assert (responded.response.attendance, responded.response.extra_guests) == (attendance, 2)


# ---- what motte does -------------------------------------------------------------------------------------------------


@both
async def test_baileys_shows_reactions_to_both_sides(pair: Pair, addressing: str) -> None:
    theirs = (await pair.from_ann(addressing, {"text": "mine"})).message.key
    ours = pair.key_of(await pair.from_bob(addressing, "yours"), addressing)
    for target in (theirs, ours):
        for emoji in ("👍🏽", ""):
            sent = await pair.from_bob(addressing, Reaction(target=target, emoji=emoji))
            shown = await reacted(pair, sent["key"]["id"])
            assert within(key_for_ann(pair, target, addressing), shown["key"])
            assert shown["reaction"]["text"] == emoji


@both
async def test_baileys_shows_an_edit_and_a_deletion(pair: Pair, addressing: str) -> None:
    target = pair.key_of(await pair.from_bob(addressing, "frist"), addressing)
    await pair.from_bob(addressing, Edit(target=target, content=Text(text="first")))
    edited = await told(pair, target.id)
    assert edited["key"]["remoteJid"] == str(pair.jid("Bob", addressing))
    new = edited["update"]["message"]["editedMessage"]["message"]
    assert new["extendedTextMessage"]["text"] == "first"
    await pair.from_bob(addressing, Revoke(target=target))
    assert (await told(pair, target.id))["update"]["message"] is None


@both
async def test_baileys_reads_pins_and_what_is_kept(pair: Pair, addressing: str) -> None:
    target = (await pair.from_ann(addressing, {"text": "important"})).message.key
    key = {"remoteJid": str(pair.jid("Ann", addressing)), "fromMe": False, "id": target.id}
    for content, kind, seconds in (
        (Pin(target=target, duration=MONTH), "PIN_FOR_ALL", MONTH),
        (Unpin(target=target), "UNPIN_FOR_ALL", 0),
    ):
        pin = (await pair.from_bob(addressing, content))["message"]
        assert within({"key": key, "type": kind}, pin["pinInChatMessage"])
        assert pin["messageContextInfo"]["messageAddOnDurationInSecs"] == seconds
    for keep, kind in ((True, "KEEP_FOR_ALL"), (False, "UNDO_KEEP_FOR_ALL")):
        kept = (await pair.from_bob(addressing, Keep(target=target, keep=keep)))["message"]
        assert within({"key": key, "keepType": kind}, kept["keepInChatMessage"])


@both
async def test_baileys_opens_the_votes_of_motte(pair: Pair, addressing: str) -> None:
    values = {"name": TEA.name, "values": list(TEA.options), "selectableCount": TEA.selectable}
    poll = await pair.from_ann(addressing, {"poll": values})
    secret = parties(pair, addressing, poll.raw.messageContextInfo.messageSecret, creator="Ann", actor="Bob")
    for options in (("Green", "Black"), ("None",), ()):
        sent = await pair.bob.client.messages.vote(poll, *options)
        update = (await pair.upserted(sent.key.id))["message"]["pollUpdateMessage"]
        assert within(key_for_ann(pair, poll.message.key, addressing), update["pollCreationMessageKey"])
        use, poll_id = SecretUse.POLL_VOTE, poll.message.key.id
        vote = await pair.ann.call("unseal", use, sealed(update["vote"]), poll_id, secret)
        hashes = [encode_bytes(option_hash(option))["data"] for option in options]
        assert vote.get("selectedOptions", []) == hashes
    results = await pair.bob.client.messages.poll_results(poll)
    assert not any(results.values())


@both
async def test_baileys_opens_the_answers_of_motte_to_an_event(pair: Pair, addressing: str) -> None:
    party = await pair.from_ann(addressing, {"event": {"name": PARTY.name, "startDate": PARTY.starts_at * 1000}})
    secret = parties(pair, addressing, party.raw.messageContextInfo.messageSecret, creator="Ann", actor="Bob")
    for attendance in Attendance:
        sent = await pair.bob.client.messages.respond(party, attendance, extra_guests=1)
        wire = (await pair.upserted(sent.key.id))["message"]["encEventResponseMessage"]
        use, party_id = SecretUse.EVENT_RESPONSE, party.message.key.id
        answer = await pair.ann.call("unseal", use, sealed(wire), party_id, secret)
        assert within({"response": attendance.name, "extraGuestCount": 1}, answer)
