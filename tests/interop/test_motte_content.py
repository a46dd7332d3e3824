"""Real Baileys (Ann) and motte (Bob): every kind of content that Baileys writes without a file, read by motte."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from motte import Jid
from motte.model.content import (
    Album,
    ButtonReply,
    Contact,
    Contacts,
    Content,
    DisappearingTimer,
    Event,
    GroupInvite,
    LimitSharing,
    ListReply,
    Location,
    Poll,
    Quoted,
    RequestPhoneNumber,
    SharePhoneNumber,
    Text,
)
from motte.model.content.text import Font, LinkPreview
from tests.interop.pairs import Pair, paired
from tests.interop.peer import encode_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")

GROUP = Jid.parse("120363000000000001@g.us")
WEEK = 7 * 24 * 3600
PICTURE = b"\xff\xd8\xff\xe0 a small one"
CARDS = tuple(Contact.of(name, phone) for name, phone in (("Carol", "15550100003"), ("Dave", "15550100004")))
WIRE_CARDS = [{"displayName": card.name, "vcard": card.vcard} for card in CARDS]
PREVIEW = {"matched-text": "https://example.com", "title": "Example", "description": "for examples"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    async with paired() as both_of_them:
        yield both_of_them


both = pytest.mark.parametrize("addressing", ["pn", "lid"])

WRITTEN_BY_BAILEYS: dict[str, tuple[dict[str, Any], Content]] = {
    "text": ({"text": "plain"}, Text(text="plain")),
    "text to everyone": ({"text": "all!", "mentionAll": True}, Text(text="all!", mentions_everyone=True)),
    "text to be seen once": ({"text": "once", "viewOnce": True}, Text(text="once")),
    "link": (
        {"text": "see https://example.com", "linkPreview": {**PREVIEW, "jpegThumbnail": encode_bytes(PICTURE)}},
        Text(
            text="see https://example.com",
            preview=LinkPreview(
                url="https://example.com", title="Example", description="for examples", thumbnail=PICTURE
            ),
        ),
    ),
    "contact": ({"contacts": {"displayName": "Carol", "contacts": WIRE_CARDS[:1]}}, CARDS[0]),
    "contacts": (
        {"contacts": {"displayName": "Two", "contacts": WIRE_CARDS}},
        Contacts(name="Two", contacts=CARDS),
    ),
    "location": (
        {"location": {"degreesLatitude": 52.5, "degreesLongitude": -13.25, "name": "There", "address": "Street 1"}},
        Location(latitude=52.5, longitude=-13.25, name="There", address="Street 1"),
    ),
    "poll of any": (
        {"poll": {"name": "Which?", "values": ["A", "B", "C"]}},
        Poll(name="Which?", options=("A", "B", "C")),
    ),
    "poll of two": (
        {"poll": {"name": "Which?", "values": ["A", "B", "C"], "selectableCount": 2}},
        Poll(name="Which?", options=("A", "B", "C"), selectable=2),
    ),
    "poll of one": (
        {"poll": {"name": "Tea?", "values": ["Yes", "No"], "selectableCount": 1}},
        Poll(name="Tea?", options=("Yes", "No"), selectable=1),
    ),
    "poll of an announcement group": (
        {"poll": {"name": "Tea?", "values": ["Yes", "No"], "selectableCount": 1, "toAnnouncementGroup": True}},
        Poll(name="Tea?", options=("Yes", "No"), selectable=1, announcement=True),
    ),
    "event": (
        {
            "event": {
                "name": "Party",
                "description": "with cake",
                "startDate": 1_800_000_000_000,
                "endDate": 1_800_003_600_000,
                "extraGuestsAllowed": True,
                "location": {"degreesLatitude": 1.5, "degreesLongitude": 2.5, "name": "Home"},
            }
        },
        Event(
            name="Party",
            starts_at=1_800_000_000,
            ends_at=1_800_003_600,
            description="with cake",
            location=Location(latitude=1.5, longitude=2.5, name="Home"),
            extra_guests_allowed=True,
        ),
    ),
    "cancelled event": (
        {"event": {"name": "Party", "startDate": 1_800_000_000_000, "isCancelled": True, "isScheduleCall": True}},
        Event(name="Party", starts_at=1_800_000_000, cancelled=True, is_call=True),
    ),
    "button": (
        {"buttonReply": {"displayText": "Yes", "id": "yes"}, "type": "plain"},
        ButtonReply(id="yes", text="Yes"),
    ),
    "button of a template": (
        {"buttonReply": {"displayText": "Yes", "id": "yes", "index": 2}, "type": "template"},
        ButtonReply(id="yes", text="Yes", template=True, index=2),
    ),
    "row of a list": (
        {
            "listReply": {
                "title": "Tea",
                "description": "green",
                "listType": 1,
                "singleSelectReply": {"selectedRowId": "t"},
            }
        },
        ListReply(id="t", title="Tea", description="green"),
    ),
    "album": ({"album": {"expectedImageCount": 2, "expectedVideoCount": 1}}, Album(images=2, videos=1)),
    "request of a phone number": ({"requestPhoneNumber": True}, RequestPhoneNumber()),
    "own phone number": ({"sharePhoneNumber": True}, SharePhoneNumber()),
    "limited sharing": ({"limitSharing": True}, LimitSharing(True)),
    "unlimited sharing": ({"limitSharing": False}, LimitSharing(False)),
    "timer": ({"disappearingMessagesInChat": WEEK}, DisappearingTimer(WEEK)),
    "no timer": ({"disappearingMessagesInChat": False}, DisappearingTimer(0)),
}


@both
@pytest.mark.parametrize("kind", WRITTEN_BY_BAILEYS)
async def test_motte_reads_what_baileys_writes(pair: Pair, kind: str, addressing: str) -> None:
    content, expected = WRITTEN_BY_BAILEYS[kind]
    got = await pair.from_ann(addressing, content)
    assert got.message.content == expected


@both
async def test_motte_reads_an_invitation_to_a_group(pair: Pair, addressing: str) -> None:
    invite = {
        "jid": str(GROUP),
        "subject": "Group",
        "inviteCode": "CODE",
        "inviteExpiration": 1_800_000_000,
        "text": "come",
    }
    key = await pair.ann.call("relay", str(pair.jid("Bob", addressing)), {"groupInvite": invite})
    got = await pair.received(addressing, key["id"])
    assert got.message.content == GroupInvite(
        group=GROUP, code="CODE", expires_at=1_800_000_000, name="Group", caption="come"
    )


@both
async def test_motte_reads_mentions_forwards_and_colours(pair: Pair, addressing: str) -> None:
    bob = pair.jid("Bob", addressing)
    got = await pair.from_ann(addressing, {"text": "hi @you", "mentions": [str(bob)]})
    assert got.message.content == Text(text="hi @you", mentions=(bob,))
    mentioned = {"contacts": {"contacts": WIRE_CARDS[:1]}, "mentions": [str(bob)]}
    assert (await pair.from_ann(addressing, mentioned)).message.content == replace(CARDS[0], mentions=(bob,))
    styled = await pair.from_ann(addressing, {"text": "loud"}, backgroundColor="#102030", font=Font.SYSTEM_BOLD)
    assert styled.message.content == Text(text="loud", background=0xFF102030, font=Font.SYSTEM_BOLD)
    timed = await pair.from_ann(addressing, {"text": "for a week"}, ephemeralExpiration=WEEK)
    assert timed.message.content == Text(text="for a week", expiration=WEEK)


@both
async def test_motte_counts_how_often_baileys_forwarded(pair: Pair, addressing: str) -> None:
    original = await pair.from_bob(addressing, f"pass on by {addressing}")
    got = await pair.from_ann(addressing, {"forward": original})
    assert got.message.content == Text(text=f"pass on by {addressing}", forwarding_score=1)
    own = {"key": {**original["key"], "fromMe": True}, "message": original["message"]}
    again = await pair.from_ann(addressing, {"forward": own, "force": True})
    assert again.message.content == Text(text=f"pass on by {addressing}", forwarding_score=1)
    quiet = await pair.from_ann(addressing, {"forward": own})
    assert quiet.message.content == Text(text=f"pass on by {addressing}")


@both
@pytest.mark.parametrize("kind", ["location", "contact", "poll of any", "event"])
async def test_motte_reads_what_baileys_quotes(pair: Pair, kind: str, addressing: str) -> None:
    content = WRITTEN_BY_BAILEYS[kind][1]
    asked = await pair.from_bob(addressing, content)
    got = await pair.from_ann(addressing, {"text": "about that"}, quoted=asked)
    quoted = Quoted(id=asked["key"]["id"], sender=pair.jid("Bob", addressing), content=content)
    assert got.message.content == Text(text="about that", quoted=quoted)
