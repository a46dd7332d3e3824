"""Kinds of content that Baileys does not send, whose messages a key means, and what cannot be sent."""

from dataclasses import replace

import pytest

from motte.core.message import compose
from motte.core.message.compose import Quote
from motte.core.message.content.fields import merged
from motte.core.message.kinds import labels
from motte.core.message.parse import parse
from motte.errors import LocalProtocolError
from motte.model.content import (
    Album,
    Audio,
    ButtonReply,
    Buttons,
    Comment,
    Contact,
    Contacts,
    Content,
    DisappearingTimer,
    Document,
    Edit,
    Event,
    GroupInvite,
    Image,
    Interactive,
    InteractiveReply,
    Keep,
    List,
    ListReply,
    LiveLocation,
    Location,
    MemberLabel,
    NewsletterInvite,
    Order,
    Poll,
    PollResults,
    Quoted,
    Reaction,
    Revoke,
    Sticker,
    StickerPack,
    Template,
    Text,
    UnsupportedContent,
    Video,
    VideoNote,
    VoiceNote,
)
from motte.model.content.business import Button, Row, Section
from motte.model.content.media import PackedSticker, RemoteFile, UrlSource
from motte.model.content.text import Font, LinkPreview
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.e2e_pb2 import HydratedTemplateButton, Message

ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100000000000001:3@lid"))
MINE, MY_LID = ME.pn.user_jid, Jid.parse("100000000000001@lid")
ADA, BOB = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("100000000000003@lid")
GROUP, NEWSLETTER = Jid.parse("120363000000000001@g.us"), Jid.parse("120363000000000002@newsletter")
NOW = 1_700_000_000.0
OWN = MessageKey(chat=ADA, id="OWN", sender=MINE, from_me=True)
THEIRS = MessageKey(chat=ADA, id="THEIRS", sender=ADA, from_me=False)
AROUND = MessageKey(chat=ADA, id="M", sender=MINE, from_me=True)
JPEG = b"\xff\xd8\xff\xd9"
FILE = RemoteFile(
    url="https://127.0.0.1/f",
    direct_path="/f",
    media_key=bytes(32),
    media_key_timestamp=1_700_000_000,
    file_sha256=b"1" * 32,
    enc_sha256=b"2" * 32,
    size=10,
    mime_type="image/jpeg",
)
OPEN_FILE = replace(FILE, media_key=None, enc_sha256=None, media_key_timestamp=None)
THUMBNAIL = replace(FILE, url=None, size=0)
IMAGE = Image(file=FILE, mime_type="image/jpeg")


def rng(count: int) -> bytes:
    return bytes(range(1, count + 1))


def write(content: Content, *, chat: Jid = ADA, quote: Quote | None = None, expiration: int | None = None) -> Message:
    return compose.message(content, chat=chat, now=NOW, rng=rng, quote=quote, expiration=expiration)


def read(message: Message) -> Content | None:
    return parse(Message.FromString(message.SerializeToString()), key=AROUND, me=ME).content


