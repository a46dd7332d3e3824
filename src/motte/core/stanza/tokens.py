"""Trusted-contact tokens on the wire; what they are for is told in `core.message.trust`.

<iq xmlns="privacy" type="set" to="@s.whatsapp.net" id="…">
  <tokens><token jid="15550100002@s.whatsapp.net" t="1700000000" type="trusted_contact"/></tokens>
</iq>
<iq type="result" id="…">[<tokens>…</tokens>]</iq>

<notification type="privacy_token" from="15550100002@s.whatsapp.net" [sender_lid="…@lid"] id="…" t="…">
  <tokens><token jid="our own device" t="1700000000" type="trusted_contact">bytes</token></tokens>
</notification>

<message …>… <tctoken>bytes</tctoken></message>   or, when they gave us none,   <cstoken>bytes</cstoken>
<presence type="subscribe" …><tctoken t="1700000000">bytes</tctoken></presence>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.header import Header
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid

MAX_TOKEN: Final = 4096
"""Bytes; what the server gives is much shorter."""
_KIND: Final = "trusted_contact"


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A token that somebody had the server give us, and when (unix seconds)."""

    token: bytes = field(repr=False)
    given_at: int


@dataclass(frozen=True, slots=True)
class TokensGiven:
    """A person gives us tokens."""

    header: Header
    user: Jid
    tokens: tuple[GivenToken, ...]

    @classmethod
    def read(cls, notification: Reader, header: Header) -> TokensGiven:
        """The value of a `<notification type="privacy_token">`. The JID inside is our own; the sender is the giver."""
        lid = notification.optional_jid("sender_lid")
        user = lid if lid is not None and lid.is_lid else header.source
        return cls(header, user.user_jid, tuple(_tokens(notification)))


@dataclass(frozen=True, slots=True)
class IssueToken(Iq[tuple[GivenToken, ...]]):
    """Have the server give a person a token of ours; the answer may hold theirs."""

    xmlns: ClassVar[str] = "privacy"
    kind: ClassVar[Literal["get", "set"]] = "set"

    user: Jid
    at: int

    def content(self) -> Iterable[Node]:
        """`<tokens>` with one token, which has no content: the server makes it."""
        token = element("token", {"jid": self.user.user_jid, "t": self.at, "type": _KIND})
        return (element("tokens", body=[token]),)

    def result(self, iq: Reader) -> tuple[GivenToken, ...]:
        """The tokens that came back."""
        return tuple(_tokens(iq))


def trusted(token: bytes, given_at: int | None = None) -> Node:
    """`<tctoken>`; requests about a person say when it was given, messages do not."""
    return element("tctoken", {"t": given_at}, token)


def client_made(token: bytes) -> Node:
    """`<cstoken>`."""
    return element("cstoken", body=token)


def _tokens(parent: Reader) -> Iterable[GivenToken]:
    tokens = parent.optional_child("tokens")
    for token in tokens.children("token") if tokens else ():
        given_at = token.optional_integer("t", high=1 << 40)
        # One without a time has no end, and one without bytes is a request that was echoed.
        if token.optional_text("type") == _KIND and given_at and token.node.data:
            yield GivenToken(token.data(limit=MAX_TOKEN), given_at)
