"""Connections that wait to be linked: found by a QR code's ref or by the phone number that a pairing code is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motte.testing.server.pairing import Pairing


class Lobby:
    """Who waits."""

    def __init__(self) -> None:
        self._by_ref: dict[str, Pairing] = {}
        self._by_phone: dict[str, Pairing] = {}

    def enter(self, refs: Iterable[str], waiting: Pairing) -> None:
        """A connection waits under these refs."""
        self._by_ref.update(dict.fromkeys(refs, waiting))

    def expect_code(self, phone: str, waiting: Pairing) -> None:
        """A connection waits for the owner of a phone number (digits) to type its code."""
        self._by_phone[phone] = waiting

    def leave(self, waiting: Pairing) -> None:
        """A connection is linked or gone."""
        self._by_ref = {ref: other for ref, other in self._by_ref.items() if other is not waiting}
        self._by_phone = {phone: other for phone, other in self._by_phone.items() if other is not waiting}

    def with_ref(self, ref: str) -> Pairing | None:
        """The connection whose QR code has this ref."""
        return self._by_ref.get(ref)

    def for_phone(self, phone: str) -> Pairing | None:
        """The connection that waits for this phone number's code."""
        return self._by_phone.get(phone)

    def __iter__(self) -> Iterator[Pairing]:
        """Who waits, each once."""
        return iter({id(waiting): waiting for waiting in (*self._by_ref.values(), *self._by_phone.values())}.values())

    def __len__(self) -> int:
        """How many connections wait."""
        return len({id(waiting) for waiting in (*self._by_ref.values(), *self._by_phone.values())})
