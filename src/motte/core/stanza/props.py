"""AB props, the server's switches for clients.

<iq xmlns="abt" type="get" to="@s.whatsapp.net" id="…"><props protocol="1" hash="…"/></iq>
<iq type="result" id="…"><props hash="…" refresh="86400" delta_update="false">
  <prop config_code="10518" config_value="1"/> <prop name="…" value="…"/>
</props></iq>
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Props:
    """The switches by code or name. `hash` asks for changes only next time; `refresh` is in seconds."""

    values: Mapping[str, str]
    hash: str | None = None
    refresh: int | None = None
    delta: bool = False

    def is_on(self, *names: str, default: bool) -> bool:
        """Whether the first of `names` that the server sent is `1` or `true`."""
        for name in names:
            value = self.values.get(name)
            if value is not None:
                return value in ("1", "true")
        return default


@dataclass(frozen=True, slots=True)
class GetProps(Iq[Props]):
    """Fetch the switches; with the last `hash` the server may send the changes only."""

    xmlns: ClassVar[str] = "abt"
    kind: ClassVar[Literal["get", "set"]] = "get"

    hash: str | None = None

    def content(self) -> Iterable[Node]:
        """The `<props>` of protocol 1."""
        return (element("props", {"protocol": 1, "hash": self.hash}),)

    def result(self, iq: Reader) -> Props:
        """The switches; entries without a name or a value are left out."""
        props = iq.child("props")
        values: dict[str, str] = {}
        for prop in props.children("prop"):
            name = prop.optional_text("config_code") or prop.optional_text("name")
            value = prop.optional_text("config_value") or prop.optional_text("value")
            if name and value:
                values[name] = value
        return Props(
            values=values,
            hash=props.optional_text("hash"),
            refresh=props.optional_integer("refresh"),
            delta=props.flag("delta_update"),
        )
