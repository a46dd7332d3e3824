"""What happens to identities, keys and the account itself."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from motte.events.base import Event
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChanged(Event):
    """A device shows another identity key than before: its owner set WhatsApp up anew, or somebody is in between.

    Messages go on (trust on first use); compare safety numbers with the person if it matters.
    """

    device: Jid

    @property
    def lane(self) -> Hashable:
        """In the order of the person's messages."""
        return self.device.user_jid


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesChanged(Event):
    """A person linked or unlinked devices; messages reach the right ones from now on."""

    user: Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineDone(Event):
    """Everything that waited on the server is delivered; `count` stanzas came. What follows is live."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppStateKeysReceived(Event):
    """The phone shared keys of the app state; `count` were stored."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryAnnounced(Event):
    """The phone offers a part of the history: its type and how far along it is, in percent.

    `notification` is the serialised HistorySyncNotification, with the key of the chunk's file.
    """

    kind: str
    progress: int | None
    notification: bytes = field(repr=False)
