"""What others, and the own other devices, report about messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from motte.model.jid import Jid


class ReceiptKind(StrEnum):
    """What a receipt reports. The values are the wire's `type`, except `DELIVERED`, which the wire leaves out."""

    DELIVERED = "delivered"
    INACTIVE = "inactive"
    """Delivered to a client that its user is not looking at."""
    SENDER = "sender"
    """An own device has received what another own device sent."""
    READ = "read"
    READ_SELF = "read-self"
    """Read on another own device, with read receipts turned off."""
    PLAYED = "played"
    PLAYED_SELF = "played-self"
    RETRY = "retry"
    """A device could not decrypt and asks for the message again."""
    SERVER_ERROR = "server-error"
    """Media could not be downloaded: the sender's phone is asked to upload them again."""
    PEER = "peer_msg"
    """An own device has received a message that only own devices exchange."""
    HISTORY = "hist_sync"
    """An own device has received a part of the history."""
    OTHER = "other"
    """A kind that this version does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`sender` reports `kind` for the messages `ids` of `chat`, at `timestamp` (unix seconds).

    `by_me` says that an own device reports: then a `READ` means that the messages of others were read elsewhere.
    """

    kind: ReceiptKind
    chat: Jid
    sender: Jid
    ids: tuple[str, ...]
    timestamp: int | None = None
    by_me: bool = False
