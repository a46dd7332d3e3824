"""What a command ends with: a number for scripts, one sentence for people.

Two tables: an error's class gives the number, the cause of a disconnect the number and the next step.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple

from motte import errors
from motte.model.disconnect import Cause, DisconnectInfo


class Exit(IntEnum):
    """The exit codes of `motte`."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    NOT_LINKED = 3
    LOGGED_OUT = 4
    NETWORK = 5
    STORE = 6
    REJECTED = 7
    INTERRUPTED = 130


MEANING: Final[Mapping[Exit, str]] = {
    Exit.OK: "done",
    Exit.FAILURE: "failed",
    Exit.USAGE: "wrong usage",
    Exit.NOT_LINKED: "no account is linked",
    Exit.LOGGED_OUT: "unlinked by the phone",
    Exit.NETWORK: "network or time-out",
    Exit.STORE: "the database",
    Exit.REJECTED: "the server rejected the message",
    Exit.INTERRUPTED: "interrupted",
}


class CliError(errors.MotteError):
    """A command cannot go on; its text is the whole sentence."""

    def __init__(self, sentence: str, code: Exit = Exit.FAILURE) -> None:
        super().__init__(sentence)
        self.code = code


class Failure(NamedTuple):
    """The number and the sentence of an error."""

    code: Exit
    sentence: str


class _Ending(NamedTuple):
    code: Exit
    next_step: str


_RELINK: Final = _Ending(Exit.LOGGED_OUT, "Run `motte login` to link it again")
_BY_CAUSE: Final[Mapping[Cause, _Ending]] = {
    Cause.CONNECTION_REFUSED: _Ending(Exit.NETWORK, "Check that the server runs, and --url"),
    Cause.NAME_NOT_RESOLVED: _Ending(Exit.NETWORK, "Check --url and the network"),
    Cause.TLS_FAILED: _Ending(Exit.NETWORK, 'Check --ca-file; a local server prints its own as "ca"'),
    Cause.HTTP_STATUS: _Ending(Exit.NETWORK, "Check --url; WhatsApp's ends in /ws/chat"),
    Cause.CERTIFICATE_REFUSED: _Ending(Exit.NETWORK, 'Check --root-key; a local server prints its own as "root_key"'),
    Cause.QR_REFS_USED_UP: _Ending(Exit.NETWORK, "Run `motte login` again when the phone is at hand"),
    Cause.PAIRING_REFUSED: _Ending(Exit.FAILURE, "Nothing was stored; run `motte login` again"),
    Cause.REPLACED: _Ending(Exit.FAILURE, "Stop the other program that uses this session"),
    Cause.CLIENT_OUTDATED: _Ending(Exit.FAILURE, "Update motte"),
    Cause.TEMPORARY_BAN: _Ending(Exit.FAILURE, "Wait, and send less"),
    Cause.BANNED: _Ending(Exit.FAILURE, "See on the phone what happened to the account"),
    Cause.LOGGED_OUT: _RELINK,
    Cause.LOGGED_OUT_LOCALLY: _RELINK,
    Cause.DEVICE_REMOVED: _RELINK,
    Cause.MAIN_DEVICE_GONE: _RELINK,
}
_UNREMARKABLE: Final = _Ending(Exit.NETWORK, "Try again later")

_BY_CLASS: Final[tuple[tuple[type[BaseException], Exit], ...]] = (
    (errors.NotLoggedIn, Exit.NOT_LINKED),
    (errors.LocalProtocolError, Exit.USAGE),
    (errors.SendRejected, Exit.REJECTED),
    (errors.StoreError, Exit.STORE),
    (errors.RequestTimeout, Exit.NETWORK),
    (errors.TransportError, Exit.NETWORK),
    (errors.Disconnected, Exit.NETWORK),
)


def failure(error: BaseException) -> Failure:
    """What `error` means on a command line."""
    if isinstance(error, CliError):
        return Failure(error.code, _sentence(str(error)))
    if isinstance(error, errors.Disconnected) and error.cause is not None:
        ending = _BY_CAUSE.get(Cause(error.cause), _UNREMARKABLE)
        return Failure(ending.code, f"{_sentence(str(error))} {ending.next_step}.")
    code = next((code for kind, code in _BY_CLASS if isinstance(error, kind)), Exit.FAILURE)
    return Failure(code, _sentence(str(error) or type(error).__name__))


def over(info: DisconnectInfo) -> errors.Disconnected:
    """The error of a connection that ended for good."""
    return errors.Disconnected(info.text, code=info.code, cause=info.cause.value)


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")