KINDS: list[Content] = [
    Text(
        text="see https://example.org",
        preview=LinkPreview(
            url="https://example.org", title="t", description="d", thumbnail=JPEG, file=THUMBNAIL, width=9, height=8
        ),
        background=0xFF000000,
        color=0xFFFFFFFF,
        font=Font.COURIERPRIME_BOLD,
        mentions=(ADA, BOB),
        mentions_everyone=True,
        forwarding_score=3,
        expiration=86400,
    ),
    Image(file=OPEN_FILE, mime_type="image/jpeg", caption="look", mentions=(ADA,), view_once=False),
    Image(file=FILE, mime_type="image/jpeg", view_once=True, mentions=(ADA,), expiration=60),
    Video(file=replace(FILE, sidecar=b"macs"), mime_type="image/jpeg", seconds=3, view_once=True),
    Video(file=FILE, mime_type="image/jpeg", gif=True, album=OWN, width=3, height=4, thumbnail=JPEG),
    VideoNote(file=FILE, mime_type="image/jpeg", seconds=3, width=3, height=3, thumbnail=JPEG, view_once=True),
    Audio(file=FILE, mime_type="image/jpeg", seconds=3, view_once=True),
    VoiceNote(file=FILE, mime_type="image/jpeg", waveform=bytes(64), background=0xFF000001, view_once=True),
    Document(file=FILE, mime_type="image/jpeg", name="a", title="b", caption="c", pages=3, preview=THUMBNAIL),
    Sticker(file=FILE, mime_type="image/jpeg", lottie=True, animated=True, avatar=True, thumbnail=b"png"),
    StickerPack(
        file=replace(FILE, url=None, mime_type="application/zip"),
        id="p",
        name="Pack",
        publisher="me",
        stickers=(PackedSticker(file_name="1.webp", emojis=("👍", "x"), label="thumb", animated=True),),
        caption="c",
        description="d",
        tray_icon="tray.png",
        preview=THUMBNAIL,
    ),
    Album(images=1, mentions=(ADA,)),
    LiveLocation(
        latitude=-90, longitude=180, accuracy=3, speed=1.5, bearing=0, caption="here", sequence=2, time_offset=0
    ),
    Location(latitude=1, longitude=2, url="https://example.org", comment="c", accuracy=5, is_live=True, thumbnail=JPEG),
    GroupInvite(group=GROUP, code="C", expires_at=5, is_community=True, thumbnail=JPEG),
    NewsletterInvite(newsletter=NEWSLETTER, name="n", caption="c", thumbnail=JPEG),
    NewsletterInvite(newsletter=NEWSLETTER, expires_at=5),
    Poll(name="?", options=("a", "b"), mentions=(ADA,), expiration=60),
    PollResults(name="?", votes=(("a", 3), ("b", 0))),
    Event(name="e", starts_at=5, join_link="https://example.org", cancelled=True, is_call=True, reminder=0),
    Keep(target=THEIRS, timestamp_ms=5),
    Keep(target=OWN, keep=False, timestamp_ms=5),
    Comment(target=THEIRS, content=Text(text="so true", mentions=(ADA,))),
    Edit(target=OWN, content=replace(IMAGE, caption="better", mentions=(BOB,)), timestamp_ms=5),
    MemberLabel("boss"),
    MemberLabel(""),
    DisappearingTimer(5),
    Buttons(text="?", buttons=(Button(id="a", text="A"),), header="h", footer="f"),
    List(
        button="open",
        sections=(Section(title="s", rows=(Row(id="1", title="one", description="d"),)),),
        title="t",
        text="x",
        footer="f",
    ),
    ListReply(id="1", title="one", description="d"),
    ButtonReply(id="a", text="A", mentions=(ADA,)),
    Interactive(text="?", buttons=(("quick_reply", "{}"),), title="t", footer="f", parameters="{}"),
    InteractiveReply(text="done", name="flow", parameters="{}"),
]


@pytest.mark.parametrize("content", KINDS, ids=lambda content: type(content).__name__)
def test_what_is_written_is_read(content: Content) -> None:
    assert read(write(content)) == content


def test_a_context_is_in_the_kind_and_not_around_it() -> None:
    """Baileys loses mentions of polls and of what is seen once, and puts those of an edit on the edit."""
    poll = write(Poll(name="?", options=("a", "b"), mentions=(ADA,)))
    assert list(poll.pollCreationMessage.contextInfo.mentionedJid) == [str(ADA)]
    once = write(replace(IMAGE, view_once=True, mentions=(ADA,)), expiration=60)
    inner = once.viewOnceMessageV2.message.imageMessage
    assert (list(inner.contextInfo.mentionedJid), inner.contextInfo.expiration) == ([str(ADA)], 60)
    edit = write(Edit(target=OWN, content=Text(text="x", mentions=(ADA,))), expiration=60)
    new = edit.protocolMessage.editedMessage.extendedTextMessage.contextInfo
    assert (list(new.mentionedJid), new.HasField("expiration")) == ([str(ADA)], False)


