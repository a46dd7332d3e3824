"""Where media go to and come from.

<iq xmlns="w:m" type="set" to="@s.whatsapp.net" id="…"><media_conn/></iq>
<iq type="result" id="…"><media_conn auth="…" ttl="3600" auth_ttl="21600" max_buckets="12">
  <host hostname="mmg.example.com" maxContentLengthBytes="104857600" fallback_hostname="…"/>…
</media_conn></iq>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaHost:
    """One host; `max_bytes` is None when the server does not say."""

    name: str
    fallback: str | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaConnection:
    """The hosts in the order to try them, the token for uploads, and for how many seconds each is good."""

    hosts: tuple[MediaHost, ...]
    auth: str = field(repr=False)
    ttl: int
    auth_ttl: int | None = None


@dataclass(frozen=True, slots=True)
class GetMediaConnection(Iq[MediaConnection]):
    """Fetch the media hosts and an upload token."""

    xmlns: ClassVar[str] = "w:m"
    kind: ClassVar[Literal["get", "set"]] = "set"

    def content(self) -> Iterable[Node]:
        """`<media_conn/>`."""
        return (Node("media_conn"),)

    def result(self, iq: Reader) -> MediaConnection:
        """The hosts and the token."""
        connection = iq.child("media_conn")
        hosts = tuple(
            MediaHost(
                name=host.text("hostname"),
                fallback=host.optional_text("fallback_hostname"),
                max_bytes=host.optional_integer("maxContentLengthBytes"),
            )
            for host in connection.children("host")
        )
        return MediaConnection(
            hosts=hosts,
            auth=connection.text("auth"),
            ttl=connection.integer("ttl"),
            auth_ttl=connection.optional_integer("auth_ttl"),
        )
