"""What happens to groups."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from motte.events.base import Event
from motte.model.group_change import GroupChange
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChanged(Event):
    """Something about `group` changed; `change` says what, one of the classes in `motte.model.group_change`.

    `by` is who did it, in the group's addressing, and `by_alt` their other address, as far as the server told. The
    change may be one of our own. `timestamp` is in unix seconds.
    """

    group: Jid
    change: GroupChange
    by: Jid | None = None
    by_alt: Jid | None = None
    timestamp: int | None = None

    @property
    def lane(self) -> Hashable:
        """In the order of the chat."""
        return self.group
