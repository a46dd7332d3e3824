"""Plain HTTP, for the few things that do not go over the WebSocket. By aiohttp, imported at the first use."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from motte.errors import LocalProtocolError, TransportError
from motte.transport.failures import failure

if TYPE_CHECKING:
    import aiohttp

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes of an answer that are read at most, unless the caller says otherwise."""
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpClient:
    """Fetches things.

    Args:
        proxy: `http://` or `https://`; a SOCKS proxy is refused rather than passed by.
        tls: the context for `https://`; the system's trust store when None.
        timeout: seconds for a whole request.
    """

    proxy: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None
    timeout: float = 20.0

    async def get(self, url: str, *, headers: dict[str, str] | None = None, limit: int = MAX_BODY) -> bytes:
        """The body at `url`.

        Raises:
            TransportError: unreachable, another status than 200 (kind `http`), or longer than `limit`.
            LocalProtocolError: `url` is not HTTP, or the proxy is not.
        """
        if not url.startswith(("http://", "https://")):
            raise LocalProtocolError(f"{url[:80]!r} is not a URL that can be fetched")
        if self.proxy is not None and not self.proxy.startswith(("http://", "https://")):
            raise LocalProtocolError("HTTP requests go through HTTP proxies only")
        import aiohttp  # late: it adds about 100 ms to the start of a program

        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.timeout)) as session,
                session.get(url, headers=headers, proxy=self.proxy, ssl=self.tls or True) as response,
            ):
                return await _body(response, url, limit)
        except (aiohttp.ClientError, OSError) as error:
            raise failure(error, url) from error


async def _body(response: aiohttp.ClientResponse, url: str, limit: int) -> bytes:
    host = urlsplit(url).netloc.rpartition("@")[2]
    if response.status != 200:
        raise TransportError("http", f"{host} answered with HTTP {response.status}", status=response.status)
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            raise TransportError("other", f"the answer of {host} is longer than {limit} bytes")
    return bytes(body)
