"""A chunk of history with 20,000 messages, from its deflated bytes to what a user gets.

That is chats, names, pairs of addresses and a sequence of messages on both sides. Baileys' messages are decoded
protobufs, as ours are; here they become values when somebody looks at them, which `history.20000.values` does with all.
"""

from __future__ import annotations

from benchmarks.harness import Task, fixture
from motte.core.history import reading
from motte.core.history.chunk import Chunk, read
from motte.core.history.messages import Messages
from motte.core.history.reading import Part
from motte.model.jid import Jid
from motte.model.me import Me

MESSAGES = 20_000
ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100001:3@lid"))


def _blob() -> bytes:
    return fixture("history_20000.bin")


def _taken(blob: bytes) -> tuple[Chunk, list[Part]]:
    chunk = read(blob)
    reading.mappings(chunk), reading.tokens(chunk), reading.past_members(chunk), reading.calls(chunk)
    parts = list(reading.parts(chunk, ME))
    if sum(len(part.messages) for part in parts) != MESSAGES:
        raise AssertionError("messages are missing")
    return chunk, parts


def _as_values(blob: bytes) -> None:
    chunk = read(blob)
    for part in reading.parts(chunk, ME):
        for _ in Messages(part.messages, ME, None):
            pass


TASKS = {
    "history.20000": Task(setup=_blob, run=_taken, per=MESSAGES),
    "history.20000.values": Task(setup=_blob, run=_as_values, per=MESSAGES, note="every message as a value"),
}
