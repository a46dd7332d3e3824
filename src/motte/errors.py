"""Every error that motte raises, in one tree that says whose fault it is.

    MotteError
    ├── LocalProtocolError        the caller asked for something that cannot be (bad JID, not logged in, wrong state)
    │   ├── InvalidJid
    │   └── NotLoggedIn
    ├── RemoteProtocolError       bytes from outside that break the protocol
    │   ├── HandshakeError        Noise: which step or which certificate check failed
    │   ├── PairingError          an ADV signature or HMAC that does not verify
    │   ├── MediaError            a file that is not the one its message names: MAC, hash, size
    │   ├── HistoryError          a chunk of history that cannot be read
    │   ├── AppStateError         a collection of the account's state that does not verify
    │   │   └── AppStateKeyMissing
    │   └── SignalError           a message that the Signal machinery refuses
    │       ├── NoSession  ├── InvalidMessage  ├── DuplicateMessage
    │       ├── InvalidSignature  ├── UntrustedIdentity  ├── InvalidPreKeyId
    │       └── InvalidKey
    ├── PasskeyError              linking with a passkey: what became of it
    │   ├── PasskeyRefused  ├── PasskeyExpired  ├── PasskeyDeclined
    │   └── PasskeyUnsupported
    ├── ServerError(code, text)   the server's answer to a request was an error; one class per known code
    │   ├── BadRequest 400 ├── NotAuthorized 401 ├── Forbidden 403 ├── ItemNotFound 404 ├── NotAllowed 405
    │   ├── NotAcceptable 406 ├── Conflict 409 ├── Gone 410 ├── RateLimited 429 ├── InternalServerError 500
    │   ├── FeatureNotImplemented 501 ├── ServiceUnavailable 503
    │   └── UnknownServerError    any other code
    ├── SendRejected(code, hint)  the server's ack of a message carried an error
    ├── MediaUnavailable          the media servers lost a file, and the phone did not upload it again
    ├── ImportFailed              a session that cannot be taken over: which file, and what is wrong with it
    ├── StoreError                the database
    │   ├── StoreTooNew  ├── StoreCorrupt  ├── StoreInUse
    │   └── ArchiveError          the archive: which file, and what is wrong with it
    ├── TransportError            the network: refused, reset, TLS, an HTTP answer instead of a WebSocket
    ├── RequestTimeout            a request was not answered in time; the connection stays open
    └── Disconnected              the connection closed under a request, or is not open

No error carries a key, a secret or the text of a message.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class MotteError(Exception):
    """Base of everything that motte raises on purpose."""


class LocalProtocolError(MotteError):
    """The caller asked for something that the protocol does not allow now."""


class InvalidJid(LocalProtocolError, ValueError):
    """A text that is not a JID, or a JID of the wrong kind for the call."""


class NotLoggedIn(LocalProtocolError):
    """The call needs a linked account and an open connection."""


class RemoteProtocolError(MotteError):
    """Bytes or stanzas from outside that break the protocol.

    `path` names the place inside the stanza (`iq/pair-success/device@jid`), when there is one.
    """

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


class HandshakeError(RemoteProtocolError):
    """The Noise handshake failed; `check` names the step or the certificate check that refused."""

    def __init__(self, check: str, message: str) -> None:
        super().__init__(f"{check}: {message}")
        self.check = check


class PairingError(RemoteProtocolError):
    """The phone's answer at pairing does not verify (ADV HMAC or signature), or lacks a part."""


class MediaError(RemoteProtocolError):
    """A file is not the one that its message names; `check` says what was wrong (`mac`, `size`, `file_sha256`, …)."""

    def __init__(self, check: str, message: str) -> None:
        super().__init__(message)
        self.check = check


class HistoryError(RemoteProtocolError):
    """A chunk of history cannot be read; `check` says what was wrong: `inflate`, `size`, `format` or `count`."""

    def __init__(self, check: str, message: str) -> None:
        super().__init__(message)
        self.check = check


class AppStateError(RemoteProtocolError):
    """A patch or a snapshot of a collection does not verify, or cannot be.

    `collection` is its name; `check` says what was wrong: `patch_mac`, `snapshot_mac`, `value_mac`, `index_mac`,
    `version`, `size`, `format`, `keys`, `terminal`, `server`.
    """

    def __init__(self, collection: str, check: str, message: str) -> None:
        super().__init__(f"the app state {collection}: {message}")
        self.collection = collection
        self.check = check


class AppStateKeyMissing(AppStateError):
    """A collection is encrypted with keys that the account's phone has not shared yet; `key_ids` names them."""

    def __init__(self, collection: str, key_ids: Iterable[bytes]) -> None:
        self.key_ids = tuple(sorted(key_ids))
        super().__init__(collection, "keys", f"{len(self.key_ids)} keys are missing")


class SignalError(RemoteProtocolError):
    """A Signal message, bundle or record that the Signal machinery refuses."""


class NoSession(SignalError):
    """No session (or sender key) matches the message."""


class InvalidMessage(SignalError):
    """Malformed, of an unknown version, or with a MAC that does not verify."""


class DuplicateMessage(SignalError):
    """The message's key was used before: it was received already."""


