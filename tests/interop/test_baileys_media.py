"""Two real Baileys exchange files through the local server's media host; each arrives byte for byte."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from motte.testing import LocalServer
from tests.interop.conftest import StartPeer
from tests.interop.peer import BaileysPeer, PeerError, decode_bytes, encode_bytes

FILE = b"".join(hashlib.sha256(bytes((number,))).digest() for number in range(200))
THUMBNAIL = encode_bytes(b"\xff\xd8\xff\xe0 a thumbnail")
"""Given along, so that Baileys does not look for an image library."""


@dataclass(frozen=True)
class Pair:
    server: LocalServer
    ann: BaileysPeer
    bob: BaileysPeer
    bob_jid: str


@pytest.fixture
async def pair(baileys: StartPeer) -> AsyncIterator[Pair]:
    async with LocalServer() as server:

        async def scan(text: str) -> None:
            server.scan_qr(text)

        ann = await baileys(server.wss_url, name="Ann", ca=server.ca_file)
        bob = await baileys(server.wss_url, name="Bob", ca=server.ca_file)
        await ann.pair(scan)
        await bob.pair(scan)
        yield Pair(server, ann, bob, str(server.account("Bob").pn))


async def received(pair: Pair, content: dict[str, Any]) -> dict[str, Any]:
    """The message as Bob got it after Ann has sent it."""
    key = await pair.ann.send(pair.bob_jid, content)
    return await pair.bob.message(lambda message: message["key"]["id"] == key["id"])


KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "image": ("imageMessage", {"mimetype": "image/png", "caption": "a picture", "jpegThumbnail": THUMBNAIL}),
    "document": ("documentMessage", {"mimetype": "application/pdf", "fileName": "paper.pdf"}),
    "audio": ("audioMessage", {"mimetype": "audio/ogg; codecs=opus", "ptt": True, "seconds": 3}),
    "video": ("videoMessage", {"mimetype": "video/mp4", "seconds": 2, "jpegThumbnail": THUMBNAIL}),
    "sticker": ("stickerMessage", {"mimetype": "image/webp"}),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_file_arrives_byte_for_byte(pair: Pair, kind: str) -> None:
    name, options = KINDS[kind]
    message = await received(pair, {kind: encode_bytes(FILE), **options})
    assert message["kind"] == name
    content = message["message"][name]
    assert content["url"].startswith(pair.server.https_url)
    assert base64.b64decode(content["fileSha256"]) == hashlib.sha256(FILE).digest()
    assert decode_bytes(await pair.bob.call("download", message)) == FILE


async def test_a_refused_token_makes_baileys_fetch_a_new_one(pair: Pair) -> None:
    document = {"document": encode_bytes(FILE), "mimetype": "text/plain"}
    first = await received(pair, document)
    pair.server.faults.revoke_media_auth()
    with pytest.raises(PeerError, match="upload failed"):  # it has one host to try, so this one is lost
        await pair.ann.send(pair.bob_jid, document)
    again = await received(pair, document)
    assert again["message"]["documentMessage"]["directPath"] != first["message"]["documentMessage"]["directPath"]
    assert decode_bytes(await pair.bob.call("download", again)) == FILE


async def test_the_phone_uploads_a_file_again(pair: Pair) -> None:
    message = await received(pair, {"image": encode_bytes(FILE), "mimetype": "image/png", "jpegThumbnail": THUMBNAIL})
    assert pair.server.faults.expire_media() == 1
    with pytest.raises(PeerError, match=r"410|Failed to fetch"):
        await pair.bob.call("download", message)
    await pair.bob.call("refreshMediaConn", True)  # it takes the host for the new path from there
    renewed = await pair.bob.call("reupload", message)
    assert renewed["message"]["imageMessage"]["directPath"] != message["message"]["imageMessage"]["directPath"]
    assert decode_bytes(await pair.bob.call("download", renewed)) == FILE
    pair.server.faults.lose_media()
    with pytest.raises(PeerError, match="NOT_FOUND"):
        await pair.bob.call("reupload", message)
