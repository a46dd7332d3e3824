"""What the account's devices tell each other about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from motte.model.appstate.action import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryFeatures(Action):
    """What the phone can do, by name."""

    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryVersion(Action):
    """A version of the phone; `key` says of what."""

    key: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AndroidUnsupported(Action):
    """Whether actions may be set that Android phones do not know."""

    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyExpiration(Action):
    """App-state keys up to this epoch are not to be used any more."""

    expired_epoch: int | None


class ChatLockSupport(IntEnum):
    """How well the phone knows locked chats."""

    NONE = 0
    MINIMAL = 1
    FULL = 2


class MemberLabels(IntEnum):
    """Whether the phone knows labels of group members."""

    DISABLED = 0
    RECEIVER_ENABLED = 1
    SENDER_ENABLED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities(Action):
    """What the phone can do. `lid_migrated_at` is when its chats were moved to LIDs, as the phone counts."""

    chat_lock: ChatLockSupport | None = None
    lid_migrated_at: int | None = None
    broadcast_import: bool | None = None
    has_avatar: bool | None = None
    member_labels: MemberLabels | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint(Action):
    """Whether a hint to new users was seen."""

    key: str
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WamoUser(Action):
    """An identifier of the account for Meta's advertising, with no use here."""

    identifier: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSalt(Action):
    """What the account makes its own privacy tokens with."""

    salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicUser(Action):
    """Who the account is at music services."""

    id: str = ""
    services: Mapping[str, str] = field(default_factory=dict)


class AccountLink(IntEnum):
    """How the account is joined with one of Meta's others."""

    ACTIVE = 0
    PAUSED = 1
    UNLINKED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLinked(Action):
    """How the account is joined with one of Meta's others."""

    state: AccountLink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomBot(Action):
    """A bot that the user made, in WhatsApp's own notation."""

    definition: bytes = field(repr=False)
