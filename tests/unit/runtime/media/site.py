"""A web site on 127.0.0.1, and pictures to show there."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from PIL import Image

from tests.unit.transport.servers import serving

Page = tuple[str, bytes] | Callable[[asyncio.StreamWriter], object]
"""Status line and headers with the body, or what writes the whole answer."""


@dataclass
class Site:
    """What is at each path, and which were asked for."""

    port: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Where a path is."""
        return f"http://{host}:{self.port}{path}"

    def html(self, path: str, html: str | bytes, kind: str = "text/html; charset=utf-8", more: str = "") -> str:
        """Put a page there; gives its URL."""
        return self.file(path, html.encode() if isinstance(html, str) else html, kind, more)

    def file(self, path: str, body: bytes, kind: str, more: str = "") -> str:
        """Put a file there; gives its URL."""
        self.pages[path] = f"200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}", body
        return self.url(path)

    def redirect(self, path: str, to: str) -> str:
        """Redirect from there; gives its URL."""
        self.pages[path] = f"302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n", b""
        return self.url(path)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        request = await reader.readuntil(b"\r\n\r\n")
        path = request.split(b" ", 2)[1].decode()
        self.asked.append(path)
        page = self.pages.get(path, ("404 Not Found\r\nContent-Length: 0\r\n", b""))
        if isinstance(page, tuple):
            head, body = page
            writer.write(f"HTTP/1.1 {head}Connection: close\r\n\r\n".encode() + body)
            await writer.drain()
        elif asyncio.iscoroutine(writing := page(writer)):
            await writing


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """A site without pages."""
    running = Site()
    async with serving(running.answer) as port:
        running.port = port
        yield running


def drawn(width: int, height: int, form: str = "PNG", mode: str = "RGB") -> bytes:
    """A picture."""
    out = io.BytesIO()
    Image.new(mode, (width, height), "red").save(out, form)
    return out.getvalue()


SHOP = """<!doctype html><html><head><title>The   shop
</title><meta property="og:description" content="Tea &amp; cups"><meta property="og:image" content="/tea.png"></head>
<body>tea</body></html>"""
