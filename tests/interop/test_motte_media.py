"""Files between real Baileys (Ann) and motte (Bob): every kind, both ways, byte for byte, and back from the phone."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from motte import errors, events
from motte.core.media.sniff import OPUS
from motte.model.content import Album, Audio, Document, Image, Sticker, Text, Video, VideoNote, VoiceNote
from motte.model.content.media import RemoteFile
from motte.model.jid import STATUS_JID
from motte.testing.rng import SeededRng
from tests.interop.pairs import Pair, paired, within
from tests.interop.peer import Json, PeerError, decode_bytes, encode_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIZES = [1, 15, 16, 65_536, 1_234_567]
"""Less than a block, a block, just a part of a sidecar, and more than one piece of the stream."""
THUMBNAIL = b"\xff\xd8\xff\xe0 a thumbnail"
"""Given along, so that Baileys does not look for an image library."""
WAVEFORM = bytes(100 * number // 63 for number in range(64))
HEADS = {
    "gif": b"\0\0\0\x18ftypisom",
    "view once": b"\xff\xd8\xff\xe0",
    "captioned": b"%PDF-1.7 ",
    "image": b"\xff\xd8\xff\xe0",
    "video": b"\0\0\0\x18ftypisom",
    "video note": b"\0\0\0\x18ftypisom",
    "audio": b"ID3\4",
    "voice note": b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead",
    "document": b"%PDF-1.7 ",
    "sticker": b"RIFF\0\0\0\0WEBP",
}


def file_of(kind: str, size: int = 200_000) -> bytes:
    return HEADS[kind] + SeededRng(f"{kind} {size}")(size)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    async with paired(files=True) as both_of_them:
        yield both_of_them


BAILEYS_NAMES = {"thumbnail": "jpegThumbnail", "gif": "gifPlayback", "view_once": "viewOnce"}
SHOWN = {"jpegThumbnail": encode_bytes(THUMBNAIL)}
BY_BAILEYS: dict[str, tuple[str, dict[str, Any], type, str]] = {
    "image": ("image", {"mimetype": "image/jpeg", "caption": "see", **SHOWN}, Image, "image/jpeg"),
    "video": ("video", {"mimetype": "video/mp4", "seconds": 2, "caption": "see", **SHOWN}, Video, "video/mp4"),
    "video note": ("video", {"ptv": True}, VideoNote, "video/mp4"),  # Baileys drops what else is said of it
    "audio": ("audio", {"mimetype": "audio/mpeg", "seconds": 3}, Audio, "audio/mpeg"),
    "voice note": (
        "audio",
        {"mimetype": OPUS, "ptt": True, "seconds": 3, "waveform": encode_bytes(WAVEFORM)},
        VoiceNote,
        OPUS,
    ),
    "document": ("document", {"mimetype": "application/pdf", "fileName": "a.pdf"}, Document, "application/pdf"),
    "sticker": ("sticker", {"mimetype": "image/webp"}, Sticker, "image/webp"),
    "gif": ("video", {"mimetype": "video/mp4", "gifPlayback": True, **SHOWN}, Video, "video/mp4"),
    "view once": (
        "image",
        {"mimetype": "image/jpeg", "caption": "see", "viewOnce": True, **SHOWN},
        Image,
        "image/jpeg",
    ),
    "captioned": (
        "document",
        {"mimetype": "application/pdf", "fileName": "a.pdf", "caption": "read"},
        Document,
        "application/pdf",
    ),
}


async def from_baileys(pair: Pair, kind: str, data: bytes) -> events.MessageReceived:
    field, options, _, _ = BY_BAILEYS[kind]
    return await pair.from_ann("lid", {field: encode_bytes(data), **options})


@pytest.mark.parametrize("kind", BY_BAILEYS)
async def test_motte_gets_what_baileys_sends(pair: Pair, kind: str) -> None:
    _, options, expected, mime_type = BY_BAILEYS[kind]
    data = file_of(kind)
    got = await from_baileys(pair, kind, data)
    assert type(got.message.content) is expected
    content: Any = got.message.content
    assert isinstance(content.file, RemoteFile)
    assert (content.file.mime_type, content.file.size) == (mime_type, len(data))
    assert content.file.file_sha256 == hashlib.sha256(data).digest()
    for name in ("caption", "seconds", "thumbnail", "waveform", "gif", "view_once"):
        known = BAILEYS_NAMES.get(name, name)
        if known in options:
            value = options[known]
            assert getattr(content, name) == (decode_bytes(value) if isinstance(value, dict) else value)
    assert await got.download() == data


@pytest.mark.parametrize("size", SIZES)
async def test_motte_gets_files_of_any_size(pair: Pair, size: int) -> None:
    data = SeededRng(f"any {size}")(size)
    assert await (await from_baileys(pair, "document", data)).download() == data


BY_MOTTE: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "image": (Image(file=b"", caption="see", thumbnail=THUMBNAIL), "imageMessage", {"mimetype": "image/jpeg"}),
    "video": (Video(file=b"", caption="see", seconds=2), "videoMessage", {"mimetype": "video/mp4", "seconds": 2}),
    "video note": (VideoNote(file=b"", seconds=2), "ptvMessage", {"mimetype": "video/mp4"}),
    "audio": (Audio(file=b"", seconds=3), "audioMessage", {"mimetype": "audio/mpeg", "seconds": 3}),
    "voice note": (
        VoiceNote(file=b"", seconds=3, waveform=WAVEFORM),
        "audioMessage",
        {"mimetype": OPUS, "ptt": True, "waveform": encode_bytes(WAVEFORM)["data"]},
    ),
    "document": (
        Document(file=b"", name="a.pdf"),
        "documentMessage",
        {"mimetype": "application/pdf", "fileName": "a.pdf"},
    ),
    "sticker": (Sticker(file=b""), "stickerMessage", {"mimetype": "image/webp"}),
    "gif": (Video(file=b"", gif=True), "videoMessage", {"mimetype": "video/mp4", "gifPlayback": True}),
    "view once": (
        Image(file=b"", caption="see", view_once=True),
        "viewOnceMessageV2",
        {"message": {"imageMessage": {"caption": "see", "viewOnce": True}}},
    ),
    "captioned": (
        Document(file=b"", name="a.pdf", caption="read"),
        "documentWithCaptionMessage",
        {"message": {"documentMessage": {"caption": "read", "fileName": "a.pdf"}}},
    ),
}


async def from_motte(pair: Pair, content: Any, data: bytes) -> Json:
    fields = {name: getattr(content, name) for name in type(content).__dataclass_fields__}
    return await pair.from_bob("lid", type(content)(**{**fields, "file": data}))


@pytest.mark.parametrize("kind", BY_MOTTE)
async def test_baileys_gets_what_motte_sends(pair: Pair, kind: str) -> None:
    content, name, expected = BY_MOTTE[kind]
    data = file_of(kind)
    message = await from_motte(pair, content, data)
    assert within(expected, message["message"][name]), message["message"][name]
    assert decode_bytes(await pair.ann.call("download", message)) == data


async def test_an_album_of_baileys(pair: Pair) -> None:
    key = await pair.ann.send(str(pair.jid("Bob", "lid")), {"album": {"expectedImageCount": 1}})
    album = await pair.received("lid", key["id"])
    picture = {"image": encode_bytes(file_of("image")), "mimetype": "image/jpeg", **SHOWN, "albumParentKey": key}
    got = await pair.from_ann("lid", picture)
    assert album.content == Album(images=1)
    assert isinstance(got.content, Image) and got.content.album == album.key
    assert await got.download() == file_of("image")


async def test_an_album_of_motte(pair: Pair) -> None:
    album = await pair.bob.client.messages.send(pair.jid("Ann", "lid"), Album(images=1))
    announced = await pair.upserted(album.key.id)
    assert announced["message"]["albumMessage"]["expectedImageCount"] == 1
    got = await pair.from_bob("lid", Image(file=file_of("image"), album=album.key))
    association = got["message"]["messageContextInfo"]["messageAssociation"]
    assert association["associationType"] == "MEDIA_ALBUM"
    assert association["parentMessageKey"]["id"] == album.key.id
    assert decode_bytes(await pair.ann.call("download", got)) == file_of("image")


async def test_a_picture_on_the_status_list_of_baileys(pair: Pair) -> None:
    picture = {"image": encode_bytes(file_of("image")), "mimetype": "image/jpeg", "caption": "see", **SHOWN}
    key = await pair.ann.send(str(STATUS_JID), picture, statusJidList=[str(pair.jid("Bob", "lid"))])
    got = await pair.bob.event(events.MessageReceived, lambda event: event.key.id == key["id"])
    assert isinstance(got.content, Image) and (got.chat, got.content.caption) == (STATUS_JID, "see")
    assert await got.download() == file_of("image")


async def test_a_voice_note_on_the_status_list_of_motte(pair: Pair) -> None:
    post = VoiceNote(file=file_of("voice note"), seconds=3, background=0xFF336699)
    sent = await pair.bob.client.status.post(post, audience=[pair.jid("Ann", "lid")])
    got = await pair.upserted(sent.key.id)
    assert got["key"]["remoteJid"] == str(STATUS_JID)
    assert within({"ptt": True, "backgroundArgb": 0xFF336699}, got["message"]["audioMessage"])
    assert decode_bytes(await pair.ann.call("download", got)) == file_of("voice note")


async def test_a_quoted_picture_can_be_downloaded(pair: Pair) -> None:
    data = file_of("image", 3000)
    got = await from_baileys(pair, "image", data)
    sent = await got.reply("a fine picture")
    answer = (await pair.upserted(sent.key.id))["message"]["extendedTextMessage"]
    quoted = answer["contextInfo"]["quotedMessage"]
    assert answer["contextInfo"]["stanzaId"] == got.key.id and quoted["imageMessage"]["caption"] == "see"
    assert decode_bytes(await pair.ann.call("download", {"key": {"id": got.key.id}, "message": quoted})) == data

    original = await from_motte(pair, BY_MOTTE["image"][0], data)
    reply = await pair.from_ann("lid", {"text": "likewise"}, quoted=original)
    assert isinstance(reply.content, Text) and reply.content.quoted is not None
    assert isinstance(reply.content.quoted.content, Image)
    assert await pair.bob.client.media.download(reply.content.quoted.content) == data


@pytest.mark.parametrize("size", SIZES)
async def test_baileys_gets_files_of_any_size(pair: Pair, size: int) -> None:
    data = SeededRng(f"any {size}")(size)
    message = await from_motte(pair, Document(file=b"", name="x.bin"), data)
    assert decode_bytes(await pair.ann.call("download", message)) == data


async def test_baileys_file_comes_back_from_the_phone_for_motte(pair: Pair) -> None:
    data = file_of("image", 1000)
    got = await from_baileys(pair, "image", data)
    assert pair.server.faults.expire_media()
    content = got.message.content
    assert isinstance(content, Image)
    with pytest.raises(errors.MediaUnavailable):
        await pair.bob.client.media.download(content)
    assert await got.download() == data


async def test_mottes_file_comes_back_from_the_phone_for_baileys(pair: Pair) -> None:
    content, name, _ = BY_MOTTE["image"]
    data = file_of("image", 2000)
    message = await from_motte(pair, content, data)
    assert pair.server.faults.expire_media()
    with pytest.raises(PeerError, match=r"410|Failed to fetch"):
        await pair.ann.call("download", message)
    await pair.ann.call("refreshMediaConn", True)  # it takes the host for the new path from there
    renewed = await pair.ann.call("reupload", message)
    assert renewed["message"][name]["directPath"] != message["message"][name]["directPath"]
    assert decode_bytes(await pair.ann.call("download", renewed)) == data
