"""A preview that motte (Bob) makes of a link, as real Baileys (Ann) gets it."""

from __future__ import annotations

import io
from base64 import b64decode

import pytest
from PIL import Image

from motte import LinkPreviews
from motte.testing import LocalServer
from tests.interop.motte_peer import MottePeer
from tests.interop.peer import BaileysPeer, decode_bytes
from tests.unit.runtime.media.site import SHOP, drawn, site


@pytest.mark.asyncio
async def test_baileys_shows_what_the_page_says() -> None:
    allowed = LinkPreviews(allowed=("127.0.0.1",))
    async with (
        LocalServer() as server,
        site() as web,
        BaileysPeer(server.ws_url, name="Ann", ca=server.ca_file, media=server.https_url) as ann,
        MottePeer(server, "Bob", ca=server.ca_file, link_previews=allowed) as bob,
    ):
        await ann.pair(server.scan_qr)
        url = web.html("/", SHOP)
        web.file("/tea.png", drawn(400, 200), "image/png")
        await bob.client.messages.send(server.account("Ann").lid, f"see {url}")
        got = await ann.text(f"see {url}")
        shown = got["message"]["extendedTextMessage"]
        assert shown["matchedText"] == url
        assert (shown["title"], shown["description"]) == ("The shop", "Tea & cups")
        assert Image.open(io.BytesIO(b64decode(shown["jpegThumbnail"]))).size == (192, 96)
        large = decode_bytes(await ann.call("downloadPreview", got))
        assert Image.open(io.BytesIO(large)).size == (400, 200)
