"""What `motte listen` shows, and what it leaves for the next time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from motte import events
from motte.cli.commands.listen import Choice, Listener
from motte.model.jid import Jid
from motte.model.message import Message, MessageKey, Origin, Text
from motte.proto.e2e_pb2 import Message as RawMessage

BEN = Jid.phone("15550100002")


def message(text: str) -> events.MessageReceived:
    key = MessageKey(chat=BEN, id=text, sender=BEN, from_me=False)
    content = Message(key=key, content=Text(text=text), timestamp=0, origin=Origin.LIVE)
    return events.MessageReceived(message=content, raw=RawMessage())


def listener(**choice: Any) -> Listener:
    return Listener(Choice(**({"as_json": True, "mark_read": False, "limit": None, "everything": False} | choice)))


async def handled(listening: Listener, event: events.Event) -> bool:
    """Whether the handler finishes; one that waits for ever leaves the message in the database."""
    task = asyncio.ensure_future(listening.hear(event))
    for _ in range(5):
        await asyncio.sleep(0)
    finished = task.done()
    task.cancel()
    return finished


async def test_messages_up_to_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    listening = listener(limit=2)
    assert await handled(listening, message("one"))
    assert not listening.enough.done()
    assert await handled(listening, message("two"))
    assert listening.enough.done()
    assert not await handled(listening, message("three"))
    assert [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()] == ["one", "two"]


async def test_other_events_only_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert await handled(listener(), events.OfflineDone(count=0))
    assert capsys.readouterr().out == ""
    assert await handled(listener(everything=True), events.OfflineDone(count=0))
    assert json.loads(capsys.readouterr().out) == {"event": "offline_done", "count": 0}


async def test_what_cannot_be_decrypted_shows_always(capsys: pytest.CaptureFixture[str]) -> None:
    event = events.MessageUndecryptable(
        key=message("x").message.key, timestamp=0, origin=Origin.LIVE, reason="no session", attempt=5, final=True
    )
    assert await handled(listener(as_json=False), event)
    assert "a message that cannot be decrypted (given up)" in capsys.readouterr().out


async def test_a_message_that_cannot_be_written_is_not_handled(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    listening = listener()
    monkeypatch.setattr("builtins.print", gone)
    assert not await handled(listening, message("lost?"))
    with pytest.raises(BrokenPipeError):
        listening.enough.result()


async def test_read_receipts_wait_for_the_connection() -> None:
    marked: list[str] = []

    class Doing:
        async def mark_read(self, key: MessageKey) -> None:
            marked.append(key.id)

        messages: Any = None
        chats: Any = None
        presence: Any = None
        download: Any = None

        async def reply(self, event: object, content: object) -> Any:
            raise AssertionError

    event = events.MessageReceived(message=message("old").message, raw=RawMessage(), actions=Doing())
    listening = listener(mark_read=True, limit=1)
    task = asyncio.ensure_future(listening.hear(event))
    await asyncio.sleep(0)
    assert marked == [] and not listening.enough.done()
    await listening.hear(events.Connected(jid=BEN, lid=None))
    await task
    assert marked == ["old"] and listening.enough.done()
