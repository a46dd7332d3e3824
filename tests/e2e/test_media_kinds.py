"""Files beyond the one in a chat: posts to the status list, albums, packs of stickers, what is seen once, one proxy."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import pytest

from motte import Client, events
from motte.core.media.sniff import OPUS
from motte.model.content import Album, Audio, Document, Image, Sticker, StickerPack, Video, VideoNote, VoiceNote
from motte.model.content.media import PackedSticker, RemoteFile
from motte.model.jid import STATUS_JID
from motte.model.message import Content
from motte.testing import LocalServer
from motte.testing.rng import SeededRng
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid, me
from tests.unit.transport.servers import serving
from tests.unit.transport.test_proxy import http_proxy

CAT = b"\xff\xd8\xff\xe0" + SeededRng("cat")(30_000)
FILM = b"\0\0\0\x18ftypisom" + SeededRng("film")(30_000)
VOICE = b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead" + SeededRng("voice")(3000)
WEBP = b"RIFF\0\0\0\0WEBP" + SeededRng("sticker")(2000)


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """With TLS: media hosts are reached by https alone."""
    async with LocalServer() as running:
        yield running


@pytest.fixture
async def alice(server: LocalServer, linked: Linked) -> Client:
    return await linked("alice", ca_file=server.ca_file)


@pytest.fixture
async def bob(server: LocalServer, linked: Linked) -> Client:
    return await linked("bob", ca_file=server.ca_file)


async def sent(alice: Client, bob: Client, content: Content) -> events.MessageReceived:
    """What Bob gets of it."""
    got = bob.expect(events.MessageReceived)
    await soon(alice.messages.send(lid(bob).user_jid, content))
    return await soon(got)


async def test_files_on_the_status_list(alice: Client, bob: Client) -> None:
    posts: list[tuple[Any, bytes, dict[str, object]]] = [
        (Image(file=CAT, caption="at the sea"), CAT, {"caption": "at the sea"}),
        (Video(file=FILM, seconds=2), FILM, {"seconds": 2}),
        (VoiceNote(file=VOICE, background=0xFF336699), VOICE, {"background": 0xFF336699, "mime_type": OPUS}),
    ]
    steps: list[tuple[int, int | None]] = []
    for post, data, fields in posts:
        got = bob.expect(events.MessageReceived)
        await soon(alice.status.post(post, audience=[me(bob).pn.user_jid], progress=lambda *step: steps.append(step)))
        event = await soon(got)
        assert (event.chat, event.sender, type(event.content)) == (STATUS_JID, lid(alice).user_jid, type(post))
        assert {name: getattr(event.content, name) for name in fields} == fields
        assert await soon(event.download()) == data
        done, total = steps[-1]
        assert done == total and done > len(data)


async def test_an_album(alice: Client, bob: Client) -> None:
    got = bob.expect(events.MessageReceived)
    album = await soon(alice.messages.send(lid(bob).user_jid, Album(images=1, videos=1)))
    announced = await soon(got)
    assert announced.content == Album(images=1, videos=1)
    picture = (await sent(alice, bob, Image(file=CAT, album=album.key))).content
    film = (await sent(alice, bob, Video(file=FILM, album=album.key, caption="the last one"))).content
    assert isinstance(picture, Image) and isinstance(film, Video)
    assert picture.album == film.album == announced.key  # as Bob knows the album
    assert film.caption == "the last one"


async def test_a_pack_of_stickers(alice: Client, bob: Client) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("1.webp", WEBP)
        pack.writestr("tray.png", b"\x89PNG")
    content = StickerPack(
        file=archive.getvalue(),
        id="pack-1",
        name="Cats",
        publisher="Ann",
        stickers=(PackedSticker(file_name="1.webp", emojis=("🐈",), label="a cat"),),
        caption="for you",
        description="all of them",
        tray_icon="tray.png",
    )
    got = await sent(alice, bob, content)
    assert isinstance(got.content, StickerPack)
    for name in ("id", "name", "publisher", "stickers", "caption", "description", "tray_icon"):
        assert getattr(got.content, name) == getattr(content, name)
    with zipfile.ZipFile(io.BytesIO(await soon(got.download()))) as pack:
        assert pack.read("1.webp") == WEBP


@pytest.mark.parametrize(
    ("content", "data"),
    [
        (Image(file=CAT, caption="once", view_once=True), CAT),
        (Video(file=FILM, view_once=True), FILM),
        (VideoNote(file=FILM, view_once=True), FILM),
        (VoiceNote(file=VOICE, view_once=True), VOICE),
        (Audio(file=b"ID3\4" + bytes(1000), view_once=True), b"ID3\4" + bytes(1000)),
        (Document(file=b"%PDF-1.7 x", name="a.pdf", caption="read this"), b"%PDF-1.7 x"),
        (Sticker(file=WEBP, lottie=True), WEBP),
        (Video(file=FILM, gif=True), FILM),
    ],
    ids=["image", "video", "video note", "voice note", "audio", "captioned", "lottie", "gif"],
)
async def test_what_is_wrapped_comes_out_whole(alice: Client, bob: Client, content: Any, data: bytes) -> None:
    got = await sent(alice, bob, content)
    assert type(got.content) is type(content)
    for name in ("caption", "view_once", "lottie", "gif", "name"):
        assert getattr(got.content, name, None) == getattr(content, name, None)
    assert isinstance(getattr(got.content, "file", None), RemoteFile)
    assert await soon(got.download()) == data


async def test_one_proxy_for_messages_and_files(server: LocalServer, linked: Linked, bob: Client) -> None:
    seen: list[str] = []
    async with serving(http_proxy(seen)) as port:
        carol = await linked("carol", ca_file=server.ca_file, proxy=f"http://127.0.0.1:{port}")
        asked = [line.split()[1] for line in seen]
        got = await sent(carol, bob, Image(file=CAT))
        again = await sent(bob, carol, Image(file=CAT))
        assert await soon(got.download()) == await soon(again.download()) == CAT
        hosts = {line.split()[1] for line in seen}
        await soon(carol.close())
    assert len(asked) >= 1 and len(hosts) == 2 and set(asked) < hosts  # the chat, and the media host
