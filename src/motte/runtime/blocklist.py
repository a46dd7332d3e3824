"""Whom the account blocks: asked for once, kept, and changed as devices change it.

nobody has asked yet           nothing is kept; a change is told
a change of what we have       it is made here too: the list before it had the hash that we have, or none was told
a change of something else     what is kept is old, and asked for again when it is needed
"the list is another one"      it is asked for at once, so that the difference can be told
"""

from __future__ import annotations

from dataclasses import replace

from motte.core.stanza.blocklist import BlocklistChanged, GetBlocklist, SetBlocked
from motte.events import privacy as events
from motte.model.jid import Jid
from motte.model.privacy import Blocklist
from motte.runtime.context import Context
from motte.runtime.kept import Kept
from motte.runtime.people import People


class Blocked:
    """The blocklist of the account."""

    def __init__(self, context: Context, people: People) -> None:
        self._context, self._people = context, people
        self._kept = Kept(lambda: context.wire.request(GetBlocklist()))

    async def get(self, *, fresh: bool = False) -> Blocklist:
        """The list. Raises `Disconnected`, `RequestTimeout`, `ServerError`: it had to be asked for, in vain."""
        return await self._kept.get(fresh=fresh)

    async def set(self, user: Jid, blocked: bool) -> None:
        """Block or unblock a person.

        Raises:
            LocalProtocolError: their LID, by which the server wants them named, is not to be found.
            Disconnected, RequestTimeout, ServerError: the server did not answer, or not with a yes.
        """
        pn, lid = await self._people.named(user)
        now = await self._context.wire.request(SetBlocked(user=lid, blocked=blocked, pn=pn))
        self._kept.change(now if now is not None else _patched(self._kept.value, ((lid, blocked),), None))
        self._tell([lid] if blocked else [], [] if blocked else [lid])

    async def changed(self, change: BlocklistChanged) -> None:
        """Another device changed it."""
        kept = self._kept.value
        if not change.changes:
            self._kept.change(kept)
            self._context.tasks.start(self._compare(), "blocklist")
            return
        if kept is not None and change.before not in (None, kept.hash):
            kept = None
        self._kept.change(_patched(kept, change.changes, change.hash))
        self._tell(
            [user for user, blocked in change.changes if blocked],
            [user for user, blocked in change.changes if not blocked],
        )

    async def _compare(self) -> None:
        kept = self._kept.value
        before = set(kept.people) if kept else set()
        now = set((await self.get(fresh=True)).people)
        self._tell(sorted(now - before), sorted(before - now))

    def _tell(self, blocked: list[Jid], unblocked: list[Jid]) -> None:
        if blocked or unblocked:
            event = events.BlocklistChanged(blocked=tuple(blocked), unblocked=tuple(unblocked))
            self._context.bus.publish(event)


def _patched(kept: Blocklist | None, changes: tuple[tuple[Jid, bool], ...], new_hash: str | None) -> Blocklist | None:
    if kept is None:
        return None
    people = dict.fromkeys(kept.people)
    for user, blocked in changes:
        people.pop(user, None)
        if blocked:
            people[user] = None
    return replace(kept, people=tuple(people), hash=new_hash)
