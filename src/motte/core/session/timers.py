"""How long the connection waits for what, and which of several timers is due first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Waiting times in seconds.

    Args:
        handshake: from the open WebSocket to the server's hello.
        login: from there to its `<success>`, `<failure>` or QR refs.
        keepalive: between two pings.
        keepalive_grace: beyond `keepalive`, how long the server may be silent before the connection counts as lost.
        request: until a request without a time-out of its own is given up.
    """

    handshake: float = 20.0
    login: float = 30.0
    keepalive: float = 30.0
    keepalive_grace: float = 5.0
    request: float = 60.0


def earliest(times: Iterable[float | None]) -> float | None:
    """The first of these moments; None when there is none."""
    return min((time for time in times if time is not None), default=None)
