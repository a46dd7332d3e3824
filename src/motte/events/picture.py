"""Pictures change."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from motte.events.base import Event
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureChanged(Event):
    """A person or a group (`owner`) has another picture, or with `picture_id` None none any more.

    The account's own may have changed, too. `author` is who did it, as far as the server told; `timestamp` is in unix
    seconds.
    """

    owner: Jid
    picture_id: str | None
    author: Jid | None = None
    timestamp: int | None = None

    @property
    def lane(self) -> Hashable:
        """In the order of the chat."""
        return self.owner.user_jid
