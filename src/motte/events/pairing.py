"""Linking this device to a phone."""

from __future__ import annotations

from dataclasses import dataclass

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
class Paired(Event):
    """The phone linked this device: its new addresses, the phone's platform, and the name of a business account.

    The server restarts the connection now; `Connected` follows.
    """

    jid: Jid
    lid: Jid | None
    platform: str
    business_name: str | None = None
