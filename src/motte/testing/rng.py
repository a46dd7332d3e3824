"""Randomness that repeats."""

from __future__ import annotations

import hashlib


class SeededRng:
    """A `motte.core.crypto.rng.Rng` whose bytes follow from a seed: the SHA-256 of the seed and a counter."""

    def __init__(self, seed: int | str = 0) -> None:
        self._seed = str(seed).encode()
        self._block = 0
        self._left = b""

    def __call__(self, size: int) -> bytes:
        """The next `size` bytes."""
        while len(self._left) < size:
            self._left += hashlib.sha256(self._seed + self._block.to_bytes(8, "big")).digest()
            self._block += 1
        taken, self._left = self._left[:size], self._left[size:]
        return taken
