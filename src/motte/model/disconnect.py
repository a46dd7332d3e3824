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
from enum import IntEnum, StrEnum, auto, unique
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias


class DisconnectReason(IntEnum):
    """Baileys' reasons. 408 has two names there and so it has here: they are one member, `Cause` tells them apart."""

    BAD_SESSION = 500
    CONNECTION_CLOSED = 428
    TIMED_OUT = 408
    CONNECTION_LOST = 408
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

    RECONNECT_NOW = auto()
    BACK_OFF = auto()
    REFRESH_VERSION = auto()
    """Look up the current client version, then reconnect; once."""
    STOP = auto()
    RELINK = auto()
    """Stop; the stored session is of no use any more, the device must be linked again."""


@unique
class Cause(StrEnum):
    """What exactly ended a connection."""

    CLOSED_LOCALLY = auto()
    LOGGED_OUT_LOCALLY = auto()

    CONNECT_TIMEOUT = auto()
    CONNECTION_REFUSED = auto()
    NAME_NOT_RESOLVED = auto()
    TLS_FAILED = auto()
    HTTP_STATUS = auto()
    NETWORK_ERROR = auto()
    WEBSOCKET_CLOSED = auto()

    HANDSHAKE_TIMEOUT = auto()
    HANDSHAKE_FAILED = auto()
    LOGIN_TIMEOUT = auto()
    CERTIFICATE_REFUSED = auto()
    PROTOCOL_ERROR = auto()
    KEEPALIVE_LOST = auto()

    QR_REFS_USED_UP = auto()
    PAIRING_REFUSED = auto()
    RESTART_AFTER_PAIRING = auto()

    STREAM_ENDED = auto()
    SERVER_RESTART = auto()
    REPLACED = auto()
    CONFLICT = auto()
    DEVICE_REMOVED = auto()
    XML_NOT_WELL_FORMED = auto()
    ACK_REFUSED = auto()
    DOWNGRADE_WEBCLIENT = auto()
    STREAM_ERROR = auto()

    LOGIN_FAILED = auto()
    GENERIC_FAILURE = auto()
    LOGGED_OUT = auto()
    TEMPORARY_BAN = auto()
    MAIN_DEVICE_GONE = auto()
    CLIENT_OUTDATED = auto()
    BANNED = auto()
    BAD_USER_AGENT = auto()
    CAT_EXPIRED = auto()
    CAT_INVALID = auto()
    ACCOUNT_NOT_FOUND = auto()
    CLIENT_UNKNOWN = auto()
    SERVER_FAILED = auto()
    EXPERIMENTAL = auto()
    UNAVAILABLE = auto()


class Row(NamedTuple):
    """What belongs to a cause: its code when the wire names none, what happens next, and the sentence for people."""

    code: int
    action: NextAction
    text: str


_NOW, _BACK_OFF, _STOP, _RELINK = (
    NextAction.RECONNECT_NOW,
    NextAction.BACK_OFF,
    NextAction.STOP,
    NextAction.RELINK,
)

