"""Why a connection ended, and what happens next.

Three answers of rising precision:

* `DisconnectReason`: Baileys' ten members, value for value. A code without a member stays a plain number.
* `Cause`: one word for each thing that can end a connection. 408 alone means seven different ones.
* `DisconnectInfo`: reason, cause, one sentence, the attributes the server gave, and the stanza as text.

What follows is one table, `ROWS`: a cause gives the code it has when the wire names none, and the `NextAction`.
`Policy(overrides={Cause.REPLACED: NextAction.BACK_OFF, 503: NextAction.STOP})` changes single rows.
"""

# ruff: noqa: N815 - the camelCase members are Baileys' own names, kept so that its users find them

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum, unique
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias


class DisconnectReason(IntEnum):
    """Baileys' reasons. 408 has two names there and so it has here: they are one member, `Cause` tells them apart."""

    BAD_SESSION = 500
    CONNECTION_CLOSED = 428
    TIMED_OUT = 408
    CONNECTION_LOST = 408  # noqa: PIE796 - one value, two names, as on the wire
    CONNECTION_REPLACED = 440
    LOGGED_OUT = 401
    RESTART_REQUIRED = 515
    MULTIDEVICE_MISMATCH = 411
    FORBIDDEN = 403
    UNAVAILABLE_SERVICE = 503

    badSession = BAD_SESSION
    connectionClosed = CONNECTION_CLOSED
    connectionLost = CONNECTION_LOST
    connectionReplaced = CONNECTION_REPLACED
    timedOut = TIMED_OUT
    loggedOut = LOGGED_OUT
    restartRequired = RESTART_REQUIRED
    multideviceMismatch = MULTIDEVICE_MISMATCH
    forbidden = FORBIDDEN
    unavailableService = UNAVAILABLE_SERVICE


@unique
class NextAction(StrEnum):
    """What the client does after a connection ended."""

    RECONNECT_NOW = "reconnect now"
    BACK_OFF = "reconnect with back-off"
    REFRESH_VERSION = "refresh the version and retry"
    STOP = "stop"
    RELINK = "stop: the device must be linked again"


@unique
class Cause(StrEnum):
    """What exactly ended a connection."""

    CLOSED_LOCALLY = "closed by this program"
    LOGGED_OUT_LOCALLY = "logged out by this program"

    CONNECT_TIMEOUT = "the server could not be reached in time"
    CONNECTION_REFUSED = "the server refused the connection"
    NAME_NOT_RESOLVED = "the server's name could not be resolved"
    TLS_FAILED = "TLS failed"
    HTTP_STATUS = "the server answered with HTTP instead of a WebSocket"
    NETWORK_ERROR = "the network failed"
    WEBSOCKET_CLOSED = "the WebSocket closed"

    HANDSHAKE_TIMEOUT = "the server did not answer the handshake in time"
    HANDSHAKE_FAILED = "the handshake failed"
    CERTIFICATE_REFUSED = "the server's certificate was refused"
    PROTOCOL_ERROR = "the server broke the protocol"
    KEEPALIVE_LOST = "nothing was heard from the server"

    QR_REFS_USED_UP = "no QR code was scanned in time"
    PAIRING_REFUSED = "the phone's answer at pairing did not verify"
    RESTART_AFTER_PAIRING = "restart after pairing"

    STREAM_ENDED = "the server ended the stream"
    SERVER_RESTART = "the server asked for a restart"
    REPLACED = "another client took over this session"
    CONFLICT = "a conflict with another client"
    DEVICE_REMOVED = "the device was unlinked"
    XML_NOT_WELL_FORMED = "the server could not read a stanza"
    ACK_REFUSED = "the server objected to an acknowledgement"
    DOWNGRADE_WEBCLIENT = "the account does not use multi-device"
    STREAM_ERROR = "stream error"

    LOGIN_FAILED = "the server refused the login"
    GENERIC_FAILURE = "the server refused the login without a reason"
    LOGGED_OUT = "logged out"
    TEMPORARY_BAN = "banned for some time"
    MAIN_DEVICE_GONE = "the phone is gone or the account is locked"
    CLIENT_OUTDATED = "the client version is outdated"
    BANNED = "banned"
    BAD_USER_AGENT = "the user agent was refused"
    CAT_EXPIRED = "the authentication token expired"
    CAT_INVALID = "the authentication token is invalid"
    ACCOUNT_NOT_FOUND = "the account was not found"
    CLIENT_UNKNOWN = "the client is unknown"
    SERVER_FAILED = "the server failed"
    EXPERIMENTAL = "experimental failure"
    UNAVAILABLE = "the service is unavailable"


class Row(NamedTuple):
    """One row of the policy: the code of a cause when the wire names none, and what happens next."""

    code: int
    action: NextAction


_NOW, _BACK_OFF, _STOP, _RELINK = (
    NextAction.RECONNECT_NOW,
    NextAction.BACK_OFF,
    NextAction.STOP,
    NextAction.RELINK,
)

