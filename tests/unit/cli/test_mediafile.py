"""Files of messages as JSON and back, and names that no sender chooses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motte.cli import mediafile
from motte.core.media.kinds import MediaKind
from motte.model.content import Document, Image, Text, VoiceNote
from motte.model.content.media import RemoteFile
from motte.model.jid import Jid
from motte.model.message import MessageKey

BEN = Jid.phone("15550100002")
KEY = MessageKey(chat=BEN, id="3EB0AA", sender=BEN, from_me=False)
FILE = RemoteFile(
    direct_path="/v/1",
    file_sha256=b"f" * 32,
    size=5,
    mime_type="image/jpeg",
    media_key=b"k" * 32,
    enc_sha256=b"e" * 32,
    media_key_timestamp=1_700_000_000,
    url="https://127.0.0.1/v/1",
)


def message(**media: Any) -> dict[str, Any]:
    described = mediafile.described(Image(file=FILE), KEY)
    assert described is not None
    value = {"id": KEY.id, "chat": str(BEN), "sender": str(BEN), "from_me": False, "media": described | media}
    parsed: dict[str, Any] = json.loads(json.dumps(value))
    return parsed


def test_there_and_back() -> None:
    wanted = mediafile.Wanted(file=FILE, kind=MediaKind.IMAGE, key=KEY, name="15550100002-3EB0AA.jpg")
    assert mediafile.wanted(message()) == wanted


def test_what_has_no_file() -> None:
    assert mediafile.described(Text(text="x"), KEY) is None
    assert mediafile.described(Image(file="not/uploaded.jpg"), KEY) is None


@pytest.mark.parametrize(
    "media", [{"kind": "cake"}, {"media_key": "%"}, {"name": "../x"}, {"name": ""}, {"name": "a\\b"}, {"name": None}]
)
def test_what_is_no_file(media: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"file|MediaKind"):
        mediafile.wanted(message(**media))


@pytest.mark.parametrize(
    ("content", "message_id", "name"),
    [
        (Document(file=FILE, name="plan.docx"), "A1", "15550100002-A1.docx"),
        (Document(file=FILE, name="../../.bashrc"), "A1", "15550100002-A1.jpg"),
        (Document(file=FILE, name="x./../y"), "A1", "15550100002-A1.jpg"),
        (Image(file=FILE), "../../etc/passwd", "15550100002-______etc_passwd.jpg"),
        (Image(file=FILE), "A" * 500, f"15550100002-{'A' * 64}.jpg"),
        (VoiceNote(file=FILE), "A1", "15550100002-A1.jpg"),
    ],
)
def test_names_are_ours(content: Any, message_id: str, name: str) -> None:
    key = MessageKey(chat=BEN, id=message_id, sender=BEN, from_me=False)
    assert mediafile.name(content, FILE, key) == name
