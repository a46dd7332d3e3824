"""Pictures of people and groups.

<iq xmlns="w:profile:picture" type="get" to="@s.whatsapp.net" target="15550100002@s.whatsapp.net" id="…">
  <picture type="image|preview" query="url" [id="what we have"]>[<tctoken t="…">bytes</tctoken>]</picture>
</iq>
<iq type="result" id="…"><picture id="1700000000" type="image" url="https://…" direct_path="/…"/></iq>
    no <picture>, or one without a url: what we have is still right; error 404: there is none; 401: not for us

<iq xmlns="w:profile:picture" type="set" to="@s.whatsapp.net" [target="120363000000000001@g.us"] id="…">
  <picture type="image">JPEG</picture>
</iq>
<iq type="result" id="…"><picture id="1700000001"/></iq>
    without <picture> it is taken away; without target it is the own one
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.model.picture import Picture

XMLNS: Final = "w:profile:picture"
_FULL: Final = "image"
_SMALL: Final = "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPicture(Iq[Picture | None]):
    """Ask for a picture; `known` is the id of the one that we have, `token` the `<tctoken>` that a person may want.

    None says that there is nothing newer.
    """

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "get"

    owner: Jid
    full: bool = True
    known: str | None = None
    token: Node | None = None

    @property
    def target(self) -> Jid:
        """Whose picture."""
        return self.owner.user_jid

    def content(self) -> Iterable[Node]:
        """`<picture>`."""
        attrs = {"type": _FULL if self.full else _SMALL, "query": "url", "id": self.known}
        return (element("picture", attrs, [self.token]),)

    def result(self, iq: Reader) -> Picture | None:
        """Where it is."""
        found = iq.optional_child("picture")
        if found is None or not found.has("url"):
            return None
        return Picture(
            id=found.text("id"),
            url=found.text("url"),
            is_full=found.optional_text("type") != _SMALL,
            direct_path=found.optional_text("direct_path"),
        )


@dataclass(frozen=True, slots=True)
class SetPicture(Iq[str]):
    """Set the own picture, or with an `owner` a group's; gives its id."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"

    jpeg: bytes = field(repr=False)
    owner: Jid | None = None

    @property
    def target(self) -> Jid | None:
        """Which group's picture; None: the own one."""
        return self.owner

    def content(self) -> Iterable[Node]:
        """`<picture>`."""
        return (element("picture", {"type": _FULL}, self.jpeg),)

    def result(self, iq: Reader) -> str:
        """The new id."""
        return iq.child("picture").text("id")


@dataclass(frozen=True, slots=True)
class RemovePicture(Iq[None]):
    """Take the own picture away, or with an `owner` a group's."""

    xmlns: ClassVar[str] = XMLNS
    kind: ClassVar[Literal["get", "set"]] = "set"

    owner: Jid | None = None

    @property
    def target(self) -> Jid | None:
        """Which group's picture; None: the own one."""
        return self.owner

    def content(self) -> Iterable[Node]:
        """Nothing."""
        return ()

    def result(self, iq: Reader) -> None:
        """Nothing."""
