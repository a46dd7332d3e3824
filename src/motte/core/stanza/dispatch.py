"""From a node to the value that its tag stands for: the one table of everything that the server may send by itself.

    success, ib, iq (pair-device, pair-success, ping), message, receipt, ack, notification, presence, chatstate, call

Answers to requests do not come here: the request that waits for them parses them. `stream:error`, `failure` and
`xmlstreamend` end the connection and are the session's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from motte.core.binary.node import Node
from motte.core.binary.outline import outline
from motte.core.stanza import chatstate, information, notification, presence
from motte.core.stanza.ack import IncomingAck
from motte.core.stanza.call import IncomingCall
from motte.core.stanza.header import Header
from motte.core.stanza.information import Information
from motte.core.stanza.keepalive import ServerPing
from motte.core.stanza.login import Success
from motte.core.stanza.message import IncomingMessage
from motte.core.stanza.notification import Notification
from motte.core.stanza.pairing import PairDevice, PairSuccess
from motte.core.stanza.reader import Reader
from motte.core.stanza.receipt import IncomingReceipt
from motte.core.stanza.retry import IncomingRetry
from motte.core.stanza.table import Table
from motte.errors import RemoteProtocolError
from motte.model.me import Me
from motte.model.presence import ChatState, Presence


@dataclass(frozen=True, slots=True)
class UnknownStanza:
    """A stanza that this version does not read; nothing answers it."""

    tag: str


@dataclass(frozen=True, slots=True)
class UnknownRequest:
    """A request of the server that this version cannot serve; `parts` are the tags of its children."""

    id: str
    xmlns: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Malformed:
    """A stanza that breaks the protocol.

    With a `header` it is to be acked with `Nack.PARSING_ERROR`, so that it does not come again. `outline` is the stanza
    as one printable line, without its data.
    """

    tag: str
    error: RemoteProtocolError
    header: Header | None = None
    outline: str = ""


Stanza: TypeAlias = (
    ChatState
    | IncomingAck
    | IncomingCall
    | IncomingMessage
    | IncomingReceipt
    | IncomingRetry
    | Information
    | Malformed
    | Notification
    | PairDevice
    | PairSuccess
    | Presence
    | ServerPing
    | Success
    | UnknownRequest
    | UnknownStanza
)


def read(node: Node, me: Me | None) -> Stanza:
    """The value of a stanza from the server; never raises. `me` is None until the login."""
    parser = _BY_TAG.get(node.tag)
    if parser is None:
        return UnknownStanza(node.tag)
    reader = Reader(node)
    try:
        return parser(reader, me)
    except RemoteProtocolError as error:
        return Malformed(node.tag, error, _header(reader) if node.tag in _ACKED else None, outline(node))


def _header(reader: Reader) -> Header | None:
    """What the ack of a malformed stanza needs: without one the server would send it for ever."""
    for read_header in (Header.read, Header.read_least):
        try:
            return read_header(reader)
        except RemoteProtocolError:
            continue
    return None


def _known(reader: Reader, me: Me | None) -> Me:
    if me is None:
        raise reader.error("came before the login")
    return me


def _iq(iq: Reader, me: Me | None) -> Stanza:
    if iq.node.attrs.get("type") not in ("get", "set"):
        return UnknownStanza("iq")  # an answer that nobody waits for any more
    body = iq.first()
    if body is not None and body.tag == "pair-device":
        return PairDevice.read(iq)
    if body is not None and body.tag == "pair-success":
        return PairSuccess.read(iq)
    if iq.node.attrs.get("xmlns") == "urn:xmpp:ping" or (body is not None and body.tag == "ping"):
        return ServerPing(iq.text("id"))
    return UnknownRequest(iq.text("id"), iq.optional_text("xmlns") or "", tuple(part.tag for part in iq.children()))


def _receipt(receipt: Reader, me: Me | None) -> Stanza:
    known = _known(receipt, me)
    if receipt.node.attrs.get("type") == "retry":
        return IncomingRetry.read(receipt, known)
    return IncomingReceipt.read(receipt, known)


_Parser: TypeAlias = Callable[[Reader, "Me | None"], Stanza]
_ACKED: Final = frozenset({"message", "receipt", "notification", "call"})
_BY_TAG: Final[Table[_Parser]] = Table(
    ("success", lambda reader, me: Success.read(reader)),
    ("ib", lambda reader, me: information.read(reader)),
    ("iq", _iq),
    ("message", lambda reader, me: IncomingMessage.read(reader, _known(reader, me))),
    ("receipt", _receipt),
    ("ack", lambda reader, me: IncomingAck.read(reader)),
    ("notification", lambda reader, me: notification.read(reader)),
    ("presence", lambda reader, me: presence.read(reader)),
    ("chatstate", lambda reader, me: chatstate.read(reader)),
    ("call", lambda reader, me: IncomingCall.read(reader)),
)
