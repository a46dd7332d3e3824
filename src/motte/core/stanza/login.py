"""The server's welcome, and whether this session takes part in live traffic.

    <success t="1700000000" lid="100000000000001:3@lid" props="27" companion_enc_static="…" location="…"/>

    <iq xmlns="passive" type="set" to="@s.whatsapp.net" id="…"><active/></iq>
    <iq xmlns="passive" type="set" to="@s.whatsapp.net" id="…"><passive/></iq>

The ClientPayload logs in as passive; the server sends live stanzas once the client said `<active/>`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from motte.core.binary.node import Node
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """The login is accepted: the server's time `t` in unix seconds, and the account's LID with this device's number."""

    t: int | None
    lid: Jid | None
    props: int | None = None
    display_name: str | None = None
    location: str | None = None

    @classmethod
    def read(cls, success: Reader) -> Success:
        """The value of a `<success>`."""
        return cls(
            t=success.optional_integer("t"),
            lid=success.optional_jid("lid"),
            props=success.optional_integer("props"),
            display_name=success.optional_text("display_name"),
            location=success.optional_text("location"),
        )


@dataclass(frozen=True, slots=True)
class SetActivity(Iq[None]):
    """Ask for live traffic (`active`), or for none of it."""

    xmlns: ClassVar[str] = "passive"
    kind: ClassVar[Literal["get", "set"]] = "set"

    active: bool = True

    def content(self) -> Iterable[Node]:
        """`<active/>` or `<passive/>`."""
        return (Node("active" if self.active else "passive"),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was done."""
