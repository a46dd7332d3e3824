"""What became of sent messages: delivered, read, played, by whom and when.

What own devices report is kept apart: that one of them has its copy says nothing of the recipient, unless the message
was for oneself. Which chat it was is known to who asks; the receipts of some clients do not say.
"""

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
_REACHED_OWN: Final = {
    ReceiptKind.SENDER: (ReceiptKind.DELIVERED,),
    ReceiptKind.READ_SELF: (ReceiptKind.DELIVERED, ReceiptKind.READ),
    ReceiptKind.PLAYED_SELF: (ReceiptKind.DELIVERED, ReceiptKind.READ, ReceiptKind.PLAYED),
    **_REACHED,
}
"""The same of own devices."""


_Question: TypeAlias = tuple[ReceiptKind, Jid | None]
"""A kind of receipt, by one person or (None) by anybody."""


class Tracker:
    """Receipts by message id, also those that came before anybody asked."""

    def __init__(self) -> None:
        self._first: Lru[dict[ReceiptKind, Receipt]] = Lru(REMEMBERED)
        self._people: Lru[dict[ReceiptKind, dict[Jid, Receipt]]] = Lru(REMEMBERED_BY_PERSON)
        self._waiting: dict[str, dict[_Question, asyncio.Future[Receipt]]] = {}

    def note(self, receipt: Receipt) -> None:
        """A receipt came."""
        reached = _REACHED_OWN if receipt.by_me else _REACHED
        for message_id in receipt.ids:
            for kind in reached.get(receipt.kind, ()):
                self._note(_name(message_id, receipt.by_me), kind, receipt)

    def _note(self, name: str, kind: ReceiptKind, receipt: Receipt) -> None:
        person = receipt.sender.user_jid
        first, people = self._first.get(name, {}), self._people.get(name, {})
        self._first.put(name, first)
        self._people.put(name, people)
        first.setdefault(kind, receipt)
        people.setdefault(kind, {}).setdefault(person, receipt)
        waiting = self._waiting.get(name, {})
        for question in ((kind, None), (kind, person)):
            future = waiting.pop(question, None)
            if future is not None and not future.done():
                future.set_result(receipt)
        if not waiting:
            self._waiting.pop(name, None)

    async def wait(self, message_id: str, kind: ReceiptKind, by: Jid | None = None, *, own: bool = False) -> Receipt:
        """The first receipt that proves `kind` (`DELIVERED`, `READ` or `PLAYED`) for a message.

        `by` waits for that of one person, named as the chat names people; `own` for that of an own device.

        Raises:
            Disconnected: the client was closed while waiting.
        """
        person, name = by.user_jid if by is not None else None, _name(message_id, own)
        known = (
            self._first.get(name, {}).get(kind)
            if person is None
            else self._people.get(name, {}).get(kind, {}).get(person)
        )
        if known is not None:
            return known
        waiting = self._waiting.setdefault(name, {})
        if (kind, person) not in waiting:
            waiting[kind, person] = asyncio.get_running_loop().create_future()
        # Shielded, since several may wait for one receipt: who gives up takes it from nobody else.
        return await asyncio.shield(waiting[kind, person])

    def so_far(self, message_id: str, kind: ReceiptKind, *, own: bool = False) -> Mapping[Jid, Receipt]:
        """Who has proved `kind` for a message until now, each with the first receipt that does."""
        return dict(self._people.get(_name(message_id, own), {}).get(kind, {}))

    def close(self) -> None:
        """The client closes: nobody hears anything any more."""
        waiting, self._waiting = self._waiting, {}
        for future in (future for questions in waiting.values() for future in questions.values()):
            if not future.done():
                future.set_exception(Disconnected("the client was closed before the receipt came"))
                future.exception()  # it counts as seen, also when who waited has given up


def _name(message_id: str, own: bool) -> str:
    return f"own {message_id}" if own else message_id
