"""Updates by GraphQL ("mex"): a named operation and its JSON.

<notification type="mex" from="s.whatsapp.net" …>
  <update op_name="NotificationUserReachoutTimelockUpdate">{"data": {"xwa2_notify_account_reachout_timelock": {…}}}</…>
</notification>

The one key below `data` says what is told; the operation's name and its query id change more often:

    xwa2_notify_account_reachout_timelock                   is_active, time_enforcement_ends, enforcement_type
    xwa2_notify_new_chat_messages_capping_info_update       total_quota, used_quota, cycle_…_timestamp, …_status
    xwa2_notify_username_on_change                          lid, username
    xwa2_notify_username_delete                             lid
    xwa2_notify_lid_change                                  old, new

Everything else, newsletters above all, stays JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader
from motte.errors import InvalidJid
from motte.model.jid import LID, Jid

MAX_JSON: Final = 1 << 20
"""Bytes of one update."""
_FOREVER: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class ReachoutTimelock:
    """Whether the account may start no chats with strangers (`active`), until when (unix seconds), and the reason."""

    active: bool
    until: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class MessageCapping:
    """How many new chats the account may still start: `used` of `total` in a cycle that ends at `until`.

    `status` is the server's word (`NONE`, `FIRST_WARNING`, `CAPPED`, …).
    """

    used: int | None
    total: int | None
    until: int | None
    status: str


@dataclass(frozen=True, slots=True)
class UsernameChange:
    """A person has another username, or with None none any more."""

    user: Jid
    username: str | None


@dataclass(frozen=True, slots=True)
class LidChange:
    """A person has another LID."""

    old: Jid
    new: Jid


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """An update that this version does not read."""

    data: Mapping[str, Any]


Update: TypeAlias = ReachoutTimelock | MessageCapping | UsernameChange | LidChange | RawUpdate


@dataclass(frozen=True, slots=True)
class MexUpdated:
    """What a mex notification tells: the operation's name, as the server gave it, and the update."""

    header: Header
    operation: str
    update: Update


def read(notification: Reader, header: Header) -> MexUpdated | None:
    """The value of the notification; None when it holds no `<update>` (or `<mex>`, as old ones did)."""
    body = notification.optional_child("update") or notification.optional_child("mex")
    if body is None:
        return None
    data = _data(body)
    operation = body.optional_text("op_name") or str(data.get("operation", ""))[:100]
    for key, reader in _READERS.items():
        told = data.get(key)
        if isinstance(told, dict):
            return MexUpdated(header, operation, reader(told, body))
    return MexUpdated(header, operation, RawUpdate(data))


def _data(body: Reader) -> dict[str, Any]:
    """What is below `data`, or all of it for updates that have no such level."""
    try:
        parsed = json.loads(body.data(limit=MAX_JSON))
    except (ValueError, RecursionError):
        raise body.error("holds no JSON") from None
    if not isinstance(parsed, dict):
        raise body.error("holds no JSON object")
    data = parsed.get("data", parsed)
    return data if isinstance(data, dict) else {}


def _timelock(told: dict[str, Any], body: Reader) -> ReachoutTimelock:
    kind = told.get("enforcement_type")
    active = told.get("is_active") is True
    until = _whole(told.get("time_enforcement_ends")) if active else None
    return ReachoutTimelock(active, until, kind if isinstance(kind, str) else "DEFAULT")


def _capping(told: dict[str, Any], body: Reader) -> MessageCapping:
    status = told.get("capping_status")
    return MessageCapping(
        _whole(told.get("used_quota")),
        _whole(told.get("total_quota")),
        _whole(told.get("cycle_end_timestamp")),
        status if isinstance(status, str) else "",
    )


def _username(told: dict[str, Any], body: Reader) -> UsernameChange:
    name = told.get("username")
    return UsernameChange(_lid(told.get("lid"), body), name if isinstance(name, str) and name else None)


def _username_deleted(told: dict[str, Any], body: Reader) -> UsernameChange:
    return UsernameChange(_lid(told.get("lid"), body), None)


def _lid_change(told: dict[str, Any], body: Reader) -> LidChange:
    return LidChange(_lid(told.get("old"), body), _lid(told.get("new"), body))


def _lid(text: object, body: Reader) -> Jid:
    """A LID, which some updates write without its server."""
    try:
        jid = Jid.parse(text if isinstance(text, str) and "@" in text else f"{text}@{LID}")
    except InvalidJid:
        raise body.error("names no LID") from None
    if not jid.is_lid or not jid.user.isdigit():
        raise body.error("names no LID")
    return jid.user_jid


def _whole(value: object) -> int | None:
    """A number that came as one or as text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _FOREVER else None


_READERS: Final[Mapping[str, Callable[[dict[str, Any], Reader], Update]]] = {
    "xwa2_notify_account_reachout_timelock": _timelock,
    "xwa2_notify_new_chat_messages_capping_info_update": _capping,
    "xwa2_notify_username_on_change": _username,
    "xwa2_notify_username_delete": _username_deleted,
    "xwa2_notify_lid_change": _lid_change,
}
