"""What all entries of the account's state have in common, and how they name messages."""

from __future__ import annotations

from dataclasses import dataclass, field

from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me


class Action:
    """Base of all: an entry of the state was set like this. A later one about the same thing replaces it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed(Action):
    """An entry is gone. `index` names it: the name of the action first, then whom or what it was about."""

    index: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the action."""
        return self.index[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownAction(Action):
    """An entry that this version cannot read: `value` is the serialised SyncActionValue."""

    index: tuple[str, ...]
    value: bytes = field(repr=False)
    removed: bool = False

    @property
    def name(self) -> str:
        """The name of the action."""
        return self.index[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """A message as the state names it: `participant` is the sender in a group, None for own messages and in chats."""

    chat: Jid
    id: str
    from_me: bool = False
    participant: Jid | None = None

    @classmethod
    def of(cls, key: MessageKey) -> MessageRef:
        """The reference to the message of a key."""
        told = not key.from_me and not key.chat.is_user
        return cls(chat=key.chat, id=key.id, from_me=key.from_me, participant=key.sender if told else None)

    def key(self, me: Me) -> MessageKey:
        """The key of the message, for the account `me`."""
        sender = me.facing(self.chat).user_jid if self.from_me else (self.participant or self.chat)
        return MessageKey(chat=self.chat, id=self.id, sender=sender, from_me=self.from_me)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeMessage:
    """A message of a range and its time, unix seconds; None when the device that wrote it (Baileys) left it out."""

    message: MessageRef
    timestamp: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRange:
    """Up to where a chat was known when something was done to it, so that what came later is not affected.

    Times are in unix seconds; `messages` are the newest, often one alone.
    """

    last: int | None = None
    last_system: int | None = None
    messages: tuple[RangeMessage, ...] = ()
