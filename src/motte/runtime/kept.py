"""An answer of the server that is kept: asked for once, and changed as devices tell of changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """What `ask` last gave, with the changes since; `value` is None while nothing is kept."""

    def __init__(self, ask: Callable[[], Awaitable[V]]) -> None:
        self._ask = ask
        self._changes = 0
        self.value: V | None = None

    async def get(self, *, fresh: bool = False) -> V:
        """What is kept, or the answer. Raises what `ask` does."""
        if self.value is None or fresh:
            before = self._changes
            asked = await self._ask()
            if self._changes != before:
                return asked  # it changed meanwhile: what we were told may be old
            self.value = asked
        return self.value

    def change(self, value: V | None) -> None:
        """This is how it is now; None: it is another, and asked for again when it is needed."""
        self._changes += 1
        self.value = value
