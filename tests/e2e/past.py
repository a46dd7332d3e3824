"""A past on the server's phone, and a client that is brought all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from motte import Client, events
from motte.model.history import HistoryKind
from motte.testing import LocalServer
from motte.testing.server.history import Past
from motte.testing.server.settings import Settings
from tests.e2e.conftest import Unlinked, scanning, soon
from tests.e2e.people import settled

SETTINGS = Settings(closing_seconds=0.02, history_first=3, history_chunk=40, inline_history=400)
"""Small chunks, of which only the smallest are inside notices."""


def past(server: LocalServer, name: str = "alice") -> Past:
    return server.phone(name).history.past


class Heard:
    """What a client hears of history."""

    def __init__(self, client: Client) -> None:
        self.parts: list[events.HistoryReceived] = []
        self.failed: list[events.HistoryFailed] = []
        self.done: list[events.HistoryDone] = []
        client.add_handler(events.HistoryReceived, self.parts.append)
        client.add_handler(events.HistoryFailed, self.failed.append)
        client.add_handler(events.HistoryDone, self.done.append)

    def of(self, kind: HistoryKind) -> list[events.HistoryReceived]:
        return [part for part in self.parts if part.kind == kind]

    @property
    def messages(self) -> list[events.HistoryMessage]:
        return [message for part in self.parts for message in part.messages]

    @property
    def texts(self) -> list[str | None]:
        return [message.text for message in self.messages]


async def brought(
    server: LocalServer, opened: Unlinked, where: Path | None = None, kind: str = HistoryKind.FULL, **config: Any
) -> tuple[Client, Heard]:
    """A client that is linked and has all of its history."""
    client = await opened("alice", where, ca_file=server.ca_file, **config)
    heard = Heard(client)
    done = client.expect(events.HistoryDone, lambda event: event.kind == kind)
    scanning(server, client)
    await client.connect(timeout=10)
    await soon(done)
    await settled(client)
    return client, heard
