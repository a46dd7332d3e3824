"""What names a message."""

from __future__ import annotations

from dataclasses import dataclass

from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKey:
    """What names a message: its id is unique for its `sender` in its `chat`; `sender` has no device number."""

    chat: Jid
    id: str
    sender: Jid
    from_me: bool
