"""What became of sent messages: delivered, read, played, by whom and when."""

from __future__ import annotations

import asyncio
from typing import Final

from motte.errors import Disconnected
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
        self._known: Lru[dict[ReceiptKind, Receipt]] = Lru(REMEMBERED)
        self._waiting: dict[tuple[str, ReceiptKind], asyncio.Future[Receipt]] = {}

    def note(self, receipt: Receipt) -> None:
        """A receipt of somebody else came."""
        if receipt.by_me:
            return
        for message_id in receipt.ids:
            for kind in _REACHED.get(receipt.kind, ()):
                known = self._known.get(message_id, {})
                self._known.put(message_id, known)
                known.setdefault(kind, receipt)
                waiting = self._waiting.pop((message_id, kind), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(receipt)

    async def wait(self, message_id: str, kind: ReceiptKind) -> Receipt:
        """The first receipt that proves `kind` (`DELIVERED`, `READ` or `PLAYED`) for a message.

        Raises:
            Disconnected: the client was closed while waiting.
        """
        known = self._known.get(message_id, {}).get(kind)
        if known is not None:
            return known
        key = (message_id, kind)
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        # Shielded, since several may wait for one receipt: who gives up takes it from nobody else.
        return await asyncio.shield(self._waiting[key])

    def close(self) -> None:
        """The client closes: nobody hears anything any more."""
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(Disconnected("the client was closed before the receipt came"))
                future.exception()  # it counts as seen, also when who waited has given up
