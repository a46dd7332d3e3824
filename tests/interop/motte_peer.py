"""`MottePeer`: a motte client that keeps its events until a test takes them, as `BaileysPeer` does.

async with MottePeer(server, "Bob") as bob:
    await bob.client.messages.send("15550100001", "hi")
    reply = await bob.text("hello back")
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

from motte import Client, ClientInfo, Config, events
from motte.core.signal.address import Address
from motte.model.jid import Jid
from motte.testing import LocalServer

E = TypeVar("E", bound=events.Event)

TIMEOUT = 20.0
"""Seconds that an event may take before the test fails."""


class MottePeer:
    """A client of the account `name`: linked by the server's phone at its first start, logged in ever after.

    where  its SQLite file; memory when absent
    ca     the certificate that it trusts, for files
    options  further fields of `Config`
    """

    def __init__(
        self, server: LocalServer, name: str, where: Path | None = None, *, ca: Path | None = None, **options: Any
    ) -> None:
        device = ClientInfo(push_name=name)
        config = Config(
            url=server.ws_url, root_key=server.root_key, version_url="", device=device, ca_file=ca, **options
        )
        self.client = Client(where, config=config)
        self._server = server
        self._events: list[events.Event] = []
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.client.open()
        self.client.add_handler(events.Event, self._note)
        self.client.add_handler(events.QrCode, self._scan)
        await self.client.connect(timeout=TIMEOUT)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    def _scan(self, code: events.QrCode) -> None:
        self._server.scan_qr(code.text)

    async def _note(self, event: events.Event) -> None:
        async with self._news:
            self._events.append(event)
            self._news.notify_all()

    async def event(self, kind: type[E], match: Callable[[E], bool] = lambda event: True) -> E:
        """The first event of class `kind` that `match` accepts, taken out of the queue.

        Raises: `AssertionError` that lists what came instead, when `TIMEOUT` seconds pass.
        """
        try:
            async with asyncio.timeout(TIMEOUT), self._news:
                while (found := self._find(kind, match)) is None:
                    await self._news.wait()
        except TimeoutError:
            seen = [str(event)[:160] for event in self._events]
            raise AssertionError(f"no such {kind.__name__} within {TIMEOUT} s; there are {seen}") from None
        self._events.remove(found)
        return found

    def _find(self, kind: type[E], match: Callable[[E], bool]) -> E | None:
        return next((event for event in self._events if isinstance(event, kind) and match(event)), None)

    def seen(self, kind: type[E]) -> list[E]:
        """The events of class `kind` that are still in the queue, without taking them."""
        return [event for event in self._events if isinstance(event, kind)]

    async def text(self, text: str) -> events.MessageReceived:
        """The message whose text is `text`."""
        return await self.event(events.MessageReceived, lambda event: event.text == text)

    async def forget_sessions(self, user: Jid) -> list[Address]:
        """Deletes every Signal session with a user, behind the client's back; gives their addresses."""
        store = self.client._store
        assert store is not None
        batch = store.batch()
        found = await store.sessions.of_user(Address.of(user).user)
        for address in found:
            store.sessions.delete(batch, address)
        await store.commit(batch)
        return list(found)

    async def forget_sender_keys(self, group: Jid | str) -> None:
        """Deletes every sender key of a group, the own one too, behind the client's back."""
        store = self.client._store
        assert store is not None
        batch = store.batch()
        found = await store.sender_keys.table.scan(f"{group}|")
        assert found
        for name in found:
            store.sender_keys.table.delete(batch, name)
        await store.commit(batch)
