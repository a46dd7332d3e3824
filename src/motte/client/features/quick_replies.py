"""`client.quick_replies`: canned answers of a business account."""

from __future__ import annotations

from collections.abc import Iterable

from motte.client.features.state import State
from motte.client.ports import Clock, Entries
from motte.model.appstate import QuickReply


class QuickReplies:
    """Canned answers. Methods that change something raise what `State.set` does."""

    def __init__(self, *, state: State, entries: Entries, clock: Clock) -> None:
        self._state, self._entries, self._clock = state, entries, clock

    async def all(self) -> list[QuickReply]:
        """Those there are."""
        known = [entry.action for entry in await self._entries.all("quick_reply")]
        return [action for action in known if isinstance(action, QuickReply) and not action.deleted]

    async def save(
        self, shortcut: str, text: str, *, keywords: Iterable[str] = (), reply_id: str | None = None
    ) -> QuickReply:
        """Keep an answer: typing `/shortcut` gives `text`. With the id of one that exists it takes its place."""
        fresh = str(int(self._clock.now() * 1000))
        reply = QuickReply(id=reply_id or fresh, shortcut=shortcut, text=text, keywords=tuple(keywords))
        await self._state.set(reply)
        return reply

    async def remove(self, reply_id: str) -> None:
        """Delete the answer of that id."""
        await self._state.set(QuickReply(id=reply_id, deleted=True))
