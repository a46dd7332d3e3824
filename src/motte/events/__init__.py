"""What happens, as frozen values; one module per domain, all of them here by name."""

from motte.events.account import (
    AppStateKeysReceived,
    DevicesChanged,
    HistoryAnnounced,
    IdentityChanged,
    NotificationReceived,
    OfflineDone,
)
from motte.events.base import Event
from motte.events.call import CallReceived
from motte.events.connection import Connected, Connecting, Disconnected, Settled
from motte.events.group import GroupChanged
from motte.events.message import MessageForged, MessageReceived, MessageUndecryptable
from motte.events.pairing import Paired, PairingCode, QrCode, QrExpired
from motte.events.presence import ChatStateChanged, PresenceChanged
from motte.events.receipt import ReceiptReceived

__all__ = [
    "AppStateKeysReceived",
    "CallReceived",
    "ChatStateChanged",
    "Connected",
    "Connecting",
    "DevicesChanged",
    "Disconnected",
    "Event",
    "GroupChanged",
    "HistoryAnnounced",
    "IdentityChanged",
    "MessageForged",
    "MessageReceived",
    "MessageUndecryptable",
    "NotificationReceived",
    "OfflineDone",
    "Paired",
    "PairingCode",
    "PresenceChanged",
    "QrCode",
    "QrExpired",
    "ReceiptReceived",
    "Settled",
]
