"""A running local server for each test. Its phones do not greet new companions, so that mailboxes start empty."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from motte.testing import LocalServer
from motte.testing.server.settings import Settings


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer(tls_port=None, settings=Settings(greet=False, closing_seconds=0.02)) as running:
        yield running
