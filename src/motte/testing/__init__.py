"""Tools for tests: the local server, and stand-ins for clock, randomness and network.

The names here are imported when they are first asked for, since the server brings an HTTP server along.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from motte.testing.authenticator import Authenticator as Authenticator
    from motte.testing.server.app import LocalServer as LocalServer
    from motte.testing.server.reader import Refused as Refused
    from motte.testing.server.settings import Settings as Settings

__all__ = ["Authenticator", "LocalServer", "Refused", "Settings"]

_HOMES: Final = {
    "Authenticator": "motte.testing.authenticator",
    "LocalServer": "motte.testing.server.app",
    "Refused": "motte.testing.server.reader",
    "Settings": "motte.testing.server.settings",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
