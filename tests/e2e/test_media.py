"""Files between people, by the local server's media host: up, down, and what may go wrong on the way."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from motte import Client, errors, events
from motte.core.media.kinds import MediaKind
from motte.core.media.sniff import OPUS
from motte.model.content import Document, Image, Video, VoiceNote
from motte.model.content.media import RemoteFile, UrlSource
from motte.runtime.media.sources import PIECE
from motte.testing import LocalServer
from motte.testing.rng import SeededRng
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import me

CAT = b"\xff\xd8\xff\xe0" + SeededRng("cat")(50_000)
FILM = b"\0\0\0\x18ftypisom" + SeededRng("film")(300_000)
VOICE = b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead" + SeededRng("voice")(3000)


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


async def sent(alice: Client, bob: Client, content: Any) -> events.MessageReceived:
    """What Bob gets of it."""
    got = bob.expect(events.MessageReceived)
    await soon(alice.messages.send(me(bob).pn.user_jid, content))
    return await soon(got)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_picture_from_memory_to_a_file(alice: Client, bob: Client, tmp_path: Path) -> None:
    got = await sent(alice, bob, Image(file=CAT, caption="my cat"))
    content = got.message.content
    assert isinstance(content, Image)
    assert isinstance(content.file, RemoteFile)
    assert (content.caption, content.file.mime_type, content.file.size) == ("my cat", "image/jpeg", len(CAT))
    assert content.file.file_sha256 == hashlib.sha256(CAT).digest()
    seen: list[tuple[int, int | None]] = []
    target = tmp_path / "cat.jpg"
    target.write_bytes(b"an older cat")
    assert await soon(got.download(to=target, progress=lambda *step: seen.append(step))) == target
    assert target.read_bytes() == CAT
    assert seen[-1] == (len(CAT), len(CAT))
    assert files(tmp_path) == [target]


async def test_every_source(alice: Client, bob: Client, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"%PDF-1.7 " + CAT)

    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(FILM), 1000):
            yield FILM[start : start + 1000]
            await asyncio.sleep(0)

    for source in (path, str(path)):
        got = await sent(alice, bob, Document(file=source))
        assert isinstance(got.message.content, Document)
        assert (got.message.content.name, got.message.content.mime_type) == ("report.pdf", "application/pdf")
        assert await soon(got.download()) == b"%PDF-1.7 " + CAT
    got = await sent(alice, bob, Video(file=stream()))
    assert got.message.content.mime_type == "video/mp4"  # type: ignore[union-attr]
    assert await soon(got.download()) == FILM
    with pytest.raises(errors.LocalProtocolError, match="public"):
        await soon(alice.messages.send(me(bob).pn.user_jid, Image(file=UrlSource("http://127.0.0.1:1/cat.jpg"))))


async def test_one_upload_for_many_messages(alice: Client, bob: Client) -> None:
    file = await soon(alice.media.upload(MediaKind.VIDEO, FILM))
    first = await sent(alice, bob, Video(file=file))
    second = await sent(alice, bob, Video(file=file, caption="again"))
    assert await soon(first.download()) == await soon(second.download()) == FILM


async def test_a_part_of_a_film_is_read_without_the_rest(alice: Client, bob: Client) -> None:
    got = await sent(alice, bob, Video(file=FILM))
    content = got.message.content
    assert isinstance(content, Video)
    assert await soon(bob.media.read(content, 100_000, 200_000)) == FILM[100_000:200_000]
    assert await soon(bob.media.read(content, 0, len(FILM))) == FILM
    document = await soon(alice.media.upload(MediaKind.DOCUMENT, FILM))
    with pytest.raises(errors.LocalProtocolError):
        await soon(bob.media.read(document, 0, 10, kind=MediaKind.DOCUMENT))


async def test_a_voice_note_is_opus(alice: Client, bob: Client) -> None:
    got = await sent(alice, bob, VoiceNote(file=VOICE))
    assert isinstance(got.message.content, VoiceNote)
    assert got.message.content.mime_type == OPUS
    with pytest.raises(errors.LocalProtocolError, match="Opus"):
        await soon(alice.messages.send(me(bob).pn.user_jid, VoiceNote(file=CAT)))


async def test_an_expired_file_comes_back_from_the_phone(
    server: LocalServer, alice: Client, bob: Client, tmp_path: Path
) -> None:
    got = await sent(alice, bob, Image(file=CAT))
    content = got.message.content
    assert isinstance(content, Image)
    for status in (404, 410):
        assert server.faults.expire_media(status=status)
        with pytest.raises(errors.MediaUnavailable) as caught:
            await soon(bob.media.download(content))
        assert caught.value.reason == "expired"
        both = await soon(asyncio.gather(got.download(), got.download()))
        assert list(both) == [CAT, CAT]
    server.faults.expire_media()
    server.faults.lose_media()
    with pytest.raises(errors.MediaUnavailable) as caught:
        await soon(got.download(to=tmp_path / "cat.jpg"))
    assert caught.value.reason == "not_found"
    assert files(tmp_path) == []


async def test_an_upload_outlives_its_token_and_a_host_that_fails(
    server: LocalServer, alice: Client, bob: Client
) -> None:
    await soon(alice.media.upload(MediaKind.IMAGE, CAT))
    server.faults.revoke_media_auth()
    got = await sent(alice, bob, Image(file=CAT))
    assert await soon(got.download()) == CAT
    server.faults.refuse_upload(503)
    await soon(alice.media.upload(MediaKind.IMAGE, CAT))
    server.faults.refuse_upload(507, times=2)
    with pytest.raises(errors.TransportError) as caught:
        await soon(alice.media.upload(MediaKind.IMAGE, CAT))
    assert caught.value.status == 507


async def test_a_long_upload_goes_on_where_it_broke(server: LocalServer, alice: Client, bob: Client) -> None:
    film = FILM + bytes(6_000_000)
    seen: list[int] = []
    server.faults.cut_upload(4_000_000)
    file = await soon(alice.media.upload(MediaKind.VIDEO, film, progress=lambda done, total: seen.append(done)))
    assert await soon(bob.media.download(file, kind=MediaKind.VIDEO)) == film
    assert seen[-1] == len(film) // 16 * 16 + 16 + 10
    assert seen.count(PIECE) == 1  # the beginning was not sent again
    assert 4_000_000 + PIECE in seen  # it went on from the byte at which it was cut
    again: list[int] = []
    copy = await soon(alice.media.upload(MediaKind.VIDEO, film, progress=lambda done, total: again.append(done)))
    assert copy.media_key != file.media_key


@pytest.mark.parametrize(
    ("lie", "check"),
    [
        ({"file_sha256": bytes(32)}, "file_sha256"),
        ({"enc_sha256": bytes(32)}, "enc_sha256"),
        ({"media_key": bytes(32)}, "mac"),
        ({"media_key": b"short"}, "key"),
        ({"size": len(CAT) - 100}, "size"),
        ({"size": len(CAT) + 100}, "size"),
        ({"direct_path": "@127.0.0.1:1/x"}, "path"),
        ({"direct_path": "//127.0.0.1:1/x"}, "path"),
        ({"direct_path": "/a b\r\nX: y"}, "path"),
        ({"direct_path": "", "url": "https://127.0.0.1:1/x"}, "path"),
        ({"direct_path": "", "url": "https://mmg.whatsapp.net@127.0.0.1/x"}, "path"),
        ({"direct_path": "", "url": "http://mmg.whatsapp.net/x"}, "path"),
        ({"direct_path": "", "url": None}, "path"),
    ],
)
async def test_a_message_that_lies_about_its_file(
    alice: Client, tmp_path: Path, lie: dict[str, Any], check: str
) -> None:
    file = await soon(alice.media.upload(MediaKind.IMAGE, CAT))
    with pytest.raises(errors.MediaError) as caught:
        await soon(alice.media.download(replace(file, **lie), kind=MediaKind.IMAGE, to=tmp_path / "x.jpg"))
    assert caught.value.check == check
    assert files(tmp_path) == []


async def test_by_url_when_there_is_no_path(alice: Client) -> None:
    file = await soon(alice.media.upload(MediaKind.IMAGE, CAT))
    assert await soon(alice.media.download(replace(file, direct_path=""), kind=MediaKind.IMAGE)) == CAT


async def test_newsletters_encrypt_nothing(alice: Client) -> None:
    file = await soon(alice.media.upload(MediaKind.IMAGE, CAT, newsletter=True))
    assert (file.media_key, file.enc_sha256) == (None, None)
    assert await soon(alice.media.download(file, kind=MediaKind.IMAGE)) == CAT
    with pytest.raises(errors.MediaError):
        await soon(alice.media.download(replace(file, file_sha256=bytes(32)), kind=MediaKind.IMAGE))


async def test_what_cannot_be_done_says_so(alice: Client, bob: Client, tmp_path: Path) -> None:
    file = await soon(alice.media.upload(MediaKind.IMAGE, CAT))
    with pytest.raises(errors.LocalProtocolError, match="kind"):
        await alice.media.download(file)
    with pytest.raises(errors.LocalProtocolError, match="not uploaded"):
        await alice.media.download(Image(file=b"x"))
    with pytest.raises(errors.LocalProtocolError, match="folder"):
        await alice.media.download(file, kind=MediaKind.IMAGE, to=tmp_path)
    with pytest.raises(errors.LocalProtocolError, match="not uploaded by clients"):
        await alice.media.upload(MediaKind.APP_STATE, b"x")
    with pytest.raises(FileNotFoundError):
        await alice.messages.send(me(bob).pn.user_jid, Image(file=tmp_path / "nothing.jpg"))
    text = bob.expect(events.MessageReceived)
    await soon(alice.messages.send(me(bob).pn.user_jid, "hello"))
    with pytest.raises(errors.LocalProtocolError, match="no file"):
        await (await soon(text)).download()
