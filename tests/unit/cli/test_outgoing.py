"""What is sent for what was typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from motte.cli.exits import CliError, Exit
from motte.cli.outgoing import Kind, Typed, checked, content, guessed, named
from motte.errors import InvalidJid
from motte.model.content import Audio, Document, Image, Location, Poll, Reaction, Sticker, Text, Video, VideoNote
from motte.model.jid import STATUS_JID, Jid
from motte.model.me import Me
from motte.model.message import Content, MessageKey
from motte.model.status import StatusPost

ME = Me(pn=Jid("15550100001", "s.whatsapp.net", 3), lid=Jid("200000000000001", "lid", 3))
BEN = Jid.phone("15550100002")
BEN_LID = Jid("200000000000002", "lid")
GROUP = Jid.parse("120363000000000001@g.us")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", Kind.IMAGE),
        (b"\x89PNG\r\n\x1a\n", Kind.IMAGE),
        (b"GIF89a", Kind.DOCUMENT),
        (b"RIFF\0\0\0\0WEBP", Kind.STICKER),
        (b"\0\0\0\x18ftypisom", Kind.VIDEO),
        (b"\0\0\0\x18ftypM4A ", Kind.AUDIO),
        (b"ID3", Kind.AUDIO),
        (b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead", Kind.VOICE),
        (b"OggS\0\x02" + bytes(20) + b"\x01\x1e\x01vorbis", Kind.AUDIO),
        (b"%PDF-1.7", Kind.DOCUMENT),
        (b"PK\x03\x04", Kind.DOCUMENT),
        (b"plain words", Kind.DOCUMENT),
        (b"", Kind.DOCUMENT),
    ],
)
def test_the_kind_is_in_the_content_and_not_in_the_name(tmp_path: Path, head: bytes, kind: Kind) -> None:
    path = tmp_path / "misleading.jpg"
    path.write_bytes(head)
    assert guessed(path) is kind


PATH = Path("a.bin")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (Typed(text="hi"), Text(text="hi")),
        (Typed(location=(52.5, -13.4)), Location(latitude=52.5, longitude=-13.4)),
        (Typed(poll="Tea?", options=("yes", "no")), Poll(name="Tea?", options=("yes", "no"), selectable=0)),
        (Typed(poll="Tea?", options=("yes", "no"), select=1), Poll(name="Tea?", options=("yes", "no"), selectable=1)),
        (Typed(file=PATH, kind=Kind.IMAGE, caption="mine"), Image(file=PATH, caption="mine")),
        (Typed(file=PATH, kind=Kind.GIF), Video(file=PATH, gif=True)),
        (Typed(file=PATH, kind=Kind.DOCUMENT), Document(file=PATH)),
        (Typed(file=PATH, kind=Kind.VIDEO_NOTE), VideoNote(file=PATH)),
        (Typed(file=PATH, kind=Kind.AUDIO), Audio(file=PATH)),
        (Typed(file=PATH, kind=Kind.STICKER), Sticker(file=PATH)),
        (
            Typed(react=("3EB0AA", "👍")),
            Reaction(target=MessageKey(chat=BEN, id="3EB0AA", sender=BEN, from_me=False), emoji="👍"),
        ),
    ],
)
def test_each_thing(typed: Typed, said: Content) -> None:
    assert content(checked(typed), BEN, ME) == said


def test_a_post_and_who_sees_it() -> None:
    typed = Typed(text="hi", status=True, audience=("+1 555 010 0002", "200000000000002@lid"))
    assert content(checked(typed), STATUS_JID, ME) == StatusPost(content=Text(text="hi"), audience=(BEN, BEN_LID))
    assert content(checked(Typed(text="hi", status=True)), STATUS_JID, ME) == Text(text="hi")


@pytest.mark.parametrize("kind", [Kind.VOICE, Kind.AUDIO, Kind.STICKER, Kind.VIDEO_NOTE])
def test_what_has_no_caption(kind: Kind) -> None:
    with pytest.raises(CliError, match="no caption") as caught:
        content(Typed(file=PATH, kind=kind, caption="words"), BEN, ME)
    assert caught.value.code == Exit.USAGE


@pytest.mark.parametrize(
    ("chat", "by", "sender", "from_me"),
    [
        (BEN, None, BEN, False),
        (BEN_LID, None, BEN_LID, False),
        (BEN, "me", ME.pn.user_jid, True),
        (BEN_LID, "me", Jid("200000000000001", "lid"), True),
        (GROUP, "+1 555 010 0002", BEN, False),
        (GROUP, "200000000000002:4@lid", BEN_LID, False),
    ],
)
def test_who_wrote_a_message(chat: Jid, by: str | None, sender: Jid, from_me: bool) -> None:
    assert named("3EB0AA", by, chat, ME) == MessageKey(chat=chat, id="3EB0AA", sender=sender, from_me=from_me)


def test_who_wrote_a_message_of_a_group_has_to_be_said() -> None:
    with pytest.raises(CliError, match="--by"):
        named("3EB0AA", None, GROUP, ME)
    with pytest.raises(InvalidJid):
        named("3EB0AA", "somebody", GROUP, ME)
