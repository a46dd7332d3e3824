"""A chat, as far as this device knows it."""

from __future__ import annotations

from dataclasses import dataclass

from motte.model.appstate import FOREVER
from motte.model.jid import Jid
from motte.model.key import MessageKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat and what is set for it on the account's devices.

    Times are in unix seconds. `muted_until` is `FOREVER` for a mute without an end, None for none; `pinned_at` is when
    it was put on top, None when it is not. `unread` counts the messages that came since the chat was read, and
    `marked_unread` says that somebody wants it to look unread. `newest` and `active_at` are the newest message and its
    time. `labels` are the ids of those that it has.
    """

    jid: Jid
    muted_until: int | None = None
    pinned_at: int | None = None
    archived: bool = False
    locked: bool = False
    unread: int = 0
    marked_unread: bool = False
    labels: tuple[str, ...] = ()
    newest: MessageKey | None = None
    active_at: int = 0

    def is_muted(self, now: float) -> bool:
        """Whether it makes no noise at `now`."""
        return self.muted_until is not None and (self.muted_until == FOREVER or self.muted_until > now)
