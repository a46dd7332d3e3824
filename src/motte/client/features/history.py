"""`client.history`: older messages, asked of the phone.

What the phone sends by itself to a new device comes as events (`motte.events.history`).
"""

from __future__ import annotations

from typing import Final

from motte.client.features.messages import SentMessage, Target, address
from motte.client.ports import Demanding
from motte.events.history import HistoryMessage, HistoryPage
from motte.events.message import MessageReceived
from motte.model.jid import Jid
from motte.model.key import MessageKey

COUNT: Final = 50
"""Messages that WhatsApp Web asks for at once."""
PATIENCE: Final = 60.0
"""Seconds that the phone has for its answer."""


class History:
    """Asks the phone, which must be online."""

    def __init__(self, demands: Demanding) -> None:
        self._demands = demands

    async def fetch(
        self, chat: Jid | str, *, before: Target | None = None, count: int = COUNT, timeout: float = PATIENCE
    ) -> HistoryPage:
        """Messages of a chat that are older than one of them, the oldest first.

        A `HistoryReceived` of the kind `ON_DEMAND` comes too. To go on, ask for those before `page.messages[0]`.

        Args:
            chat: a JID, its text, or a phone number with country code.
            before: the newest that is not wanted, best as the message itself: its time helps the phone to find it.
                Without it the newest of the chat are meant.
            count: how many; a phone may give fewer.
            timeout: seconds that the phone has for its answer.

        Raises:
            RequestTimeout: the phone did not answer.
            HistoryError, MediaError, MediaUnavailable: what it sent cannot be had or read.
            NoSession, SendRejected, NotLoggedIn, Disconnected: the phone could not be asked.
        """
        key, timestamp = _named(before)
        return await self._demands.fetch(address(chat), before=key, timestamp=timestamp, count=count, timeout=timeout)

    async def resend(self, key: MessageKey, *, timeout: float = PATIENCE) -> HistoryMessage:
        """A message that could not be decrypted here (`MessageUndecryptable`), as the phone keeps it.

        It also comes as a `MessageReceived` with `recovered` set. Raises like `fetch`.
        """
        return await self._demands.resend(key, timeout=timeout)


def _named(target: Target | None) -> tuple[MessageKey | None, int | None]:
    """The key of a message, and when it was sent, if that is known."""
    match target:
        case MessageReceived():
            return target.key, target.message.timestamp
        case SentMessage():
            return target.key, target.timestamp
        case _:
            return target, None
