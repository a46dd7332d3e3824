"""What is done to messages: reactions, edits, deletions, votes, answers, comments, pins; and a chat's timer.

Each of them is a message too: a `MessageReceived` with the same key and with the content as it was sent comes first.
These events say the same by name, after what was encrypted with the target's secret has been opened, and after it was
checked that its sender may do this. Nothing here keeps track of the messages themselves.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from motte.events.base import Event
from motte.model.content.event import EventResponse
from motte.model.content.poll import PollVote
from motte.model.jid import Jid
from motte.model.message import Content, MessageKey


@dataclass(frozen=True, slots=True, kw_only=True)
class _InChat(Event):
    """`key` is the message that did it, its sender the one who did; `timestamp` the server's, unix seconds."""

    key: MessageKey
    timestamp: int

    @property
    def lane(self) -> Hashable:
        """In the order of the chat."""
        return self.key.chat

    @property
    def chat(self) -> Jid:
        """The chat in which it was done."""
        return self.key.chat

    @property
    def sender(self) -> Jid:
        """Who did it."""
        return self.key.sender


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOn(_InChat):
    """Something was done to the message `target`. The base of the events below."""

    target: MessageKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionChanged(AddOn):
    """Somebody reacted with `emoji`, in place of an earlier reaction; an empty one takes that back."""

    emoji: str

    @property
    def removed(self) -> bool:
        """Whether a reaction was taken back."""
        return not self.emoji


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(AddOn):
    """The author of a message gave it a new `content`."""

    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRevoked(AddOn):
    """A message was deleted for everybody: by its author, or in a group by one who is an admin of it."""

    @property
    def by_author(self) -> bool:
        """Whether its author deleted it, as far as the two addresses tell."""
        return self.sender == self.target.sender


@dataclass(frozen=True, slots=True, kw_only=True)
class PollVoted(AddOn):
    """Somebody voted, in place of an earlier vote; `vote` names the options.

    `results` is the state of the poll as far as this device has seen its votes: who chose each option.
    """

    vote: PollVote
    results: Mapping[str, tuple[Jid, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventResponded(AddOn):
    """Somebody answered an event, in place of an earlier answer."""

    response: EventResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentReceived(AddOn):
    """Somebody commented on a message."""

    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePinned(AddOn):
    """A message was pinned for everybody for `duration` seconds; None when it was unpinned."""

    duration: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKept(AddOn):
    """A message that would disappear was kept, or (`kept` is False) let go again."""

    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EphemeralChanged(_InChat):
    """New messages of a direct chat disappear after this many `seconds` from now on; 0 for never."""

    seconds: int
