"""A motte client that is linked to a phone of the local server and logged in; `baileys/linked.mjs` is its twin."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.server import addresses
from motte.client.client import Client
from motte.core.session.payload import ClientInfo
from motte.events.message import MessageReceived
from motte.events.pairing import QrCode
from motte.model.message import Text
from motte.runtime.config import Config

_COUNT = count(1)


class Linked:
    """A client and the texts that somebody waits for; its keys are in memory, or in a SQLite file."""

    def __init__(self, name: str, kind: str = "ws", where: Path | None = None) -> None:
        server = addresses()
        self._phone_url = f"{server['http']}/admin/mock-phone"
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self.name = name = f"{name} {os.getpid()} {next(_COUNT)}"
        config = Config(
            url=server[kind],
            root_key=bytes.fromhex(server["root_key"]),
            ca_file=server["ca"],
            device=replace(ClientInfo(), push_name=name),
        )
        self.client = Client(where, account=name, config=config)
        self.client.add_handler(QrCode, self._scan)
        self.client.add_handler(MessageReceived, self._arrived)

    async def link(self) -> Linked:
        """Opens, pairs and logs in."""
        await self.client.open()
        await self.client.connect(timeout=20)
        return self

    async def close(self) -> None:
        """Ends the client."""
        await self.client.close()

    @property
    def address(self) -> str:
        """Where others write to."""
        me = self.client.me
        assert me is not None
        assert me.lid is not None
        return str(me.lid.user_jid)

    def text(self, text: str) -> asyncio.Future[None]:
        """Done when the text arrives."""
        return self._waiting.setdefault(text, asyncio.get_running_loop().create_future())

    def phone(self, act: str, **arguments: Any) -> Any:
        """What a phone of the server does; its answer. It blocks for a moment: a thread would count as motte's."""
        return self._post(act, json.dumps(arguments))

    def _post(self, act: str, body: str) -> Any:
        request = urllib.request.Request(f"{self._phone_url}/{act}", data=body.encode(), method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    async def _scan(self, event: QrCode) -> None:
        self._post("scan-qr", event.text)

    async def _arrived(self, event: MessageReceived) -> None:
        content = event.message.content
        if isinstance(content, Text) and (future := self._waiting.pop(content.text, None)):
            future.set_result(None)
