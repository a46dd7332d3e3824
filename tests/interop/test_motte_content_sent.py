"""motte (Bob) and real Baileys (Ann): every kind of content that motte writes without a file, read by Baileys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from motte import Jid, events
from motte.model.content import (
    Album,
    ButtonReply,
    Buttons,
    Contact,
    Contacts,
    Content,
    DisappearingTimer,
    Event,
    GroupInvite,
    Interactive,
    InteractiveReply,
    LimitSharing,
    List,
    ListReply,
    LiveLocation,
    Location,
    NewsletterInvite,
    Poll,
    PollResults,
    Product,
    RequestPhoneNumber,
    SharePhoneNumber,
    Text,
)
from motte.model.content.business import Button, Row, Section
from motte.model.content.text import Font, LinkPreview
from tests.interop.pairs import Pair, paired, within
from tests.interop.peer import encode_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")

GROUP = Jid.parse("120363000000000001@g.us")
CHANNEL = Jid.parse("120363000000000002@newsletter")
OWNER = Jid.parse("15550100005@s.whatsapp.net")
WEEK = 7 * 24 * 3600
PICTURE = b"\xff\xd8\xff\xe0 a small one"
CARD = Contact.of("Carol", "15550100003")
WIRE_CARD = {"displayName": "Carol", "vcard": CARD.vcard}
EXAMPLE = LinkPreview(url="https://example.com", title="Example", description="for examples", thumbnail=PICTURE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    async with paired() as both_of_them:
        yield both_of_them


both = pytest.mark.parametrize("addressing", ["pn", "lid"])

WRITTEN_BY_MOTTE: dict[str, tuple[Content, str, dict[str, Any]]] = {
    "text": (Text(text="plain"), "extendedTextMessage", {"text": "plain"}),
    "text to everyone": (
        Text(text="all!", mentions_everyone=True),
        "extendedTextMessage",
        {"text": "all!", "contextInfo": {"nonJidMentions": 1}},
    ),
    "text in colours": (
        Text(text="loud", background=0xFF102030, color=0xFFFFFFFF, font=Font.SYSTEM_BOLD),
        "extendedTextMessage",
        {"text": "loud", "backgroundArgb": 0xFF102030, "textArgb": 0xFFFFFFFF, "font": "SYSTEM_BOLD"},
    ),
    "forwarded text": (
        Text(text="again", forwarding_score=3, expiration=WEEK),
        "extendedTextMessage",
        {"text": "again", "contextInfo": {"forwardingScore": 3, "isForwarded": True, "expiration": WEEK}},
    ),
    "link": (
        Text(text="see https://example.com", preview=EXAMPLE),
        "extendedTextMessage",
        {
            "text": "see https://example.com",
            "matchedText": "https://example.com",
            "title": "Example",
            "description": "for examples",
            "jpegThumbnail": encode_bytes(PICTURE)["data"],
        },
    ),
    "contact": (CARD, "contactMessage", WIRE_CARD),
    "contacts": (
        Contacts(name="Two", contacts=(CARD, CARD)),
        "contactsArrayMessage",
        {"displayName": "Two", "contacts": [WIRE_CARD, WIRE_CARD]},
    ),
    "location": (
        Location(latitude=52.5, longitude=-13.25, name="There", address="Street 1"),
        "locationMessage",
        {"degreesLatitude": 52.5, "degreesLongitude": -13.25, "name": "There", "address": "Street 1"},
    ),
    "live location": (
        LiveLocation(latitude=52.5, longitude=-13.25, accuracy=5, speed=1.5, bearing=90, caption="here", sequence=1),
        "liveLocationMessage",
        {
            "degreesLatitude": 52.5,
            "degreesLongitude": -13.25,
            "accuracyInMeters": 5,
            "speedInMps": 1.5,
            "degreesClockwiseFromMagneticNorth": 90,
            "caption": "here",
            "sequenceNumber": "1",
        },
    ),
    "group invite": (
        GroupInvite(group=GROUP, code="CODE", expires_at=1_800_000_000, name="Group", caption="come"),
        "groupInviteMessage",
        {
            "groupJid": str(GROUP),
            "inviteCode": "CODE",
            "inviteExpiration": "1800000000",
            "groupName": "Group",
            "caption": "come",
        },
    ),
    "channel invite": (
        NewsletterInvite(newsletter=CHANNEL, name="News", caption="follow"),
        "newsletterFollowerInviteMessageV2",
        {"newsletterJid": str(CHANNEL), "newsletterName": "News", "caption": "follow"},
    ),
    "poll of any": (
        Poll(name="Which?", options=("A", "B")),
        "pollCreationMessage",
        {"name": "Which?", "options": [{"optionName": "A"}, {"optionName": "B"}], "selectableOptionsCount": 0},
    ),
    "poll of one": (
        Poll(name="Tea?", options=("Yes", "No"), selectable=1),
        "pollCreationMessageV3",
        {"name": "Tea?", "options": [{"optionName": "Yes"}, {"optionName": "No"}], "selectableOptionsCount": 1},
    ),
    "poll of an announcement group": (
        Poll(name="Tea?", options=("Yes", "No"), selectable=1, announcement=True),
        "pollCreationMessageV2",
        {"name": "Tea?", "options": [{"optionName": "Yes"}, {"optionName": "No"}], "selectableOptionsCount": 1},
    ),
    "poll results": (
        PollResults(name="Tea?", votes=(("Yes", 2),)),
        "pollResultSnapshotMessage",
        {"name": "Tea?", "pollVotes": [{"optionName": "Yes", "optionVoteCount": "2"}]},
    ),
    "event": (
        Event(
            name="Party",
            starts_at=1_800_000_000,
            ends_at=1_800_003_600,
            description="with cake",
            location=Location(latitude=1.5, longitude=2.5, name="Home"),
            extra_guests_allowed=True,
        ),
        "eventMessage",
        {
            "name": "Party",
            "description": "with cake",
            "startTime": "1800000000",
            "endTime": "1800003600",
            "location": {"degreesLatitude": 1.5, "degreesLongitude": 2.5, "name": "Home"},
            "extraGuestsAllowed": True,
            "isCanceled": False,
        },
    ),
    "button": (
        ButtonReply(id="yes", text="Yes"),
        "buttonsResponseMessage",
        {"selectedButtonId": "yes", "selectedDisplayText": "Yes", "type": "DISPLAY_TEXT"},
    ),
    "button of a template": (
        ButtonReply(id="yes", text="Yes", template=True, index=2),
        "templateButtonReplyMessage",
        {"selectedId": "yes", "selectedDisplayText": "Yes", "selectedIndex": 2},
    ),
    "row of a list": (
        ListReply(id="t", title="Tea", description="green"),
        "listResponseMessage",
        {
            "title": "Tea",
            "description": "green",
            "listType": "SINGLE_SELECT",
            "singleSelectReply": {"selectedRowId": "t"},
        },
    ),
    "answer to a flow": (
        InteractiveReply(text="Tea", name="menu", parameters='{"id":"t"}'),
        "interactiveResponseMessage",
        {"body": {"text": "Tea"}, "nativeFlowResponseMessage": {"name": "menu", "paramsJson": '{"id":"t"}'}},
    ),
    "buttons": (
        Buttons(text="Tea?", buttons=(Button(id="yes", text="Yes"),), header="Drinks", footer="hot"),
        "buttonsMessage",
        {
            "text": "Drinks",
            "contentText": "Tea?",
            "footerText": "hot",
            "buttons": [{"buttonId": "yes", "buttonText": {"displayText": "Yes"}, "type": "RESPONSE"}],
        },
    ),
    "list": (
        List(
            button="Open",
            sections=(Section(title="Hot", rows=(Row(id="t", title="Tea", description="green"),)),),
            title="Drinks",
            text="Choose",
            footer="free",
        ),
        "listMessage",
        {
            "title": "Drinks",
            "description": "Choose",
            "buttonText": "Open",
            "footerText": "free",
            "sections": [{"title": "Hot", "rows": [{"title": "Tea", "description": "green", "rowId": "t"}]}],
        },
    ),
    "flow": (
        Interactive(text="Tea?", buttons=(("quick_reply", '{"id":"yes"}'),), title="Drinks", footer="hot"),
        "interactiveMessage",
        {
            "header": {"title": "Drinks"},
            "body": {"text": "Tea?"},
            "footer": {"text": "hot"},
            "nativeFlowMessage": {"buttons": [{"name": "quick_reply", "buttonParamsJson": '{"id":"yes"}'}]},
        },
    ),
    "product": (
        Product(owner=OWNER, id="7", title="Tea", currency="EUR", price=2500, body="hot", footer="cup"),
        "productMessage",
        {
            "product": {"productId": "7", "title": "Tea", "currencyCode": "EUR", "priceAmount1000": "2500"},
            "businessOwnerJid": str(OWNER),
            "body": "hot",
            "footer": "cup",
        },
    ),
    "album": (Album(images=2, videos=1), "albumMessage", {"expectedImageCount": 2, "expectedVideoCount": 1}),
    "request of a phone number": (RequestPhoneNumber(), "requestPhoneNumberMessage", {}),
    "own phone number": (SharePhoneNumber(), "protocolMessage", {"type": "SHARE_PHONE_NUMBER"}),
    "limited sharing": (
        LimitSharing(True),
        "protocolMessage",
        {"type": "LIMIT_SHARING", "limitSharing": {"sharingLimited": True, "trigger": "CHAT_SETTING"}},
    ),
    "timer": (
        DisappearingTimer(WEEK),
        "ephemeralMessage",
        {"message": {"protocolMessage": {"type": "EPHEMERAL_SETTING", "ephemeralExpiration": WEEK}}},
    ),
}


@both
@pytest.mark.parametrize("kind", WRITTEN_BY_MOTTE)
async def test_baileys_reads_what_motte_writes(pair: Pair, kind: str, addressing: str) -> None:
    content, name, values = WRITTEN_BY_MOTTE[kind]
    got = await pair.from_bob(addressing, content)
    assert got["kind"] == name
    assert within(values, got["message"][name]), got["message"][name]


@both
async def test_baileys_notes_the_timer_of_a_chat(pair: Pair, addressing: str) -> None:
    await pair.from_bob(addressing, DisappearingTimer(WEEK + 1))
    chat = str(pair.jid("Bob", addressing))

    def told(chats: list[dict[str, Any]]) -> bool:
        return any(found.get("ephemeralExpiration") == WEEK + 1 and found["id"] == chat for found in chats)

    await pair.ann.event("chats.update", told)


@both
async def test_what_motte_sends_has_the_timer_that_baileys_set(pair: Pair, addressing: str) -> None:
    for seconds in (WEEK, 0):
        timer = await pair.from_ann(addressing, {"disappearingMessagesInChat": seconds})
        changed = await pair.bob.event(events.EphemeralChanged)
        assert (changed.key, changed.seconds) == (timer.message.key, seconds)
        text = (await pair.from_bob(addressing, f"gone in {seconds} s"))["message"]["extendedTextMessage"]
        assert text.get("contextInfo", {}).get("expiration", 0) == seconds


@both
async def test_baileys_reads_what_motte_forwards_and_quotes(pair: Pair, addressing: str) -> None:
    original = await pair.from_ann(addressing, {"text": "pass on"})
    sent = await pair.bob.client.messages.forward(original, original.chat)
    text = (await pair.upserted(sent.key.id))["message"]["extendedTextMessage"]
    assert within({"text": "pass on", "contextInfo": {"forwardingScore": 1, "isForwarded": True}}, text)
    place = await pair.from_ann(addressing, {"location": {"degreesLatitude": 1.5, "degreesLongitude": 2.5}})
    sent_reply = await place.reply(CARD)
    card = (await pair.upserted(sent_reply.key.id))["message"]["contactMessage"]
    quote = {
        "stanzaId": place.message.key.id,
        "participant": str(pair.jid("Ann", addressing)),
        "quotedMessage": {"locationMessage": {"degreesLatitude": 1.5, "degreesLongitude": 2.5}},
    }
    assert within({**WIRE_CARD, "contextInfo": quote}, card), card
