import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.message import compose
from motte.core.message.parse import opened, parse
from motte.core.message.secrets import Sealing, unseal
from motte.errors import LocalProtocolError, RemoteProtocolError
from motte.model.content import Comment, Content, Edit, Event, EventResponse, Location, Poll, PollVote, Reaction, Text
from motte.model.content.encrypted import Encrypted, SecretUse
from motte.model.content.event import Attendance
from motte.model.content.poll import option_hash, tally
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.e2e_pb2 import Message

VECTORS: Any = json.loads((Path(__file__).parents[3] / "vectors" / "secrets.json").read_text())
SECRET, IV = bytes.fromhex(VECTORS["secret"]), bytes.fromhex(VECTORS["iv"])
ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100000000000001:3@lid"))
ADA, ADA_LID = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("100000000000002@lid")
GROUP = Jid.parse("120363000000000001@g.us")
POLL = MessageKey(chat=GROUP, id=VECTORS["id"], sender=ME.pn.user_jid, from_me=True)
VOTE_KEY = MessageKey(chat=GROUP, id="3EB0VOTE", sender=ADA, from_me=False)
NOW = 1_700_000_000.0


def rng(count: int) -> bytes:
    return bytes(range(7, count + 7))


@pytest.mark.parametrize("case", VECTORS["sealed"], ids=lambda case: f"{case['use']} {case['creator'][-6:]}")
def test_votes_and_answers_as_baileys_reads_them(case: Any) -> None:
    creator, actor = Jid.parse(case["creator"]), Jid.parse(case["actor"])
    encrypted = Encrypted(use=SecretUse(case["use"]), target=POLL, payload=bytes.fromhex(case["payload"]), iv=IV)
    sealing = Sealing(secret=SECRET, creator=creator, actor=actor.with_device(4))
    plaintext = sealing.open(encrypted)
    assert sealing.seal(plaintext, encrypted.use, POLL.id, lambda _: IV) == (encrypted.payload, IV)
    content = opened(encrypted, plaintext, key=VOTE_KEY, me=ME)
    if case["use"] == "Poll Vote":
        assert content == PollVote(poll=POLL, hashes=tuple(map(bytes.fromhex, case["hashes"])))
        assert PollVote(poll=POLL, options=tuple(case["options"])).chosen == content.chosen
    else:
        assert content == EventResponse(
            event=POLL,
            attendance=Attendance(case["response"]),
            extra_guests=case["guests"],
            timestamp_ms=case["timestamp"],
        )


def test_the_tally_is_baileys() -> None:
    poll = Poll(name="Which?", options=("A", "B", "C"))
    votes = {
        Jid.parse(voter): PollVote(poll=POLL, hashes=tuple(map(option_hash, options)))
        for voter, options in VECTORS["tally"]["votes"].items()
    }
    expected = {one["name"]: tuple(map(Jid.parse, one["voters"])) for one in VECTORS["tally"]["result"]}
    assert tally(poll, votes) == expected


def test_votes_that_do_not_count() -> None:
    poll = Poll(name="One?", options=("A", "B"), selectable=1)
    votes = {
        ADA: PollVote(poll=POLL, options=("A", "B")),
        ADA_LID: PollVote(poll=POLL, hashes=(option_hash("Z"),)),
    }
    assert tally(poll, votes) == {"A": (), "B": ()}
    assert votes[ADA_LID].named(poll).options == ()
    assert PollVote(poll=POLL, hashes=(option_hash("B"),)).named(poll).options == ("B",)


TEXT = Text(text="new")
EVENT = Event(name="Tea", starts_at=1, location=Location(latitude=1, longitude=2))
SEALED: list[tuple[Content, SecretUse]] = [
    (PollVote(poll=POLL, hashes=(option_hash("A"),), timestamp_ms=5), SecretUse.POLL_VOTE),
    (PollVote(poll=POLL, timestamp_ms=5), SecretUse.POLL_VOTE),
    (EventResponse(event=POLL, attendance=Attendance.MAYBE, timestamp_ms=5), SecretUse.EVENT_RESPONSE),
    (Reaction(target=POLL, emoji="👍", timestamp_ms=5), SecretUse.REACTION),
    (Comment(target=POLL, content=TEXT), SecretUse.COMMENT),
    (Edit(target=POLL, content=TEXT), SecretUse.MESSAGE_EDIT),
    (Edit(target=POLL, content=EVENT), SecretUse.EVENT_EDIT),
]


