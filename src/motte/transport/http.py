"""Plain HTTP, for the things that do not go over the WebSocket. By aiohttp, imported at the first use.

Redirects are followed here, since each target is looked at: never from `https:` to `http:`, and to another host only
if that is on the open internet, whoever the first host was.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeAlias
from urllib.parse import urljoin, urlsplit

from motte.errors import LocalProtocolError, TransportError
from motte.transport.failures import failure

if TYPE_CHECKING:
    import aiohttp
    import yarl

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes of an answer that are read at most, unless the caller says otherwise."""
ORIGIN: Final = "https://web.whatsapp.com"
"""What a browser would say it comes from; the chat servers and the media servers look at it."""
MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

Body: TypeAlias = Callable[[], AsyncIterable[bytes]]
"""Makes what is sent; called again when it has to be sent again."""


class Response:
    """An answer whose body is still to come."""

    def __init__(self, response: aiohttp.ClientResponse, url: str, watch: _Watch) -> None:
        self._response, self._url, self._watch = response, url, watch

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; names in any case."""
        return self._response.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, in pieces as they come. Raises `TransportError` when it ends early."""
        with _mapped(self._url):
            async for chunk in self._response.content.iter_any():
                self._watch.progress()
                yield chunk

    async def read(self, limit: int = MAX_BODY) -> bytes:
        """The body. Raises `TransportError` when it is longer than `limit`, or ends early."""
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > limit:
                raise TransportError("other", f"the answer of {_host(self._url)} is longer than {limit} bytes")
        return bytes(body)

    def error(self) -> TransportError:
        """The error that the status is."""
        host = _host(self._url)
        return TransportError("http", f"{host} answered with HTTP {self.status}", status=self.status)


