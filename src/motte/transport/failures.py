"""One table from the errors of the layers below to `TransportError` kinds."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from motte.errors import TransportError

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] (\d{3})")

_KINDS: Final[tuple[tuple[type[BaseException], str, str], ...]] = (
    # The order matters: most of these are OSErrors, and a certificate error is an SSLError.
    (ssl.SSLCertVerificationError, "tls", "the certificate of {host} does not verify"),
    (ssl.SSLError, "tls", "TLS with {host} failed"),
    (TimeoutError, "timeout", "{host} did not answer in time"),
    (socket.gaierror, "dns", "the name {host} could not be resolved"),
    (ConnectionRefusedError, "refused", "{host} refused the connection"),
    (ConnectionResetError, "reset", "{host} reset the connection"),
    (ConnectionAbortedError, "reset", "the connection to {host} was aborted"),
    (BrokenPipeError, "reset", "the connection to {host} broke"),
    (OSError, "other", "{host} could not be reached"),
)


def failure(error: BaseException, url: str) -> TransportError:
    """What went wrong when `url` was dialled; an error that fits no row is of kind `other`."""
    # aiohttp wraps what the system said.
    error = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    host = urlsplit(url).netloc.rpartition("@")[2]
    status = _http_status(error)
    if status is not None:
        return TransportError("http", f"{host} answered the WebSocket upgrade with HTTP {status}", status=status)
    for kind_of_error, kind, text in _KINDS:
        if isinstance(error, kind_of_error):
            return TransportError(kind, f"{text.format(host=host)} ({_detail(error)})")
    return TransportError("other", f"{host} could not be reached ({_detail(error)})")


def _http_status(error: BaseException) -> int | None:
    """The status of an HTTP answer that was not 101, from picows' or anybody's handshake error."""
    response = getattr(error, "response", None)
    status = getattr(response, "status", None)
    if isinstance(status, int):
        return None if status == 101 else int(status)
    # picows gives no response object for a status that Python's HTTPStatus does not know.
    line = _STATUS_LINE.match(getattr(error, "raw_header", None) or b"")
    return int(line[1]) if line and line[1] != b"101" else None


def _detail(error: BaseException) -> str:
    # `message` is that of aiohttp's answers: their `str` has the URL, which may hold a token.
    told = (getattr(error, name, None) for name in ("verify_message", "strerror", "message"))
    text = next(filter(None, told), None) or str(error)
    return f"{type(error).__name__}: {text}"[:200] if text else type(error).__name__