@pytest.mark.parametrize(("content", "use"), SEALED)
def test_there_and_back(content: Content, use: SecretUse) -> None:
    """Sent by this account on one device, read on another: either address of both people may have been meant."""
    sealing = Sealing(secret=SECRET, creator=ADA_LID, actor=ME.lid or ME.pn)
    message = compose.message(content, chat=GROUP, now=NOW, rng=rng, sealing=sealing)
    assert not message.messageContextInfo.HasField("messageSecret")
    own = MessageKey(chat=GROUP, id="M", sender=ME.pn.user_jid, from_me=True)
    encrypted = parse(message, key=own, me=ME).content
    assert isinstance(encrypted, Encrypted)
    assert (encrypted.use, encrypted.target) == (use, POLL)
    assert SECRET not in message.SerializeToString()
    plaintext = unseal(encrypted, SECRET, creators=[ADA, ADA_LID], actors=[ME.pn, ME.lid or ME.pn])
    assert opened(encrypted, plaintext, key=own, me=ME) == content
    for creators, actors in (([ADA], [ME.pn, ME.lid or ME.pn]), ([ADA_LID], [ADA])):
        with pytest.raises(RemoteProtocolError, match="does not open"):
            unseal(encrypted, SECRET, creators=creators, actors=actors)
    with pytest.raises(RemoteProtocolError):
        unseal(encrypted, bytes(32), creators=[ADA_LID], actors=[ME.lid or ME.pn])


def test_uses_do_not_mix() -> None:
    """What was sealed as a vote does not open as anything else."""
    sealing = Sealing(secret=SECRET, creator=ADA, actor=ME.pn)
    payload, iv = sealing.seal(b"x", SecretUse.REACTION, "A", rng)
    for use in set(SecretUse) - {SecretUse.REACTION}:
        with pytest.raises(RemoteProtocolError):
            sealing.open(Encrypted(use=use, target=POLL, payload=payload, iv=iv))


def test_an_event_edited_bare() -> None:
    event = compose.message(EVENT, chat=GROUP, now=NOW, rng=rng).eventMessage
    encrypted = Encrypted(use=SecretUse.EVENT_EDIT, target=POLL, payload=b"", iv=b"")
    edit = opened(encrypted, event.SerializeToString(), key=VOTE_KEY, me=ME)
    assert edit == Edit(target=POLL, content=EVENT)


@pytest.mark.parametrize("content", [PollVote(poll=POLL), EventResponse(event=POLL, attendance=Attendance.GOING)])
def test_no_secret_no_vote(content: Content) -> None:
    with pytest.raises(LocalProtocolError, match="not known"):
        compose.message(content, chat=GROUP, now=NOW, rng=rng)


@pytest.mark.parametrize("use", [use for _, use in SEALED])
def test_what_is_inside_may_be_rubbish(use: SecretUse) -> None:
    encrypted = Encrypted(use=use, target=POLL, payload=b"", iv=b"")
    with pytest.raises(RemoteProtocolError):
        opened(encrypted, b"\xff\xff\xff", key=VOTE_KEY, me=ME)


def test_an_answer_that_is_none() -> None:
    encrypted = Encrypted(use=SecretUse.EVENT_RESPONSE, target=POLL, payload=b"", iv=b"")
    with pytest.raises(RemoteProtocolError, match="neither"):
        opened(encrypted, Message.EventResponseMessage().SerializeToString(), key=VOTE_KEY, me=ME)


def test_iv_and_payload_of_any_size_are_refused() -> None:
    for payload, iv in ((b"", b""), (b"short", bytes(12)), (bytes(40), bytes(3)), (bytes(40), bytes(200))):
        encrypted = Encrypted(use=SecretUse.POLL_VOTE, target=POLL, payload=payload, iv=iv)
        with pytest.raises(RemoteProtocolError):
            unseal(encrypted, SECRET, creators=[ADA], actors=[ADA])
