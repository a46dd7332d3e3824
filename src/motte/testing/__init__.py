"""Tools for tests: the local server, and stand-ins for clock, randomness and network.

`LocalServer` is imported when it is first asked for, since it brings an HTTP server along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motte.testing.server.app import LocalServer as LocalServer

__all__ = ["LocalServer"]


def __getattr__(name: str) -> object:
    if name == "LocalServer":
        from motte.testing.server.app import LocalServer

        return LocalServer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
