"""A message on its way out, and what the server said of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.proto.e2e_pb2 import Message


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is to go to a chat under this id; of a status `audience` says to whom, None as is usual."""

    id: str
    chat: Jid
    message: Message = field(repr=False)
    audience: tuple[Jid, ...] | None = None

    def key(self, sender: Jid) -> MessageKey:
        """What names the message, sent under this address of ours."""
        return MessageKey(chat=self.chat, id=self.id, sender=sender, from_me=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The server has the message: its id, the chat, the server's time (unix seconds), and who we are in that chat."""

    id: str
    chat: Jid
    timestamp: int
    sender: Jid
