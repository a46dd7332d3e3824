"""What Baileys makes of each kind of content is read as the same values, and written again as the same protobuf."""

import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.message import compose
from motte.core.message.compose import Quote
from motte.core.message.parse import parse
from motte.model.content import (
    Album,
    Audio,
    ButtonReply,
    Contact,
    Contacts,
    Content,
    DisappearingTimer,
    Document,
    Edit,
    Event,
    GroupInvite,
    Image,
    LimitSharing,
    ListReply,
    Location,
    Pin,
    Poll,
    Product,
    Quoted,
    Reaction,
    RequestPhoneNumber,
    Revoke,
    SharePhoneNumber,
    Sticker,
    Text,
    Unpin,
    Video,
    VideoNote,
    VoiceNote,
)
from motte.model.content.media import RemoteFile
from motte.model.content.text import Font, LinkPreview
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.e2e_pb2 import Message

VECTORS: Any = json.loads((Path(__file__).parents[3] / "vectors" / "content.json").read_text())
CASES: dict[str, Message] = {
    case["name"]: Message.FromString(bytes.fromhex(case["message"])) for case in VECTORS["cases"]
}
SECRET = bytes.fromhex(VECTORS["secret"])
NOW: int = VECTORS["now"]
NOW_MS = NOW * 1000
ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100000000000001:3@lid"))
ADA, BOB = Jid.parse("15550100002@s.whatsapp.net"), Jid.parse("100000000000003@lid")
GROUP = Jid.parse("120363000000000001@g.us")
OWN = MessageKey(chat=ADA, id="3EB0OWN", sender=ME.pn.user_jid, from_me=True)
THEIRS = MessageKey(chat=ADA, id="3EB0THEIRS", sender=ADA, from_me=False)
IN_GROUP = MessageKey(chat=GROUP, id="3EB0GROUP", sender=ADA, from_me=False)
VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nTEL;type=CELL;waid=15550100002:+15550100002\nEND:VCARD"
PLACE = Location(latitude=51.5, longitude=-0.125, name="Desk", address="1 Example Road")
JPEG = bytes.fromhex("ffd8ffd9")

