"""Older chats and messages, as the phone sends them to a new device: part by part, then the word that it was all.

HistoryAnnounced        the phone offers a chunk (`motte.events.account`)
HistoryReceived         a part of it, of a few hundred messages; the next comes when this one is handled
HistoryFailed           a chunk cannot be had, or be read
HistoryDone             that was all of a kind
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from motte.events.base import Event
from motte.events.message import MessageReceived
from motte.model.appstate.call import CallRecord
from motte.model.history import HistoryChat, HistoryContact, PastMember
from motte.model.jid import Jid

if TYPE_CHECKING:
    from motte.proto.settings_pb2 import GlobalSettings
    from motte.proto.web_message_pb2 import WebMessageInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryMessage(MessageReceived):
    """A message out of the history. `info` is all that the phone keeps of it: receipts, reactions, votes, its star."""

    info: WebMessageInfo = field(repr=False, compare=False)

    @property
    def starred(self) -> bool:
        """Whether the account has starred it."""
        return self.info.starred


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReceived(Event):
    """A part of a chunk of history; what it says is stored already, its messages are not.

    A handler that takes its time holds up the next part, and nothing else. After a crash a part that was not handled
    comes again.

    Args:
        kind: of the chunk (`HistoryKind`), or the number of a kind that this version does not know.
        order: the chunk's number among those of its kind, from 1.
        progress: how far along the phone is with this kind, in percent.
        last: whether this is the last part of the chunk.
        chats: those whose messages begin in this part.
        messages: the newest of each chat first. They are read when they are asked for: to look at one is cheap.
        contacts: what people are called.
        mappings: which phone number belongs to which LID.
        past_members: who left groups.
        calls: the list of calls.
        settings: the phone's settings, as a protobuf.
    """

    kind: str
    order: int
    progress: int | None
    last: bool
    chats: tuple[HistoryChat, ...] = ()
    messages: Sequence[HistoryMessage] = field(default=(), compare=False)
    contacts: tuple[HistoryContact, ...] = ()
    mappings: tuple[tuple[Jid, Jid], ...] = ()
    past_members: tuple[PastMember, ...] = ()
    calls: tuple[CallRecord, ...] = ()
    settings: GlobalSettings | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFailed(Event):
    """A chunk of history cannot be taken in; `reason` says what is wrong with it.

    Unless that is `final`, it is tried again at the next login. Other chunks are not concerned.
    """

    kind: str
    order: int
    reason: str
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDone(Event):
    """The history of a kind is here: `RECENT`, `FULL`, or `NO_HISTORY` when the phone has none.

    Not `complete` means that the phone has fallen silent before it was through; more may come.
    """

    kind: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAccess(Event):
    """Whether this device may see `complete` messages, or the phone shares only some."""

    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """What `client.history.fetch` gives: messages of one chat, the oldest first.

    `has_more` says whether the phone has older ones; None when it does not say.
    """

    messages: tuple[HistoryMessage, ...]
    has_more: bool | None
