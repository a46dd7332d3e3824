"""What happens, as frozen values; one module per domain, all of them here by name."""

from motte.events.account import (
    AppStateKeysReceived,
    DevicesChanged,
    HistoryAnnounced,
    IdentityChanged,
    OfflineDone,
)
from motte.events.addon import (
    AddOn,
    CommentReceived,
    EphemeralChanged,
    EventResponded,
    MessageEdited,
    MessageKept,
    MessagePinned,
    MessageRevoked,
    PollVoted,
    ReactionChanged,
)
from motte.events.appstate import AppStateChanged, AppStateFailed, AppStateSynced
from motte.events.base import Event
from motte.events.call import CallReceived
from motte.events.connection import Connected, Connecting, Disconnected, Settled
from motte.events.group import GroupChanged
from motte.events.history import HistoryAccess, HistoryDone, HistoryFailed, HistoryMessage, HistoryReceived
from motte.events.message import MessageForged, MessageReceived, MessageSent, MessageUndecryptable
from motte.events.notification import (
    BusinessChanged,
    ContactChanged,
    ContactLidChanged,
    ContactNumberChanged,
    ContactSyncRequested,
    ContactTimerChanged,
    MessageCapping,
    MexUpdated,
    NoticeReceived,
    OwnProfileChanged,
    ReachoutLimited,
    UnknownNotification,
    UsernameChanged,
)
from motte.events.pairing import (
    Paired,
    PairingCode,
    PasskeyChallenge,
    PasskeyCode,
    PasskeyFailed,
    QrCode,
    QrExpired,
)
from motte.events.picture import PictureChanged
from motte.events.presence import ChatStateChanged, PresenceChanged
from motte.events.privacy import BlocklistChanged, PrivacyChanged
from motte.events.profile import AboutChanged, DefaultTimerChanged
from motte.events.receipt import ReceiptReceived

__all__ = [
    "AboutChanged",
    "AddOn",
    "AppStateChanged",
    "AppStateFailed",
    "AppStateKeysReceived",
    "AppStateSynced",
    "BlocklistChanged",
    "BusinessChanged",
    "CallReceived",
    "ChatStateChanged",
    "CommentReceived",
    "Connected",
    "Connecting",
    "ContactChanged",
    "ContactLidChanged",
    "ContactNumberChanged",
    "ContactSyncRequested",
    "ContactTimerChanged",
    "DefaultTimerChanged",
    "DevicesChanged",
    "Disconnected",
    "EphemeralChanged",
    "Event",
    "EventResponded",
    "GroupChanged",
    "HistoryAccess",
    "HistoryAnnounced",
    "HistoryDone",
    "HistoryFailed",
    "HistoryMessage",
    "HistoryReceived",
    "IdentityChanged",
    "MessageCapping",
    "MessageEdited",
    "MessageForged",
    "MessageKept",
    "MessagePinned",
    "MessageReceived",
    "MessageRevoked",
    "MessageSent",
    "MessageUndecryptable",
    "MexUpdated",
    "NoticeReceived",
    "OfflineDone",
    "OwnProfileChanged",
    "Paired",
    "PairingCode",
    "PasskeyChallenge",
    "PasskeyCode",
    "PasskeyFailed",
    "PictureChanged",
    "PollVoted",
    "PresenceChanged",
    "PrivacyChanged",
    "QrCode",
    "QrExpired",
    "ReachoutLimited",
    "ReactionChanged",
    "ReceiptReceived",
    "Settled",
    "UnknownNotification",
    "UsernameChanged",
]