def test_nothing_disappears_in_a_newsletter() -> None:
    message = write(Text(text="x"), chat=NEWSLETTER, expiration=60)
    assert not message.extendedTextMessage.HasField("contextInfo")


def test_the_timer_of_the_chat_gives_way_to_that_of_the_message() -> None:
    assert read(write(Text(text="x"), expiration=60)) == Text(text="x", expiration=60)
    assert read(write(Text(text="x", expiration=5), expiration=60)) == Text(text="x", expiration=5)
    assert read(write(Text(text="x", expiration=0), expiration=60)) == Text(text="x")


@pytest.mark.parametrize("content", KINDS, ids=lambda content: type(content).__name__)
def test_only_what_is_said_has_a_secret(content: Content) -> None:
    acted = (Keep, Comment, Edit, MemberLabel, DisappearingTimer)
    assert write(content).messageContextInfo.HasField("messageSecret") is not isinstance(content, acted)


def test_contents_come_without_what_is_too_much() -> None:
    many = Message(contactsArrayMessage=Message.ContactsArrayMessage(contacts=[Message.ContactMessage()] * 5000))
    content = read(many)
    assert isinstance(content, Contacts)
    assert len(content.contacts) == 1024


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (Text(text=""), "empty"),
        (Image(file="photo.jpg"), "uploaded"),
        (Sticker(file=UrlSource("https://example.org/s.webp")), "uploaded"),
        (StickerPack(file=b"zip", id="1", name="n"), "uploaded"),
        (Contacts(name="none", contacts=()), "empty"),
        (Location(latitude=91, longitude=0), "-90"),
        (LiveLocation(latitude=0, longitude=float("nan")), "-90"),
        (Poll(name="?", options=()), "question"),
        (Poll(name="?", options=("a", "a")), "differ"),
        (Poll(name="?", options=("a", "b"), selectable=3), "choices"),
        (Poll(name="?", options=("a", "b"), answer="a"), "quiz"),
        (Event(name="", starts_at=1), "name"),
        (Edit(target=THEIRS, content=Text(text="x")), "own"),
        (Edit(target=OWN, content=Revoke(target=OWN)), "inside"),
        (Edit(target=OWN, content=Event(name="e", starts_at=1)), "secret"),
        (DisappearingTimer(-1), "0 seconds"),
        (Buttons(text="?", buttons=()), "one"),
        (List(button="b", sections=(Section(rows=()),)), "row"),
        (Order(id="1", token="t"), "received"),
        (Template(text="x"), "received"),
        (UnsupportedContent("invoiceMessage"), "received"),
    ],
)
def test_what_cannot_be_sent(content: Content, why: str) -> None:
    with pytest.raises(LocalProtocolError, match=why):
        write(content)


def test_a_reaction_quotes_nothing() -> None:
    with pytest.raises(LocalProtocolError, match="quote"):
        write(Reaction(target=THEIRS, emoji="x"), quote=Quote(key=THEIRS, message=Message(conversation="x")))


@pytest.mark.parametrize(
    "message",
    [
        Message(),
        write(Reaction(target=THEIRS, emoji="x")),
        write(Revoke(target=OWN)),
        write(replace(IMAGE, view_once=True)),
    ],
)
def test_what_cannot_be_forwarded(message: Message) -> None:
    with pytest.raises(LocalProtocolError, match="forwarded"):
        compose.forward(message, rng=rng)


def test_forwarding_leaves_behind_what_was_private() -> None:
    answer = write(Document(file=FILE, caption="read", mentions=(ADA,)), expiration=60)
    answer.documentWithCaptionMessage.message.documentMessage.contextInfo.stanzaId = "A"
    content = read(compose.forward(answer, rng=lambda count: bytes([9]) * count, expiration=5))
    assert isinstance(content, Document)
    assert (content.caption, content.mentions, content.quoted) == ("read", (), None)
    assert (content.forwarding_score, content.expiration) == (1, 5)


