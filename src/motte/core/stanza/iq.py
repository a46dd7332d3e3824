"""Requests and their answers: a request, its parser and the type it gives are one class.

<iq id="…" xmlns="encrypt" type="get" to="@s.whatsapp.net"><count/></iq>
<iq id="…" type="result" from="s.whatsapp.net"><count value="812"/></iq>
<iq id="…" type="error" from="s.whatsapp.net"><error code="404" text="item-not-found"/></iq>
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Generic, Literal, TypeVar

from motte.core.binary.node import Node
from motte.core.stanza.build import Attrs, Body, element
from motte.core.stanza.reader import Reader
from motte.errors import RemoteProtocolError, ServerError
from motte.model.jid import SERVER_JID, Jid

T = TypeVar("T")


class Iq(ABC, Generic[T]):
    """A request that the server answers with a `T`.

    A subclass is a frozen dataclass of its arguments; it names `xmlns` and `kind`, writes `content` and reads `result`.
    """

    __slots__ = ()

    xmlns: ClassVar[str]
    kind: ClassVar[Literal["get", "set"]]

    @property
    def to(self) -> Jid:
        """Whom the request is addressed to; the server unless a subclass says otherwise."""
        return SERVER_JID

    @property
    def target(self) -> Jid | None:
        """Whom it is about, for those requests that say so in their head."""
        return None

    @abstractmethod
    def content(self) -> Iterable[Node]:
        """The children of the request."""

    @abstractmethod
    def result(self, iq: Reader) -> T:
        """What a good answer says.

        Raises:
            RemoteProtocolError: it does not say what it should.
        """

    def build(self, stanza_id: str) -> Node:
        """The request under the given stanza id."""
        attrs: Attrs = {
            "id": stanza_id,
            "xmlns": self.xmlns,
            "type": self.kind,
            "to": self.to,
            "target": self.target,
        }
        return element("iq", attrs, self.content())

    def parse(self, answer: Node) -> T:
        """The result that an answer carries.

        Raises:
            ServerError: the answer is an error.
            RemoteProtocolError: it is neither a good result nor a good error.
        """
        iq = Reader(answer)
        error = error_of(iq)
        if error is not None:
            raise error
        if answer.tag != "iq" or answer.attrs.get("type") != "result":
            raise iq.error("is not an answer")
        return self.result(iq)


def error_of(reader: Reader) -> ServerError | None:
    """The error that `<error code text/>` below a node tells of, or None."""
    found = reader.optional_child("error")
    if found is None:
        if reader.tag == "iq" and reader.node.attrs.get("type") == "error":
            return ServerError.of(0, "an error without a code")
        return None
    try:
        code = found.integer("code", high=99_999)
    except RemoteProtocolError:
        code = 0
    return ServerError.of(code, found.optional_text("text") or "", raw=dict(found.node.attrs))


def reply(stanza_id: str, body: Body = None) -> Node:
    """The good answer to a request of the server."""
    return element("iq", {"to": SERVER_JID, "type": "result", "id": stanza_id}, body)
