"""Real clients on a real local server. Everything is awaited by events, under one time-out; nothing sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from motte import Client, ClientInfo, Config, events
from motte.testing import LocalServer
from motte.testing.server.settings import Settings

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that anything here may take on a busy machine."""


async def soon(awaitable: Awaitable[T]) -> T:
    """What is awaited, or a failure after `PATIENCE`."""
    return await asyncio.wait_for(awaitable, PATIENCE)


class Linked(Protocol):
    """The factory of the `linked` fixture."""

    async def __call__(self, name: str, where: str | Path | None = None, **config: Any) -> Client:
        """A client that is linked to the account of `name` and logged in; `config` are fields of `Config`."""
        ...


class Unlinked(Protocol):
    """The factory of the `opened` fixture."""

    async def __call__(self, name: str, where: str | Path | None = None, **config: Any) -> Client:
        """A client with an open store that is not connected; `config` are fields of `Config`."""
        ...


def configured(server: LocalServer, name: str, **config: Any) -> Config:
    """Settings for `server`; the push name is what its phones know the client by."""
    config.setdefault("url", server.ws_url)
    config.setdefault("root_key", server.root_key)
    config.setdefault("version_url", "")
    config.setdefault("device", ClientInfo(push_name=name))
    return Config(**config)


def scanning(server: LocalServer, client: Client) -> Callable[[events.QrCode], None]:
    """Let the server's phone scan whatever QR code the client shows; gives the handler."""

    def scan(code: events.QrCode) -> None:
        server.scan_qr(code.text)

    client.add_handler(events.QrCode, scan)
    return scan


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """A local server without TLS."""
    async with LocalServer(tls_port=None, settings=Settings(closing_seconds=0.02)) as running:
        yield running


@pytest.fixture
async def opened(server: LocalServer) -> AsyncIterator[Unlinked]:
    """Makes clients that are open and not connected, and closes them after the test."""
    clients: list[Client] = []

    async def make(name: str, where: str | Path | None = None, **config: Any) -> Client:
        account = config.pop("account", "default")
        client = Client(where, account=account, config=configured(server, name, **config))
        await client.open()
        clients.append(client)
        return client

    yield make
    for client in clients:
        await soon(client.close())


@pytest.fixture
async def linked(server: LocalServer, opened: Unlinked) -> Linked:
    """Makes clients that are linked and logged in, and closes them after the test."""

    async def make(name: str, where: str | Path | None = None, **config: Any) -> Client:
        client = await opened(name, where, **config)
        scanning(server, client)
        await client.connect(timeout=PATIENCE)
        return client

    return make
