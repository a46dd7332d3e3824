"""How a connection ends, and the name of each end.

<stream:error code="515"/>                                        restart
<stream:error><conflict type="replaced"/></stream:error>          another client logged in with our keys
<stream:error code="401"><conflict type="device_removed"/></stream:error>
<stream:error><xml-not-well-formed/></stream:error>, <stream:error><ack …/></stream:error>
<failure reason="402" code="101" expire="3600" location="…"/>     instead of <success/>
<xmlstreamend/>
<ib><downgrade_webclient/></ib>

The code is the one on the wire. Where the wire has none, or nonsense, it is the one of the cause (`disconnect.ROWS`).
What the server wrote is kept: attributes in `details`, the whole stanza in `raw`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from motte.core.binary.node import NO_ATTRS, Node
from motte.errors import HandshakeError, RemoteProtocolError, TransportError
from motte.model.disconnect import ROWS, Cause, DisconnectInfo

MAX_RAW: Final = 4000
"""Characters of a stanza that are kept for diagnosis."""
MAX_CODE: Final = 99_999
MAX_BAN: Final = 10 * 365 * 86_400
"""Seconds; a longer ban is taken for nonsense."""

_BY_CODE: Final[Mapping[int, Cause]] = {
    400: Cause.GENERIC_FAILURE,
    401: Cause.LOGGED_OUT,
    402: Cause.TEMPORARY_BAN,
    403: Cause.MAIN_DEVICE_GONE,
    405: Cause.CLIENT_OUTDATED,
    406: Cause.BANNED,
    409: Cause.BAD_USER_AGENT,
    413: Cause.CAT_EXPIRED,
    414: Cause.CAT_INVALID,
    415: Cause.ACCOUNT_NOT_FOUND,
    418: Cause.CLIENT_UNKNOWN,
    500: Cause.SERVER_FAILED,
    501: Cause.EXPERIMENTAL,
    503: Cause.UNAVAILABLE,
    515: Cause.SERVER_RESTART,
}
_BY_CONFLICT: Final[Mapping[str, Cause]] = {"replaced": Cause.REPLACED, "device_removed": Cause.DEVICE_REMOVED}
_BY_CHILD: Final[Mapping[str, Cause]] = {
    "xml-not-well-formed": Cause.XML_NOT_WELL_FORMED,
    "ack": Cause.ACK_REFUSED,
}
_BY_TRANSPORT: Final[Mapping[str, Cause]] = {
    "refused": Cause.CONNECTION_REFUSED,
    "dns": Cause.NAME_NOT_RESOLVED,
    "tls": Cause.TLS_FAILED,
    "http": Cause.HTTP_STATUS,
    "timeout": Cause.CONNECT_TIMEOUT,
    "closed": Cause.WEBSOCKET_CLOSED,
}
_CERTIFICATE_CHECKS: Final = frozenset({"chain", "intermediate", "leaf"})
"""How the names of the certificate's checks begin (`noise.certificate.verify_chain`)."""
_BANS: Final[Mapping[str, str]] = {
    "101": "messages to too many people who do not know this number",
    "102": "blocked by too many people",
    "103": "too many groups with people who do not know this number",
    "104": "the same message to too many people",
    "106": "too many messages to a broadcast list",
}


def of_cause(cause: Cause, text: str = "", *, details: Mapping[str, str] = NO_ATTRS) -> DisconnectInfo:
    """An end that has no code on the wire; `text` is appended to the cause's own sentence."""
    row = ROWS[cause]
    return DisconnectInfo(cause=cause, code=row.code, text=_sentence(row.text, text), details=details)


def of_transport_error(error: TransportError) -> DisconnectInfo:
    """The WebSocket could not be opened, or broke."""
    details = NO_ATTRS if error.status is None else {"status": str(error.status)}
    cause = _BY_TRANSPORT.get(error.kind, Cause.NETWORK_ERROR)
    return of_cause(cause, str(error), details=MappingProxyType(details))


def of_websocket_close(code: int | None, reason: str) -> DisconnectInfo:
    """The WebSocket closed, with a close code or without any."""
    if code is None:
        return of_cause(Cause.WEBSOCKET_CLOSED, "without a close frame")
    details = MappingProxyType({"close_code": str(code)})
    return of_cause(Cause.WEBSOCKET_CLOSED, f"with code {code}{f', {reason}' if reason else ''}", details=details)


