"""What linking needs of the connection that it happens on."""

from __future__ import annotations

from typing import Protocol

from motte.model.disconnect import Cause


class Ending(Protocol):
    """How pairing ends a connection, and tells it that a restart is due."""

    @property
    def is_running(self) -> bool:
        """Whether there is a connection, or one to come."""
        ...

    def end(self, cause: Cause, text: str = "") -> None:
        """End the connection."""
        ...

    def paired(self) -> None:
        """The link is sealed; the server restarts the connection next."""
        ...