ROWS: Final[Mapping[Cause, Row]] = MappingProxyType(
    {
        Cause.CLOSED_LOCALLY: Row(428, _STOP, "closed by this program"),
        Cause.LOGGED_OUT_LOCALLY: Row(401, _RELINK, "logged out by this program"),
        Cause.CONNECT_TIMEOUT: Row(408, _BACK_OFF, "the server could not be reached in time"),
        Cause.CONNECTION_REFUSED: Row(408, _BACK_OFF, "the server refused the connection"),
        Cause.NAME_NOT_RESOLVED: Row(408, _BACK_OFF, "the server's name could not be resolved"),
        # A captive portal breaks TLS for an hour; the check stays on, so trying again is safe.
        Cause.TLS_FAILED: Row(500, _BACK_OFF, "TLS failed"),
        # A web front end's 401 or 403 says nothing about the account, so its status is never used as the code.
        Cause.HTTP_STATUS: Row(503, _BACK_OFF, "the server answered with HTTP instead of a WebSocket"),
        Cause.NETWORK_ERROR: Row(408, _BACK_OFF, "the network failed"),
        Cause.WEBSOCKET_CLOSED: Row(428, _BACK_OFF, "the WebSocket closed"),
        Cause.HANDSHAKE_TIMEOUT: Row(408, _BACK_OFF, "the server did not answer the handshake in time"),
        Cause.LOGIN_TIMEOUT: Row(408, _BACK_OFF, "the server did not answer the login in time"),
        Cause.HANDSHAKE_FAILED: Row(500, _BACK_OFF, "the handshake failed"),
        Cause.CERTIFICATE_REFUSED: Row(400, _STOP, "the server's certificate was refused"),
        Cause.PROTOCOL_ERROR: Row(500, _BACK_OFF, "the server broke the protocol"),
        Cause.KEEPALIVE_LOST: Row(408, _BACK_OFF, "nothing was heard from the server"),
        # Nobody is looking: fresh codes for ever would only be noise at the server.
        Cause.QR_REFS_USED_UP: Row(408, _STOP, "no QR code was scanned in time"),
        Cause.PAIRING_REFUSED: Row(500, _STOP, "the phone's answer at pairing did not verify"),
        Cause.RESTART_AFTER_PAIRING: Row(515, _NOW, "restart after pairing"),
        Cause.STREAM_ENDED: Row(428, _BACK_OFF, "the server ended the stream"),
        Cause.SERVER_RESTART: Row(515, _NOW, "the server asked for a restart"),
        # Reconnecting would throw out the other client, which would throw out this one.
        Cause.REPLACED: Row(440, _STOP, "another client took over this session"),
        Cause.CONFLICT: Row(440, _STOP, "a conflict with another client"),
        Cause.DEVICE_REMOVED: Row(401, _RELINK, "the device was unlinked"),
        Cause.XML_NOT_WELL_FORMED: Row(500, _BACK_OFF, "the server could not read a stanza"),
        Cause.ACK_REFUSED: Row(500, _BACK_OFF, "the server objected to an acknowledgement"),
        Cause.DOWNGRADE_WEBCLIENT: Row(411, _STOP, "the account does not use multi-device"),
        Cause.STREAM_ERROR: Row(500, _BACK_OFF, "stream error"),
        Cause.LOGIN_FAILED: Row(500, _BACK_OFF, "the server refused the login"),
        Cause.GENERIC_FAILURE: Row(400, _BACK_OFF, "the server refused the login without a reason"),
        Cause.LOGGED_OUT: Row(401, _RELINK, "logged out"),
        Cause.TEMPORARY_BAN: Row(402, _STOP, "banned for some time"),
        Cause.MAIN_DEVICE_GONE: Row(403, _RELINK, "the phone is gone or the account is locked"),
        Cause.CLIENT_OUTDATED: Row(405, NextAction.REFRESH_VERSION, "the client version is outdated"),
        Cause.BANNED: Row(406, _STOP, "banned"),
        Cause.BAD_USER_AGENT: Row(409, _STOP, "the user agent was refused"),
        Cause.CAT_EXPIRED: Row(413, _STOP, "the authentication token expired"),
        Cause.CAT_INVALID: Row(414, _STOP, "the authentication token is invalid"),
        Cause.ACCOUNT_NOT_FOUND: Row(415, _STOP, "the account was not found"),
        Cause.CLIENT_UNKNOWN: Row(418, _STOP, "the client is unknown"),
        Cause.SERVER_FAILED: Row(500, _BACK_OFF, "the server failed"),
        Cause.EXPERIMENTAL: Row(501, _BACK_OFF, "experimental failure"),
        Cause.UNAVAILABLE: Row(503, _BACK_OFF, "the service is unavailable"),
    }
)
"""Every cause."""


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
    details: Mapping[str, str] = field(default_factory=dict)
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
