"""What business accounts keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from motte.model.appstate.action import Action
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickReply(Action):
    """A canned answer: typing `shortcut` gives `text`. `count` is how often it was used."""

    id: str
    shortcut: str = ""
    text: str = ""
    keywords: tuple[str, ...] = ()
    count: int = 0
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Action):
    """A person who works with the account: their name and linked device."""

    id: str
    name: str = ""
    device: int | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAssignment(Action):
    """A chat was given to an agent; an empty `agent` takes it back."""

    chat: Jid
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAssignmentOpened(Action):
    """Whether an agent has opened the chat that was given to them."""

    chat: Jid
    agent: str
    opened: bool


class NoteKind(IntEnum):
    """How a note is written."""

    UNSTRUCTURED = 1
    STRUCTURED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Action):
    """A note about a chat; `created_at` in unix seconds."""

    id: str
    chat: Jid | None = None
    text: str = ""
    kind: NoteKind | None = None
    created_at: int | None = None
    deleted: bool = False


class MarketingKind(IntEnum):
    """How a marketing message is made."""

    PERSONALIZED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingMessage(Action):
    """A message for many; times in unix seconds."""

    id: str
    name: str = ""
    text: str = ""
    kind: MarketingKind | None = None
    created_at: int | None = None
    last_sent_at: int | None = None
    media: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingBroadcast(Action):
    """How many answered when a marketing message was sent."""

    marketing_message: str
    message: str
    replies: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMember:
    """Somebody on a broadcast list, by one or both addresses."""

    lid: Jid | None = None
    pn: Jid | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastList(Action):
    """A broadcast list."""

    id: str
    name: str = ""
    members: tuple[ListMember, ...] = ()
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastMember(Action):
    """Somebody is on a broadcast list, or not any more."""

    list: str
    member: Jid
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CtwaDataSharing(Action):
    """Whether data of a customer who came by an advertisement is shared; `account` is a LID as text."""

    account: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedOutcomes(Action):
    """Whether WhatsApp may find out what came of a chat."""

    enabled: bool


class AiFeatureStatus(IntEnum):
    """What the business assistant may do."""

    ENABLED = 0
    ENABLED_HAS_LEARNING = 1
    DISABLED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AiFeatures(Action):
    """What the business assistant may do."""

    status: AiFeatureStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Action):
    """The business's subscription; `expires` in the unit of the phone that wrote it."""

    deactivated: bool
    auto_renewing: bool
    expires: int | None = None
