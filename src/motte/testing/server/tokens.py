"""Trusted-contact tokens as the server keeps them; the rules are in `trust`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BUCKET: Final = 7 * 86400
BUCKETS: Final = 4
"""A token is good in the week (by unix time) that it says and in the three after."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and the time that its giver wrote on it."""

    content: bytes
    given_at: int

    def is_good(self, now: int) -> bool:
        """Whether it counts."""
        return self.given_at >= (now // BUCKET - (BUCKETS - 1)) * BUCKET
