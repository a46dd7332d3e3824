"""The turn of the QR codes: the server's refs one after the other, the first for a minute, the rest for 20 s each.

<iq id="…" from="s.whatsapp.net" type="set"><pair-device><ref>2@…</ref>…</pair-device></iq>

What is drawn is not decided here: the text of a code is made of the ref and the device's keys (`session.pairing`).
When the ADV secret is replaced while a code is shown, draw the same ref again with `current`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FIRST_REF: Final = 60.0
"""Seconds that the first ref is good for."""
NEXT_REF: Final = 20.0
"""Seconds that each further ref is good for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QrTurn:
    """The ref to show now: number `index` of `total`, for another `expires_in` seconds."""

    ref: bytes
    index: int
    total: int
    expires_in: float


@dataclass(frozen=True, slots=True)
class RefsUsedUp:
    """All refs had their time; the connection is to be ended with `Cause.QR_REFS_USED_UP`."""


class QrRotation:
    """One set of refs and whose turn it is.

    Args:
        refs: as the server sent them, at least one.
        now: seconds of the connection's clock; the first ref's time starts here.
        first: seconds for the first ref.
        following: seconds for each further one.
    """

    def __init__(
        self, refs: Sequence[bytes], now: float, *, first: float = FIRST_REF, following: float = NEXT_REF
    ) -> None:
        self._refs = tuple(refs)
        self._index = 0
        self._following = following
        self._expires: float | None = now + first if refs else now

    def current(self, now: float) -> QrTurn | RefsUsedUp:
        """Whose turn it is."""
        if self._expires is None or self._index >= len(self._refs):
            return RefsUsedUp()
        left = max(0.0, self._expires - now)
        return QrTurn(ref=self._refs[self._index], index=self._index, total=len(self._refs), expires_in=left)

    def next_timer(self) -> float | None:
        """When the current ref's time is up; None after the last, and after `stop`."""
        return self._expires

    def handle_timer(self, now: float) -> QrTurn | RefsUsedUp | None:
        """The next turn, when the current one is over at `now`; None when it is not."""
        if self._expires is None or now < self._expires:
            return None
        self._index += 1
        # A fresh ref gets its whole time, however late we are: it was not shown before.
        self._expires = now + self._following if self._index < len(self._refs) else None
        return self.current(now)

    def stop(self) -> None:
        """The phone scanned one, or the connection is over."""
        self._expires = None
