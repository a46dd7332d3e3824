"""Previews of links, from a page on 127.0.0.1 to the other side's message."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from motte import LinkPreview, LinkPreviews, Text, events
from motte.core.media.kinds import MediaKind
from motte.testing import LocalServer
from tests.e2e.conftest import Linked, soon
from tests.e2e.people import lid
from tests.unit.runtime.media.site import SHOP, drawn, site


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """With TLS: media hosts are reached by https alone."""
    async with LocalServer() as running:
        yield running


async def test_a_link_with_its_preview_and_without(server: LocalServer, linked: Linked) -> None:
    alice = await linked("alice", ca_file=server.ca_file, link_previews=LinkPreviews(allowed=("127.0.0.1",)))
    bob = await linked("bob", ca_file=server.ca_file)
    async with site() as web:
        url = web.html("/", SHOP)
        web.file("/tea.png", drawn(400, 200), "image/png")
        for text, shown in ((f"see {url}", True), (f"see {url}gone", False)):
            got = bob.expect(events.MessageReceived)
            await soon(alice.messages.send(lid(bob), text))
            content = (await soon(got)).content
            assert isinstance(content, Text) and content.text == text
            assert isinstance(content.preview, LinkPreview) is shown
            if shown:
                first = content.preview
    assert isinstance(first, LinkPreview) and first.file is not None
    assert (first.url, first.title, first.description, first.width, first.height) == (
        url,
        "The shop",
        "Tea & cups",
        400,
        200,
    )
    large = await soon(bob.media.download(first.file, kind=MediaKind.LINK_THUMBNAIL))
    assert Image.open(io.BytesIO(large)).size == (400, 200)


async def test_none_is_made_unless_one_is_asked_for(linked: Linked) -> None:
    alice, bob = await linked("alice"), await linked("bob")
    async with site() as web:
        url = web.html("/", SHOP)
        got = bob.expect(events.MessageReceived)
        await soon(alice.messages.send(lid(bob), url))
        content = (await soon(got)).content
        assert isinstance(content, Text) and content.preview is None and web.asked == []
