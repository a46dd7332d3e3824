"""The archive: writing what a client is told, and asking for it. In a SQLite file; Baileys has none since version 7.

archive.insert     messages that came, 500 at a time, each until it is in the database
archive.history    the same out of the history, 500 in one event
archive.page       the newest 50 messages of a chat, among 20,000 messages in 20 chats
archive.search     the newest 50 of those 20,000 that hold a word, which one in a hundred does
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.harness import Task
from motte.archive import Archive
from motte.events.base import Event
from motte.events.history import HistoryMessage, HistoryReceived
from motte.events.message import MessageReceived
from motte.model.content import Text
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.model.message import Message, Origin
from motte.proto.e2e_pb2 import Message as RawMessage
from motte.proto.web_message_pb2 import WebMessageInfo

BATCH, CHATS, STORED, PAGE = 500, 20, 20_000, 50
ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100001:3@lid"))
PEOPLE = [Jid.parse(f"1555010{number:04}@s.whatsapp.net") for number in range(100, 100 + CHATS)]
_NUMBER = count(1)


class _Teller:
    """A client, as far as the archive looks at one."""

    me = ME

    def __init__(self) -> None:
        self.contacts = SimpleNamespace(pn_of=self._itself, lid_of=self._unknown)
        self.groups: Any = None
        self.tell: Callable[[Event], Any]

    def add_handler(self, kind: type[Any], handler: Callable[[Any], Any], check: Any = None) -> Any:
        self.tell = handler
        return SimpleNamespace(cancel=lambda: None)

    async def _itself(self, user: Jid) -> Jid:
        return user

    async def _unknown(self, user: Jid) -> None:
        return None


class Kept:
    """An open archive in a folder of its own, and the client that tells it."""

    def __init__(self, archive: Archive, teller: _Teller, ending: AsyncExitStack) -> None:
        self.archive, self.teller, self.ending = archive, teller, ending


@asynccontextmanager
async def _archive() -> AsyncIterator[Archive]:
    with tempfile.TemporaryDirectory() as folder:
        async with Archive.open(Path(folder) / "archive.db") as archive:
            yield archive


async def empty() -> Kept:
    """An archive with nothing in it."""
    ending, teller = AsyncExitStack(), _Teller()
    archive = await ending.enter_async_context(_archive())
    archive.attach(teller)
    return Kept(archive, teller, ending)


async def filled() -> Kept:
    """An archive with 20,000 messages."""
    kept = await empty()
    for _ in range(STORED // BATCH):
        await history(kept)
    return kept


async def close(kept: Kept) -> None:
    await kept.ending.aclose()


def _message() -> tuple[Message, RawMessage]:
    number = next(_NUMBER)
    chat = PEOPLE[number % CHATS]
    text = f"text number {number} of them, {'as rare as a walrus' if number % 100 == 0 else 'like so many others'}"
    key = MessageKey(chat=chat, id=f"3EB0{number:018X}", sender=chat, from_me=False)
    message = Message(key=key, content=Text(text=text), timestamp=1_700_000_000 + number, origin=Origin.LIVE)
    return message, RawMessage(conversation=text)


async def insert(kept: Kept) -> None:
    events = [MessageReceived(message=message, raw=raw) for message, raw in (_message() for _ in range(BATCH))]
    await asyncio.gather(*(kept.teller.tell(event) for event in events))


async def history(kept: Kept) -> None:
    messages = [
        HistoryMessage(message=message, raw=raw, info=WebMessageInfo(messageTimestamp=message.timestamp, message=raw))
        for message, raw in (_message() for _ in range(BATCH))
    ]
    await kept.teller.tell(HistoryReceived(kind="RECENT", order=1, progress=None, last=True, messages=messages))


async def page(kept: Kept) -> None:
    assert len(await kept.archive.messages(PEOPLE[0], limit=PAGE)) == PAGE


async def search(kept: Kept) -> None:
    assert len(await kept.archive.search("walrus", limit=PAGE)) == PAGE


TASKS = {
    "archive.insert": Task(insert, per=BATCH, setup=empty, teardown=close),
    "archive.history": Task(history, per=BATCH, setup=empty, teardown=close),
    "archive.page": Task(page, setup=filled, teardown=close),
    "archive.search": Task(search, setup=filled, teardown=close),
}
