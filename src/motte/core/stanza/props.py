"""AB props, the server's switches for clients.

<iq xmlns="abt" type="get" to="@s.whatsapp.net" id="…"><props protocol="1" hash="…"/></iq>
<iq type="result" id="…"><props hash="…" refresh="86400" delta_update="false">
  <prop config_code="10518" config_value="1"/> <prop name="…" value="…"/>
</props></iq>
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader


class Switch(Enum):
    """The switches that this client acts on: code, name, and what holds when the server says nothing.

    The defaults are those of the clients in use, not the server's documentation of an experiment.
    """

    TOKEN_IN_MESSAGES = ("10518", "privacy_token_sending_on_all_1_on_1_messages", True)
    TOKEN_FOR_PICTURES = ("9666", "profile_scraping_privacy_token_in_photo_iq", True)
    TOKEN_TO_LID = ("14303", "lid_trusted_token_issue_to_lid", False)
    CLIENT_TOKENS = ("24941", "wa_nct_token_send_enabled", False)

    @property
    def names(self) -> tuple[str, str]:
        """Its code, and its name."""
        return self.value[:2]

    def is_on(self, values: Mapping[str, str]) -> bool:
        """Whether it is on, when the server sent these values."""
        found = next((values[name] for name in self.names if name in values), None)
        return self.value[2] if found is None else found in ("1", "true")


@dataclass(frozen=True, slots=True, kw_only=True)
class Props:
    """The switches by code or name. `hash` asks for changes only next time; `refresh` is in seconds."""

    values: Mapping[str, str]
    hash: str | None = None
    refresh: int | None = None
    delta: bool = False

    @property
    def used(self) -> dict[str, str]:
        """The values that this client acts on, out of the thousands that the server sends."""
        names = {name for switch in Switch for name in switch.names}
        return {name: value for name, value in self.values.items() if name in names}


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
