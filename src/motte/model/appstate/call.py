"""The list of calls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from motte.model.appstate.action import Action
from motte.model.jid import Jid


class CallResult(IntEnum):
    """How a call ended."""

    CONNECTED = 0
    REJECTED = 1
    CANCELLED = 2
    ACCEPTED_ELSEWHERE = 3
    MISSED = 4
    INVALID = 5
    UNAVAILABLE = 6
    UPCOMING = 7
    FAILED = 8
    ABANDONED = 9
    ONGOING = 10


class SilenceReason(IntEnum):
    """Why a call did not ring."""

    NONE = 0
    SCHEDULED = 1
    PRIVACY = 2
    LIGHTWEIGHT = 3


class CallKind(IntEnum):
    """What kind of call it was."""

    REGULAR = 0
    SCHEDULED = 1
    VOICE_CHAT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CallParticipant:
    """Somebody in a group call."""

    user: Jid
    result: CallResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call; `duration` in seconds, `started_at` in the unit of the phone that wrote it."""

    id: str = ""
    creator: Jid | None = None
    result: CallResult | None = None
    kind: CallKind | None = None
    incoming: bool = False
    video: bool = False
    started_at: int | None = None
    duration: int | None = None
    group: Jid | None = None
    participants: tuple[CallParticipant, ...] = ()
    link: bool = False
    link_token: str = ""
    scheduled_id: str = ""
    do_not_disturb: bool = False
    silence: SilenceReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLog(Action):
    """A call in the list. `peer`, `call` and `from_me` name the entry."""

    peer: Jid
    call: str
    from_me: bool
    record: CallRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLogDeleted(Action):
    """A call was deleted from the list."""

    peer: Jid
    call: str
    from_me: bool
    incoming: bool | None = None
    with_peer: Jid | None = None