def of_handshake_error(error: RemoteProtocolError) -> DisconnectInfo:
    """The server's handshake was refused: its certificate, or the bytes as such."""
    refused = isinstance(error, HandshakeError) and error.check.partition(".")[0] in _CERTIFICATE_CHECKS
    return of_cause(Cause.CERTIFICATE_REFUSED if refused else Cause.HANDSHAKE_FAILED, str(error))


def ending(node: Node, *, paired: bool) -> DisconnectInfo | None:
    """How this stanza ends the connection; None when it does not. `paired`: a 515 is the restart after pairing."""
    read = _READERS.get(node.tag)
    info = read(node) if read else None
    if info is not None and paired and info.cause is Cause.SERVER_RESTART:
        return _of_node(Cause.RESTART_AFTER_PAIRING, info.code, node)
    return info


def _of_stream_error(node: Node) -> DisconnectInfo:
    code = _number(node.attrs.get("code"), MAX_CODE)
    conflict = node.child("conflict")
    cause = _BY_CONFLICT.get(conflict.attrs.get("type", "")) if conflict else None
    for child in node.children:
        cause = cause or _BY_CHILD.get(child.tag)
    if cause is None and code is not None:
        cause = _BY_CODE.get(code)
    return _of_node(cause or (Cause.CONFLICT if conflict else Cause.STREAM_ERROR), code, node)


def _of_failure(node: Node) -> DisconnectInfo:
    code = _number(node.attrs.get("reason"), MAX_CODE)
    cause = _BY_CODE.get(code) if code is not None else None
    return _of_node(cause or Cause.LOGIN_FAILED, code, node)


def _of_stream_end(node: Node) -> DisconnectInfo:
    return _of_node(Cause.STREAM_ENDED, None, node)


def _of_ib(node: Node) -> DisconnectInfo | None:
    return _of_node(Cause.DOWNGRADE_WEBCLIENT, None, node) if node.child("downgrade_webclient") else None


_READERS: Final[Mapping[str, Callable[[Node], DisconnectInfo | None]]] = {
    "stream:error": _of_stream_error,
    "failure": _of_failure,
    "xmlstreamend": _of_stream_end,
    "ib": _of_ib,
}


def _of_node(cause: Cause, code: int | None, node: Node) -> DisconnectInfo:
    attrs = node.attrs
    row = ROWS[cause]
    more = [_BANS.get(attrs.get("code", ""), "")] if cause is Cause.TEMPORARY_BAN else []
    more.append(attrs.get("message", ""))
    expire = _number(attrs.get("expire"), MAX_BAN)
    return DisconnectInfo(
        cause=cause,
        code=row.code if code is None else code,
        text=_sentence(row.text, ", ".join(filter(None, more))[:MAX_RAW]),
        details=MappingProxyType(dict(attrs)),
        raw=render(node),
        retry_after=None if expire is None else float(expire),
    )


def _number(text: str | None, most: int) -> int | None:
    """A positive decimal number of a sensible size, or None: what a server writes there is not to be trusted."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        return None
    return int(text) if 0 < int(text) <= most else None


def _sentence(text: str, more: str) -> str:
    return f"{text}: {more}" if more else text


def render(node: Node, limit: int = MAX_RAW) -> str:
    """A stanza as XML for people, cut at `limit` characters. Data is given by its length only."""
    text = _xml(node, depth=8)
    return text if len(text) <= limit else text[:limit] + "…"


def _xml(node: Node, depth: int) -> str:
    attrs = "".join(f' {name}="{value}"' for name, value in node.attrs.items())
    if not node.content:
        return f"<{node.tag}{attrs}/>"
    if isinstance(node.content, bytes):
        inner = f"<!-- {len(node.content)} bytes -->"
    elif isinstance(node.content, str):
        inner = node.content
    else:
        inner = "".join(_xml(child, depth - 1) for child in node.content[:32]) if depth else "…"
    return f"<{node.tag}{attrs}>{inner}</{node.tag}>"
