"""Pings, in both directions.

<iq xmlns="w:p" type="get" to="@s.whatsapp.net" id="…"><ping/></iq>            (ours)
<iq xmlns="urn:xmpp:ping" type="get" from="s.whatsapp.net" id="…"/>            (the server's)
<iq type="result" to="@s.whatsapp.net" id="…"/>                                (the answer to either)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.iq import Iq, reply
from motte.core.stanza.reader import Reader


@dataclass(frozen=True, slots=True)
class KeepAlive(Iq[None]):
    """Our ping; any answer shows that the connection lives."""

    xmlns: ClassVar[str] = "w:p"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """`<ping/>`."""
        return (Node("ping"),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it came."""


@dataclass(frozen=True, slots=True)
class ServerPing:
    """The server wants to know whether this client lives; send `pong()`."""

    id: str

    def pong(self) -> Node:
        """The answer."""
        return reply(self.id)