SAID: dict[str, Content] = {
    "text": Text(text="hello"),
    "text with mentions": Text(text="hello @15550100002", mentions=(ADA, BOB)),
    "text to everyone": Text(text="hello all", mentions_everyone=True),
    "text with a link": Text(
        text="see https://example.org",
        preview=LinkPreview(url="https://example.org", title="Example", description="An example", thumbnail=JPEG),
    ),
    "text of a status": Text(text="hello", background=0xFF336699, font=Font.FB_SCRIPT),
    "text that disappears": Text(text="soon gone", expiration=86400),
    "contact": Contact(name="Ada", vcard=VCARD),
    "contacts": Contacts(
        name="2 contacts", contacts=(Contact(name="Ada", vcard=VCARD), Contact(name="Bob", vcard=VCARD))
    ),
    "location": PLACE,
    "reaction": Reaction(target=THEIRS, emoji="👍", timestamp_ms=NOW_MS),
    "reaction taken back": Reaction(target=IN_GROUP, emoji="", timestamp_ms=NOW_MS),
    "revoke": Revoke(target=OWN),
    "revoke as admin": Revoke(target=IN_GROUP),
    "timer": DisappearingTimer(7 * 86400),
    "timer off": DisappearingTimer(0),
    "group invite": GroupInvite(group=GROUP, code="CODE", expires_at=NOW + 86400, name="Crew", caption="join us"),
    "pin": Pin(target=IN_GROUP, duration=86400, timestamp_ms=NOW_MS),
    "unpin": Unpin(target=IN_GROUP, timestamp_ms=NOW_MS),
    "button reply": ButtonReply(id="yes", text="Yes"),
    "template reply": ButtonReply(id="yes", text="Yes", template=True, index=1),
    "list reply": ListReply(id="tea", title="Tea"),
    "event": Event(
        name="Tea",
        description="with cake",
        starts_at=NOW + 3600,
        ends_at=NOW + 7200,
        location=PLACE,
        extra_guests_allowed=True,
    ),
    "poll of one": Poll(name="Tea?", options=("Yes", "No"), selectable=1),
    "poll of any": Poll(name="Which?", options=("A", "B", "C")),
    "poll of two": Poll(name="Which?", options=("A", "B", "C"), selectable=2),
    "poll of an announcement group": Poll(name="Tea?", options=("Yes", "No"), selectable=1, announcement=True),
    "album": Album(images=2, videos=1),
    "request number": RequestPhoneNumber(),
    "share number": SharePhoneNumber(),
    "limit sharing": LimitSharing(True),
}
SECRETLESS = frozenset(
    {"revoke", "revoke as admin", "timer", "timer off", "pin", "unpin", "share number", "limit sharing"}
)
"""Baileys gives these a secret, though nothing can be encrypted for them."""
MEDIA: dict[str, tuple[type, dict[str, object]]] = {
    "image": (Image, {"caption": "look", "thumbnail": JPEG, "width": 640, "height": 480}),
    "image of an album": (Image, {"album": OWN, "thumbnail": JPEG}),
    "video": (Video, {"caption": "look", "seconds": 3, "width": 640, "height": 480, "gif": False}),
    "gif": (Video, {"gif": True}),
    "video note": (VideoNote, {"thumbnail": None}),
    "audio": (Audio, {"seconds": 3, "mime_type": "audio/mpeg"}),
    "voice note": (VoiceNote, {"seconds": 3, "waveform": bytes([50]) * 64, "mime_type": "audio/ogg; codecs=opus"}),
    "sticker": (Sticker, {"animated": True, "width": 512, "height": 512}),
    "document": (Document, {"name": "a.pdf", "mime_type": "application/pdf", "caption": ""}),
    "document with a caption": (Document, {"name": "a.pdf", "caption": "read"}),
    "view once": (Image, {"view_once": True, "width": 640}),
}


def read(message: Message, chat: Jid = ADA) -> Content | None:
    """As another own device reads what this account sent."""
    return parse(message, key=MessageKey(chat=chat, id="M", sender=ME.pn.user_jid, from_me=True), me=ME).content


def written(content: Content, chat: Jid = ADA) -> Message:
    return compose.message(content, chat=chat, now=NOW, rng=lambda count: SECRET[:count])


def chat_of(content: Content) -> Jid:
    target = getattr(content, "target", None)
    return target.chat if isinstance(target, MessageKey) else ADA


@pytest.mark.parametrize("name", SAID)
def test_what_is_read(name: str) -> None:
    assert read(CASES[name], chat_of(SAID[name])) == SAID[name]


@pytest.mark.parametrize("name", SAID)
def test_what_is_written(name: str) -> None:
    expected = Message()
    expected.CopyFrom(CASES[name])
    if name == "text with mentions":
        expected.extendedTextMessage.contextInfo.ClearField("nonJidMentions")  # Baileys writes a 0
    if name in SECRETLESS:
        expected.messageContextInfo.ClearField("messageSecret")
        if not expected.messageContextInfo.ListFields():
            expected.ClearField("messageContextInfo")
    assert written(SAID[name], chat_of(SAID[name])) == expected


def test_an_edit() -> None:
    """Baileys gives the edit a secret; and to a receiver only the new text matters."""
    edit = Edit(target=OWN, content=Text(text="better"), timestamp_ms=NOW_MS)
    assert read(CASES["edit"]) == edit
    ours = written(edit)
    assert ours.protocolMessage == CASES["edit"].protocolMessage
    assert not ours.HasField("messageContextInfo")


