"""Randomness as an argument: the core never rolls dice itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Rng: TypeAlias = Callable[[int], bytes]
"""Called with a count, gives that many random bytes (`os.urandom` in a client, a seeded stream in tests)."""
