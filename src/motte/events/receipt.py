"""What becomes of messages after they were sent."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from motte.events.base import Event
from motte.model.receipt import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptReceived(Event):
    """Somebody received, read or played messages; or an own device did so with those of others (`by_me`)."""

    receipt: Receipt

    @property
    def lane(self) -> Hashable:
        """In the order of the chat."""
        return self.receipt.chat