class InvalidSignature(SignalError):
    """A prekey or sender-key signature does not verify."""


class InvalidKey(SignalError):
    """A public key of the wrong size, or of low order."""


class UntrustedIdentity(SignalError):
    """The peer's identity key differs from the stored one."""


class InvalidPreKeyId(SignalError):
    """The message names a prekey or signed prekey that is not in the store."""


class PasskeyError(MotteError):
    """The account asks for a passkey before it links a device, and that came to nothing."""


class PasskeyRefused(PasskeyError):
    """The server does not accept the assertion: another passkey than the account's, or another challenge."""


class PasskeyExpired(PasskeyError):
    """The challenge's time was over before an assertion came."""


class PasskeyDeclined(PasskeyError):
    """The program declined to answer the challenge."""


class PasskeyUnsupported(PasskeyError):
    """The challenge, or what the phone said after it, is not of a form that this version knows."""


class ServerError(MotteError):
    """The server answered a request with `<error code text/>`.

    Args:
        code: the number on the wire.
        text: the server's word for it, may be empty.
        raw: the whole answer, for diagnosis.
    """

    CODE: ClassVar[int | None] = None
    _by_code: ClassVar[dict[int, type[ServerError]]] = {}

    def __init__(self, code: int, text: str = "", raw: object = None) -> None:
        super().__init__(f"the server answered {code}{f' ({text})' if text else ''}")
        self.code = code
        self.text = text
        self.raw = raw

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.CODE is not None:
            ServerError._by_code[cls.CODE] = cls

    @staticmethod
    def of(code: int, text: str = "", raw: object = None) -> ServerError:
        """The error of the class that belongs to `code`, or `UnknownServerError`."""
        return ServerError._by_code.get(code, UnknownServerError)(code, text, raw)


class UnknownServerError(ServerError):
    """A code that has no class of its own; `code`, `text` and `raw` keep the answer."""


class BadRequest(ServerError):
    """400: the server could not make sense of the request."""

    CODE = 400


class NotAuthorized(ServerError):
    """401: not allowed for this account, or the target hides it."""

    CODE = 401


class Forbidden(ServerError):
    """403: the account may not do this (not an admin, not a member)."""

    CODE = 403


class ItemNotFound(ServerError):
    """404: there is no such thing."""

    CODE = 404


class NotAllowed(ServerError):
    """405: the thing cannot be changed in this way."""

    CODE = 405


class NotAcceptable(ServerError):
    """406: a value is not acceptable (too long, wrong kind)."""

    CODE = 406


class Conflict(ServerError):
    """409: somebody changed it in the meantime, or it exists already."""

    CODE = 409


class Gone(ServerError):
    """410: it existed and is gone (an invite that was revoked)."""

    CODE = 410


class RateLimited(ServerError):
    """429: too many requests of this kind; back off."""

    CODE = 429


class InternalServerError(ServerError):
    """500: the server failed."""

    CODE = 500


class FeatureNotImplemented(ServerError):
    """501: the server does not know this request."""

    CODE = 501


class ServiceUnavailable(ServerError):
    """503: the server cannot answer now; retry with back-off."""

    CODE = 503


class SendRejected(MotteError):
    """The server refused a message: its ack carried an error code.

    `code` is the number, `hint` one sentence on what it means and what to do.
    """

    def __init__(self, code: int, hint: str, *, message_id: str = "") -> None:
        super().__init__(f"the server rejected the message with {code}: {hint}")
        self.code = code
        self.hint = hint
        self.message_id = message_id


class MediaUnavailable(MotteError):
    """The media servers do not have a file any more, and it did not come back.

    `reason` is `expired` when nobody was asked, else what the phone answered: `not_found`, `general_error` and so on.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ImportFailed(MotteError):
    """A session cannot be taken over, and nothing was written.

    `file` names what is wrong, `problem` says how; `advice`, which may be empty, what can be done.
    """

    def __init__(self, file: str, problem: str, advice: str = "") -> None:
        super().__init__(f"cannot import {file}: {problem}" + (f"; {advice}" if advice else ""))
        self.file = file
        self.problem = problem
        self.advice = advice


class StoreError(MotteError):
    """The database failed or does not fit."""


class StoreTooNew(StoreError):
    """The database was written by a newer version of motte."""


class StoreCorrupt(StoreError):
    """A stored value cannot be read back."""


class StoreInUse(StoreError):
    """Another client, here or in another process, has this session open."""


class ArchiveError(StoreError):
    """The archive cannot be opened, read or written; the message names the file, and never what was to be written."""


class TransportError(MotteError):
    """The network below failed.

    `kind` is one of `refused`, `dns`, `tls`, `http`, `reset`, `timeout`, `closed`, `other`;
    `status` is the HTTP status when the server answered the WebSocket upgrade with one.
    """

    def __init__(self, kind: str, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


class RequestTimeout(MotteError):
    """A request was not answered in time. The connection stays open."""


class Disconnected(MotteError):
    """The connection closed while the call waited, or it is not open.

    `code` and `cause` say why, as in `events.Disconnected`; None when the connection was not open at all.
    """

    def __init__(self, message: str, *, code: int | None = None, cause: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.cause = cause
