"""The archive: how fast it takes in messages, and how fast it answers, in a SQLite file.

Baileys keeps no messages (its store in memory was removed in version 7), so nothing here has a counterpart.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness import Task, Timed
from benchmarks.tasks.history import ME, MESSAGES, _blob
from motte.archive import Archive, ArchivedMessage
from motte.core.history import reading
from motte.core.history.chunk import read
from motte.core.history.messages import Messages
from motte.events.history import HistoryReceived
from motte.events.message import MessageReceived
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.message import Message, Origin, Text
from motte.proto.e2e_pb2 import Message as RawMessage

LIVE = 1_000
PEOPLE = 20


class Teller:
    """A client, as far as an archive needs one."""

    me = ME

    def __init__(self) -> None:
        self.contacts = self.groups = self

    async def lid_of(self, user: Jid) -> Jid | None:
        return None

    pn_of = lid_of

    async def get(self, group: Jid) -> Any:
        raise AssertionError("the blob has no groups")

    def add_handler(self, kind: type[Any], handler: Callable[[Any], Any], check: object = None) -> Any:
        self.tell = handler
        return self

    def cancel(self) -> None:
        """The archive is closed."""


class Filled:
    """An archive of the 20,000 messages."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.archive = Archive.open(Path(self._folder.name) / "archive.db")
        self.chat = Jid("", "")
        self.middle: ArchivedMessage | int = 0

    async def close(self) -> None:
        await self.archive.close()
        self._folder.cleanup()


def _parts(blob: bytes) -> list[HistoryReceived]:
    chunk = read(blob)
    pairs = tuple(reading.mappings(chunk))
    return [
        HistoryReceived(
            kind="RECENT",
            order=1,
            progress=None,
            last=part.last,
            chats=tuple(part.chats),
            contacts=tuple(part.contacts),
            messages=Messages(part.messages, ME, None),
            mappings=pairs,
        )
        for part in reading.parts(chunk, ME)
    ]


async def _take_in(blob: bytes) -> Timed:
    """A history of 20,000 messages, part after part, as its events come."""
    filled, start = await _filled(blob)
    seconds = time.perf_counter() - start
    await filled.close()
    return Timed(seconds, MESSAGES)


async def _filled(blob: bytes) -> tuple[Filled, float]:
    filled, teller, parts = Filled(), Teller(), _parts(blob)
    await filled.archive.__aenter__()
    filled.archive.attach(teller)
    start = time.perf_counter()
    for part in parts:
        await teller.tell(part)
    return filled, start


async def _ready() -> Filled:
    filled, _ = await _filled(_blob())
    filled.chat = (await filled.archive.chats(limit=1))[0].jid
    page = await filled.archive.messages(filled.chat, limit=200)
    filled.middle = page[len(page) // 2]
    return filled


async def _live(_: object) -> Timed:
    """Messages of some people at once, each a transaction of its own unless others wait with it."""
    with tempfile.TemporaryDirectory() as folder:
        async with Archive.open(Path(folder) / "archive.db") as archive:
            teller = Teller()
            archive.attach(teller)
            people = [Jid(f"1555010{n:04}", "s.whatsapp.net") for n in range(PEOPLE)]
            start = time.perf_counter()
            await asyncio.gather(*(_one_chat(teller, jid) for jid in people))
            return Timed(time.perf_counter() - start, LIVE)


async def _one_chat(teller: Teller, jid: Jid) -> None:
    for n in range(LIVE // PEOPLE):
        key = MessageKey(chat=jid, id=f"3EB0{n:08X}", sender=jid, from_me=False)
        text = f"message {n} of a chat that goes on"
        message = Message(key=key, content=Text(text=text), timestamp=1_780_000_000 + n, origin=Origin.LIVE)
        await teller.tell(MessageReceived(message=message, raw=RawMessage(conversation=text)))


async def _page(filled: Filled) -> None:
    page = await filled.archive.messages(filled.chat, before=filled.middle, limit=50)
    if not page:
        raise AssertionError("messages are missing")


async def _chats(filled: Filled) -> None:
    if not await filled.archive.chats(limit=50):
        raise AssertionError("chats are missing")


async def _search(filled: Filled) -> None:
    if not await filled.archive.search("message", limit=50):
        raise AssertionError("messages are missing")


async def _close(filled: Filled) -> None:
    await filled.close()


TASKS = {
    "archive.insert.history": Task(setup=_blob, run=_take_in, self_timed=True, note="20,000 messages"),
    "archive.insert.live": Task(setup=object, run=_live, self_timed=True, note="20 chats side by side"),
    "archive.query.page50": Task(setup=_ready, run=_page, teardown=_close, note="50 messages as values"),
    "archive.query.chats50": Task(setup=_ready, run=_chats, teardown=_close),
    "archive.query.search50": Task(setup=_ready, run=_search, teardown=_close, note="of 20,000 messages"),
}
