"""Settings of the account."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from motte.model.appstate.action import Action
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class PushName(Action):
    """The name that others see."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale(Action):
    """The language, `de` or `pt_BR`."""

    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFormat(Action):
    """Whether the day has 24 hours or twice twelve."""

    twenty_four_hours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnarchiveChats(Action):
    """Whether a new message brings an archived chat back into the list."""

    unarchive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableLinkPreviews(Action):
    """Whether links are sent without a preview."""

    disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayAllCalls(Action):
    """Whether calls go by WhatsApp's servers, so that the other side does not learn the IP address."""

    enabled: bool


class NotificationLevel(IntEnum):
    """Which messages are worth a notification; the DEFAULT_ ones were not chosen by the user."""

    DEFAULT_ALL_MESSAGES = 0
    ALL_MESSAGES = 1
    HIGHLIGHTS = 2
    DEFAULT_HIGHLIGHTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationActivity(Action):
    """Which messages are worth a notification."""

    level: NotificationLevel | None


class StatusAudience(IntEnum):
    """Who sees status posts."""

    ALLOW_LIST = 0
    """Those named."""
    DENY_LIST = 1
    """All contacts but those named."""
    CONTACTS = 2
    CLOSE_FRIENDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPrivacy(Action):
    """Who sees status posts."""

    audience: StatusAudience | None
    users: tuple[Jid, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPostNotifications(Action):
    """Whether new status posts are worth a notification."""

    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRecommendations(Action):
    """Whether channels are recommended without regard to the person."""

    opted_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLockSettings(Action):
    """How locked chats hide. `secret_code` is a serialised UserPassword, the salted hash of a word."""

    hidden: bool
    secret_code: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebBeta(Action):
    """Whether the account takes part in the beta of WhatsApp Web."""

    opted_in: bool


class Processing(IntEnum):
    """Whether private processing by the assistant is allowed."""

    UNDEFINED = 0
    ENABLED = 1
    DISABLED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateProcessing(Action):
    """Whether private processing by the assistant is allowed."""

    status: Processing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterInterests(Action):
    """What channels the account is interested in, in WhatsApp's own notation."""

    interests: str