ROWS: Final[Mapping[Cause, Row]] = MappingProxyType(
    {
        Cause.CLOSED_LOCALLY: Row(428, _STOP),
        Cause.LOGGED_OUT_LOCALLY: Row(401, _RELINK),
        Cause.CONNECT_TIMEOUT: Row(408, _BACK_OFF),
        Cause.CONNECTION_REFUSED: Row(408, _BACK_OFF),
        Cause.NAME_NOT_RESOLVED: Row(408, _BACK_OFF),
        # A captive portal breaks TLS for an hour; the check stays on, so trying again is safe.
        Cause.TLS_FAILED: Row(500, _BACK_OFF),
        # A web front end's 401 or 403 says nothing about the account, so its status is never used as the code.
        Cause.HTTP_STATUS: Row(503, _BACK_OFF),
        Cause.NETWORK_ERROR: Row(408, _BACK_OFF),
        Cause.WEBSOCKET_CLOSED: Row(428, _BACK_OFF),
        Cause.HANDSHAKE_TIMEOUT: Row(408, _BACK_OFF),
        Cause.HANDSHAKE_FAILED: Row(500, _BACK_OFF),
        Cause.CERTIFICATE_REFUSED: Row(400, _STOP),
        Cause.PROTOCOL_ERROR: Row(500, _BACK_OFF),
        Cause.KEEPALIVE_LOST: Row(408, _BACK_OFF),
        # Nobody is looking: fresh codes for ever would only be noise at the server.
        Cause.QR_REFS_USED_UP: Row(408, _STOP),
        Cause.PAIRING_REFUSED: Row(500, _STOP),
        Cause.RESTART_AFTER_PAIRING: Row(515, _NOW),
        Cause.STREAM_ENDED: Row(428, _BACK_OFF),
        Cause.SERVER_RESTART: Row(515, _NOW),
        # Reconnecting would throw out the other client, which would throw out this one.
        Cause.REPLACED: Row(440, _STOP),
        Cause.CONFLICT: Row(440, _STOP),
        Cause.DEVICE_REMOVED: Row(401, _RELINK),
        Cause.XML_NOT_WELL_FORMED: Row(500, _BACK_OFF),
        Cause.ACK_REFUSED: Row(500, _BACK_OFF),
        Cause.DOWNGRADE_WEBCLIENT: Row(411, _STOP),
        Cause.STREAM_ERROR: Row(500, _BACK_OFF),
        Cause.LOGIN_FAILED: Row(500, _BACK_OFF),
        Cause.GENERIC_FAILURE: Row(400, _BACK_OFF),
        Cause.LOGGED_OUT: Row(401, _RELINK),
        Cause.TEMPORARY_BAN: Row(402, _STOP),
        Cause.MAIN_DEVICE_GONE: Row(403, _RELINK),
        Cause.CLIENT_OUTDATED: Row(405, NextAction.REFRESH_VERSION),
        Cause.BANNED: Row(406, _STOP),
        Cause.BAD_USER_AGENT: Row(409, _STOP),
        Cause.CAT_EXPIRED: Row(413, _STOP),
        Cause.CAT_INVALID: Row(414, _STOP),
        Cause.ACCOUNT_NOT_FOUND: Row(415, _STOP),
        Cause.CLIENT_UNKNOWN: Row(418, _STOP),
        Cause.SERVER_FAILED: Row(500, _BACK_OFF),
        Cause.EXPERIMENTAL: Row(501, _BACK_OFF),
        Cause.UNAVAILABLE: Row(503, _BACK_OFF),
    }
)
"""Every cause, with its code and what follows."""

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectInfo:
    """How a connection ended.

    `code` is the number on the wire, or the cause's own when the wire names none. `text` is one sentence for people.
    `details` are the attributes of the stanza that ended it (`location`, `expire`, `code`, `message`, …) or what the
    network told (`status`, `close_code`). `raw` is that stanza as XML, empty when there was none. `retry_after` is how
    many seconds the server asks to stay away.
    """

    cause: Cause
    code: int
    text: str
    details: Mapping[str, str] = _NOTHING
    raw: str = ""
    retry_after: float | None = None

    @property
    def reason(self) -> DisconnectReason | None:
        """The member whose value `code` is; None for a code that has no member."""
        return _REASONS.get(self.code)


_REASONS: Final = {int(reason): reason for reason in DisconnectReason}

Overrides: TypeAlias = "Mapping[Cause | int, NextAction]"


def _check_overrides(overrides: Overrides) -> None:
    for key, action in overrides.items():
        if not isinstance(key, Cause | int) or not isinstance(action, NextAction):
            raise TypeError(f"a policy row maps a Cause or a code to a NextAction, not {key!r} to {action!r}")


@dataclass(frozen=True, slots=True)
class Policy:
    """What follows a disconnect: the table above, with `overrides` by cause, by `DisconnectReason` or by any code.

    A row for a cause wins over a row for its code.
    """

    overrides: Overrides = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_overrides(self.overrides)

    def action(self, info: DisconnectInfo) -> NextAction:
        """The next action after this disconnect."""
        by_cause = self.overrides.get(info.cause)
        return by_cause or self.overrides.get(info.code) or ROWS[info.cause].action
