"""What became of sent messages: delivered, read, played, by whom and when."""

from __future__ import annotations

import asyncio
from typing import Final

from motte.model.receipt import Receipt, ReceiptKind
from motte.store.cache import Lru

REMEMBERED: Final = 4096
"""Sent messages whose receipts are remembered."""
_REACHED: Final = {
    ReceiptKind.DELIVERED: (ReceiptKind.DELIVERED,),
    ReceiptKind.INACTIVE: (ReceiptKind.DELIVERED,),
    ReceiptKind.READ: (ReceiptKind.DELIVERED, ReceiptKind.READ),
    ReceiptKind.PLAYED: (ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.PLAYED),
}
"""What a receipt proves: who has read a message has received it."""


class Tracker:
    """Receipts by message id, also those that came before anybody asked."""

    def __init__(self) -> None:
        self._states: Lru[dict[ReceiptKind, asyncio.Future[Receipt]]] = Lru(REMEMBERED)

    def note(self, receipt: Receipt) -> None:
        """A receipt of somebody else came."""
        if receipt.by_me:
            return
        for message_id in receipt.ids:
            for kind in _REACHED.get(receipt.kind, ()):
                future = self._future(message_id, kind)
                if not future.done():
                    future.set_result(receipt)

    async def wait(self, message_id: str, kind: ReceiptKind) -> Receipt:
        """The first receipt that proves `kind` (`DELIVERED`, `READ` or `PLAYED`) for a message."""
        return await asyncio.shield(self._future(message_id, kind))

    def _future(self, message_id: str, kind: ReceiptKind) -> asyncio.Future[Receipt]:
        state = self._states.get(message_id, {})
        self._states.put(message_id, state)
        return state.setdefault(kind, asyncio.get_running_loop().create_future())
