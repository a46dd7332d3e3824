"""The event of a part of a chunk."""

from __future__ import annotations

from motte.core.history import reading
from motte.core.history.chunk import Chunk
from motte.core.history.messages import Messages
from motte.core.history.reading import Part
from motte.events.history import HistoryReceived
from motte.events.message import Actions
from motte.model.jid import Jid
from motte.model.me import Me


def received(
    chunk: Chunk,
    part: Part,
    pairs: tuple[tuple[Jid, Jid], ...],
    me: Me,
    actions: Actions | None,
    *,
    first: bool,
) -> HistoryReceived:
    """The event of a part; what belongs to no chat comes with the first."""
    return HistoryReceived(
        kind=chunk.kind,
        order=chunk.order,
        progress=chunk.progress,
        last=part.last,
        chats=tuple(part.chats),
        messages=Messages(part.messages, me, actions),
        contacts=tuple(part.contacts),
        mappings=pairs,
        past_members=reading.past_members(chunk) if first else (),
        calls=reading.calls(chunk) if first else (),
        settings=chunk.raw.globalSettings if first and chunk.raw.HasField("globalSettings") else None,
    )
