"""A running local server for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from motte.testing import LocalServer
from motte.testing.server.settings import Settings


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer(tls_port=None, settings=Settings()) as running:
        yield running