def test_a_picture_of_a_quotation_is_read_once() -> None:
    deep = write(Text(text="c"), quote=Quote(key=THEIRS, message=write(Text(text="a"))))
    image = write(IMAGE, quote=Quote(key=OWN, message=deep))
    content = read(image)
    assert isinstance(content, Image)
    assert content.quoted == Quoted(id="OWN", sender=MINE, content=Text(text="c"))


def test_templates_and_orders_are_read() -> None:
    hydrated = Message.TemplateMessage.HydratedFourRowTemplate(
        hydratedContentText="x",
        hydratedTitleText="t",
        hydratedFooterText="f",
        hydratedButtons=[
            HydratedTemplateButton(
                quickReplyButton=HydratedTemplateButton.HydratedQuickReplyButton(id="1", displayText="one")
            ),
            HydratedTemplateButton(urlButton=HydratedTemplateButton.HydratedURLButton(displayText="two", url="u")),
            HydratedTemplateButton(callButton=HydratedTemplateButton.HydratedCallButton(displayText="three")),
        ],
    )
    buttons = (Button(id="1", text="one"), Button(id="", text="two"), Button(id="", text="three"))
    template = Template(text="x", title="t", footer="f", buttons=buttons)
    assert read(Message(templateMessage=Message.TemplateMessage(hydratedTemplate=hydrated))) == template
    assert read(Message(templateMessage=Message.TemplateMessage(hydratedFourRowTemplate=hydrated))) == template
    order = Message.OrderMessage(orderId="1", token="t", sellerJid=str(ADA), itemCount=2, totalAmount1000=5)
    expected = Order(id="1", token="t", seller=ADA, items=2, total=5)
    assert read(Message(orderMessage=order)) == expected


@pytest.mark.parametrize(
    "message",
    [
        Message(groupInviteMessage=Message.GroupInviteMessage(groupJid=str(ADA))),
        Message(newsletterAdminInviteMessage=Message.NewsletterAdminInviteMessage(newsletterJid="?")),
        Message(productMessage=Message.ProductMessage()),
        Message(pinInChatMessage=Message.PinInChatMessage()),
        Message(keepInChatMessage=Message.KeepInChatMessage()),
        Message(commentMessage=Message.CommentMessage()),
        Message(secretEncryptedMessage=Message.SecretEncryptedMessage()),
    ],
)
def test_what_makes_no_sense_keeps_its_name(message: Message) -> None:
    assert read(message) == UnsupportedContent(message.ListFields()[0][0].name)


def test_a_vcard() -> None:
    contact = Contact.of("Ada; Lovelace\n", "+1 555 010 0002", organisation="a,b")
    assert contact.vcard.split("\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        r"N:;Ada\; Lovelace\n;;;",
        r"FN:Ada\; Lovelace\n",
        r"ORG:a\,b",
        "TEL;type=CELL;type=VOICE;waid=15550100002:+15550100002",
        "END:VCARD",
    ]
    with pytest.raises(LocalProtocolError):
        Contact.of(" ", "+15550100002")


def test_a_kind_is_registered_once() -> None:
    assert merged({"a": 1}, {"b": 2}) == {"a": 1, "b": 2}
    with pytest.raises(ValueError, match="twice"):
        merged({"a": 1}, {"a": 2})


@pytest.mark.parametrize("content", KINDS, ids=lambda content: type(content).__name__)
def test_every_kind_has_labels(content: Content) -> None:
    assert labels(write(content)).type in {"text", "media", "reaction", "poll", "event"}


def test_no_key_is_shown() -> None:
    assert repr(bytes(32)) not in repr(replace(IMAGE, thumbnail=bytes(32)))