class HttpClient:
    """Fetches and sends things; close it, or use it in `async with`.

    Args:
        proxy: `http://`, `https://`, `socks4://` or `socks5://`, with `user:password@` when the proxy asks for it.
        tls: the context for `https://`, or what makes it when it is first needed; the system's trust store when None.
        timeout: seconds without any progress after which a request is given up.
        public_only: for URLs that strangers name: see `guard`.
        allowed: addresses that are fetched from though they are private.
        same_host: refuse redirects to another host; one that only adds or drops `www.` is the same.
    """

    def __init__(
        self,
        *,
        proxy: str | None = None,
        tls: ssl.SSLContext | Callable[[], ssl.SSLContext] | None = None,
        timeout: float = 20.0,
        public_only: bool = False,
        allowed: Collection[str] = (),
        same_host: bool = False,
    ) -> None:
        self._proxy, self._tls, self._timeout, self._public_only = proxy, tls, timeout, public_only
        self._allowed, self._same_host = allowed, same_host
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections that are kept for the next request."""
        sessions, self._sessions = list(self._sessions.values()), {}
        for session in sessions:
            await session.close()

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None, limit: int = MAX_BODY) -> bytes:
        """The body at `url`.

        Raises:
            TransportError: unreachable, another status than 200 (kind `http`), or longer than `limit`.
            LocalProtocolError: `url` is not HTTP, or one that must not be fetched.
        """
        async with self.open("GET", url, headers=headers) as response:
            if response.status != 200:
                raise response.error()
            return await response.read(limit)

    @asynccontextmanager
    async def open(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: Body | None = None
    ) -> AsyncIterator[Response]:
        """The answer to a request, whatever its status; give the body's length in `headers`.

        Raises:
            TransportError: unreachable, or the connection broke, also while the body is read.
            LocalProtocolError: `url` is not HTTP, or one that must not be fetched.
        """
        patience = asyncio.timeout(self._timeout)
        try:
            async with patience:
                watch = _Watch(patience, self._timeout)
                with _mapped(url):
                    response = await self._follow(method, url, dict(headers or {}), body, watch)
                async with response:
                    watch.progress()
                    yield Response(response, url, watch)
        except TimeoutError as error:
            if not patience.expired():
                raise  # the caller's own
            raise failure(error, url) from error

    async def _follow(
        self, method: str, url: str, headers: dict[str, str], body: Body | None, watch: _Watch
    ) -> aiohttp.ClientResponse:
        first, target = url, url
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._request(method, target, first, headers, body, watch)
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or location is None:
                return response
            response.release()
            if response.status == 303:
                method, body = "GET", None
            target = _redirected(target, location)
            if self._same_host and _site(target) != _site(first):
                raise TransportError("other", f"{_host(first)} redirects to another host")
            watch.progress()
        raise TransportError("other", f"{_host(first)} redirects again and again")

    async def _request(
        self, method: str, url: str, first: str, headers: dict[str, str], body: Body | None, watch: _Watch
    ) -> aiohttp.ClientResponse:
        target = _parsed(url)
        guarded = self._public_only or _host(url) != _host(first)
        session = self._session(guarded)
        if guarded:
            from motte.transport.guard import check_target  # late, as below

            check_target(url, self._allowed)
        return await session.request(
            method,
            target,
            headers=headers,
            data=watch.watched(body()) if body is not None else None,
            proxy=self._proxy if self._proxy and self._proxy.startswith("http") else None,
            ssl=self._context(),
            allow_redirects=False,
        )

    def _context(self) -> ssl.SSLContext | bool:
        if callable(self._tls):
            self._tls = self._tls()
        return self._tls or True

    def _session(self, guarded: bool) -> aiohttp.ClientSession:
        session = self._sessions.get(guarded)
        if session is None:
            import aiohttp  # late: it adds about 100 ms to the start of a program

            # The time-out is ours: what counts is progress, not the length of a transfer.
            timeout = aiohttp.ClientTimeout(total=None)
            session = aiohttp.ClientSession(
                connector=self._connector(guarded), timeout=timeout, auto_decompress=False, skip_auto_headers=["Accept"]
            )
            self._sessions[guarded] = session
        return session

    def _connector(self, guarded: bool) -> aiohttp.BaseConnector:
        import aiohttp

        if self._proxy is not None and self._proxy.startswith("socks"):
            from aiohttp_socks import ProxyConnector

            connector: aiohttp.BaseConnector = ProxyConnector.from_url(self._proxy, rdns=True)
            return connector
        if self._proxy is not None and not self._proxy.startswith(("http://", "https://")):
            raise LocalProtocolError("a proxy is http://, https://, socks4:// or socks5://")
        if guarded and self._proxy is None:
            from motte.transport.guard import PublicOnly

            return aiohttp.TCPConnector(resolver=PublicOnly(self._allowed))
        return aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver())


class _Watch:
    """Moves the deadline on with every piece that is sent or received."""

    def __init__(self, patience: asyncio.Timeout, seconds: float) -> None:
        self._patience, self._seconds = patience, seconds

    def progress(self) -> None:
        self._patience.reschedule(asyncio.get_running_loop().time() + self._seconds)

    async def watched(self, pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            yield piece
            self.progress()


def _parsed(url: str) -> yarl.URL:
    if not url.startswith(("http://", "https://")) or not url.isprintable() or " " in url:
        raise LocalProtocolError(f"{url.partition('?')[0][:80]!r} is not a URL that can be fetched")
    import yarl  # late, like aiohttp, which brings it

    try:
        # As it is, when it can be: signatures cover the spelling.
        return yarl.URL(url, encoded=url.isascii())
    except ValueError as error:
        raise LocalProtocolError("a URL that cannot be read") from error


def _redirected(url: str, location: str) -> str:
    target = urljoin(url, location)
    if url.startswith("https:") and not target.startswith("https:"):
        raise TransportError("other", f"{_host(url)} redirects away from https")
    return target


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


@contextmanager
def _mapped(url: str) -> Iterator[None]:
    """What goes wrong inside is a `TransportError`."""
    try:
        yield
    except OSError as error:
        raise failure(error, url) from error
    except Exception as error:
        # Classes of aiohttp and of its proxies cannot be named without importing them.
        if type(error).__module__.partition(".")[0] not in ("aiohttp", "python_socks", "aiohttp_socks"):
            raise
        raise failure(error, url) from error
