"""Linking this device to a phone."""

from __future__ import annotations

from dataclasses import dataclass, field

from motte.errors import PasskeyError
from motte.events.base import Event
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode(Event):
    """A QR code to scan with the phone: draw `text`.

    It is number `index` (from 0) of `total` and gives way to the next after `expires_in` seconds.
    """

    text: str
    index: int
    total: int
    expires_in: float


@dataclass(frozen=True, slots=True, kw_only=True)
class QrExpired(Event):
    """The last QR code ran out without being scanned; a `Disconnected` follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingCode(Event):
    """Eight characters to type into the phone (Linked devices → Link with phone number), good for `expires_in` s."""

    code: str
    expires_in: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyChallenge(Event):
    """The account is protected by a passkey: answer within `expires_in` seconds with `client.pairing.submit_passkey`.

    `options` is the JSON that a browser takes, by `PublicKeyCredential.parseRequestOptionsFromJSON(options)` and
    `navigator.credentials.get({publicKey: …})`, and Android's credential manager as it is. The other fields are what it
    says: the challenge, whom it is for (`whatsapp.com`), the credentials that may answer (empty: any of that site) and
    whether the person must be verified (`required`, `preferred` or `discouraged`).
    """

    options: str
    challenge: bytes = field(repr=False)
    rp_id: str | None
    allow_credentials: tuple[bytes, ...]
    user_verification: str
    expires_in: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyCode(Event):
    """The passkey was accepted. With `compare`, the phone shows a code, too: call `client.pairing.confirm_passkey()`
    when it is this one.

    Without `compare` the QR code has proved already that this is the device in front of the person, and linking goes on
    by itself.
    """

    code: str
    compare: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyFailed(Event):
    """Linking with a passkey came to nothing; a `Disconnected` follows, unless another assertion may still be sent."""

    error: PasskeyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired(Event):
    """The phone linked this device: its new addresses, the phone's platform, and the name of a business account.

    The server restarts the connection now; `Connected` follows.
    """

    jid: Jid
    lid: Jid | None
    platform: str
    business_name: str | None = None
