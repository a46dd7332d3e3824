"""What became of sent messages: delivered, read, played, by whom and when."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, TypeAlias

from motte.errors import Disconnected
from motte.model.jid import Jid
from motte.model.receipt import Receipt, ReceiptKind
from motte.store.cache import Lru

REMEMBERED: Final = 4096
"""Sent messages whose first receipts are remembered."""
REMEMBERED_BY_PERSON: Final = 256
"""Sent messages of which it is remembered who has received and read them: in a large group these are many."""
_REACHED: Final = {
    ReceiptKind.DELIVERED: (ReceiptKind.DELIVERED,),
    ReceiptKind.INACTIVE: (ReceiptKind.DELIVERED,),
    ReceiptKind.READ: (ReceiptKind.DELIVERED, ReceiptKind.READ),
    ReceiptKind.PLAYED: (ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.PLAYED),
}
"""What a receipt proves: who has read a message has received it."""


_Question: TypeAlias = tuple[ReceiptKind, Jid | None]
"""A kind of receipt, by one person or (None) by anybody."""


class Tracker:
    """Receipts by message id, also those that came before anybody asked."""

    def __init__(self) -> None:
        self._first: Lru[dict[ReceiptKind, Receipt]] = Lru(REMEMBERED)
        self._people: Lru[dict[ReceiptKind, dict[Jid, Receipt]]] = Lru(REMEMBERED_BY_PERSON)
        self._waiting: dict[str, dict[_Question, asyncio.Future[Receipt]]] = {}

    def note(self, receipt: Receipt) -> None:
        """A receipt of somebody else came."""
        if receipt.by_me:
            return
        for message_id in receipt.ids:
            for kind in _REACHED.get(receipt.kind, ()):
                self._note(message_id, kind, receipt)

    def _note(self, message_id: str, kind: ReceiptKind, receipt: Receipt) -> None:
        person = receipt.sender.user_jid
        first, people = self._first.get(message_id, {}), self._people.get(message_id, {})
        self._first.put(message_id, first)
        self._people.put(message_id, people)
        first.setdefault(kind, receipt)
        people.setdefault(kind, {}).setdefault(person, receipt)
        waiting = self._waiting.get(message_id, {})
        for question in ((kind, None), (kind, person)):
            future = waiting.pop(question, None)
            if future is not None and not future.done():
                future.set_result(receipt)
        if not waiting:
            self._waiting.pop(message_id, None)

    async def wait(self, message_id: str, kind: ReceiptKind, by: Jid | None = None) -> Receipt:
        """The first receipt that proves `kind` (`DELIVERED`, `READ` or `PLAYED`) for a message.

        `by` waits for that of one person, named as the chat names people.

        Raises:
            Disconnected: the client was closed while waiting.
        """
        person = by.user_jid if by is not None else None
        known = (
            self._first.get(message_id, {}).get(kind) if person is None else self.so_far(message_id, kind).get(person)
        )
        if known is not None:
            return known
        waiting = self._waiting.setdefault(message_id, {})
        if (kind, person) not in waiting:
            waiting[kind, person] = asyncio.get_running_loop().create_future()
        # Shielded, since several may wait for one receipt: who gives up takes it from nobody else.
        return await asyncio.shield(waiting[kind, person])

    def so_far(self, message_id: str, kind: ReceiptKind) -> Mapping[Jid, Receipt]:
        """Who has proved `kind` for a message until now, each with the first receipt that does."""
        return dict(self._people.get(message_id, {}).get(kind, {}))

    def close(self) -> None:
        """The client closes: nobody hears anything any more."""
        waiting, self._waiting = self._waiting, {}
        for future in (future for questions in waiting.values() for future in questions.values()):
            if not future.done():
                future.set_exception(Disconnected("the client was closed before the receipt came"))
                future.exception()  # it counts as seen, also when who waited has given up
