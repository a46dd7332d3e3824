"""The world in which the examples run: a local server, Ann's linked client, Bob's phone. Nothing sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from motte import Client, ClientInfo, Config, events
from motte.testing import LocalServer, Settings
from tests.docs.pointed import point

PATIENCE = 20.0
"""Seconds that an example may take on a busy machine."""


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """The local server; Ann has the number +1 555 010 0001, Bob +1 555 010 0002."""
    async with LocalServer(settings=Settings(closing_seconds=0.02)) as running:
        running.account("Ann")
        running.account("Bob")
        yield running


@pytest.fixture
def pointed(server: LocalServer) -> Iterator[None]:
    """While the test runs, `Config()` means the local server."""
    defaults = Config.__init__.__kwdefaults__
    assert defaults is not None
    before = dict(defaults)
    point(server.ws_url, server.root_key)
    yield
    defaults.update(before)


async def link(server: LocalServer, where: Path | None, *, account: str = "default", name: str = "Ann") -> Client:
    """A client that is linked to the phone of `name` and connected; the caller closes it."""
    config = Config(
        url=server.ws_url,
        root_key=server.root_key,
        ca_file=server.ca_file,  # for files
        version_url="",
        device=ClientInfo(push_name=name),
    )
    client = Client(where, account=account, config=config)

    def scan(code: events.QrCode) -> None:
        server.scan_qr(code.text, phone=name)

    client.add_handler(events.QrCode, scan)
    await client.open()
    settled = client.expect(events.Settled)
    await client.connect(timeout=PATIENCE)
    await asyncio.wait_for(settled, PATIENCE)
    return client