@pytest.mark.parametrize("name", MEDIA)
def test_media_are_read(name: str) -> None:
    kind, fields = MEDIA[name]
    content = read(CASES[name])
    assert type(content) is kind
    assert {field: getattr(content, field) for field in fields} == fields
    file = getattr(content, "file", None)
    assert isinstance(file, RemoteFile)
    assert (file.direct_path, file.media_key, file.size) == ("/v/t62/file", SECRET, 17)
    assert (file.media_key_timestamp, len(file.file_sha256), len(file.enc_sha256 or b"")) == (NOW, 32, 32)


@pytest.mark.parametrize("name", MEDIA.keys() - {"view once", "document with a caption"})
def test_media_are_written(name: str) -> None:
    content = read(CASES[name])
    assert content is not None
    assert written(content) == CASES[name]


def test_seen_once_in_the_newer_way() -> None:
    """Baileys wraps in `viewOnceMessage`, the first version, and leaves the mark in the picture out."""
    content = read(CASES["view once"])
    assert content is not None
    ours = written(content)
    inner = CASES["view once"].viewOnceMessage.message
    inner.imageMessage.viewOnce = True
    assert ours.viewOnceMessageV2.message == inner
    assert ours.messageContextInfo.messageSecret == SECRET
    assert read(ours) == content


def test_a_document_with_a_caption_is_wrapped() -> None:
    """Baileys sends it bare."""
    content = read(CASES["document with a caption"])
    assert content is not None
    ours = written(content)
    assert ours.documentWithCaptionMessage.message.documentMessage == CASES["document with a caption"].documentMessage
    assert read(ours) == content


def test_a_product() -> None:
    content = read(CASES["product"])
    assert isinstance(content, Product)
    assert (content.owner, content.id, content.title, content.price) == (ADA, "1", "Tea", 2500)
    assert (content.currency, content.body, content.footer) == ("EUR", "best", "tea")
    assert content.image is not None
    assert written(content) == CASES["product"]


def test_answers() -> None:
    first = Message(extendedTextMessage=Message.ExtendedTextMessage(text="first"))
    first.extendedTextMessage.contextInfo.mentionedJid.append(str(ME.pn.user_jid))
    quote = Quote(key=IN_GROUP, message=first)
    quoted = Quoted(id="3EB0GROUP", sender=ADA, content=Text(text="first"))
    assert read(CASES["answer"], GROUP) == Text(text="second", quoted=quoted)
    ours = compose.message(Text(text="second"), chat=GROUP, now=NOW, rng=lambda _: SECRET, quote=quote)
    assert ours == CASES["answer"]
    private = compose.message(Text(text="second"), chat=ADA, now=NOW, rng=lambda _: SECRET, quote=quote)
    assert private == CASES["answer in private"]
    content = read(private)
    assert isinstance(content, Text)
    assert content.quoted == Quoted(id="3EB0GROUP", sender=ADA, chat=GROUP, content=Text(text="first"))


@pytest.mark.parametrize(
    ("name", "score", "from_me", "force", "expected"),
    [
        ("forward", 0, False, False, 1),
        ("forward again", 4, False, False, 5),
        ("forward of an own message", 0, True, False, 0),
        ("forward of an own message by force", 0, True, True, 1),
    ],
)
def test_forwarding(name: str, score: int, from_me: bool, force: bool, expected: int) -> None:
    original = Message(conversation="pass it on")
    if score:
        original = Message(extendedTextMessage=Message.ExtendedTextMessage(text="pass it on"))
        context = original.extendedTextMessage.contextInfo
        context.forwardingScore, context.isForwarded = score, True
        context.mentionedJid.append(str(ME.pn.user_jid))
    ours = compose.forward(original, rng=lambda _: SECRET, from_me=from_me, force=force)
    theirs = CASES[name]
    if not expected:
        theirs.extendedTextMessage.ClearField("contextInfo")  # Baileys writes an empty one
    assert ours == theirs
    content = read(ours)
    assert isinstance(content, Text)
    assert content.forwarding_score == expected
