"""How far a transfer has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int | None], object]
"""Called with the bytes done and the bytes in all, None when that is not known. It must not raise, nor take long."""
