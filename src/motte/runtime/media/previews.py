"""Previews of links: the page is fetched, looked at, and what it shows goes along with the text.

    https://example.com/x   its HTML: title, description, where its picture is
                            its picture: a small JPEG in the message, a larger one on the media hosts

The page is a stranger's, and so may be the text with the link. So only what is on the open internet is fetched
(`transport.guard`), redirects stay on the host, and time, bytes and pixels are limited. A preview that does not come
about is no reason not to send: the text goes out without it, and the log says why.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.message import Message as Headers
from typing import TYPE_CHECKING, Final

from motte.core.media.kinds import MediaKind
from motte.errors import LocalProtocolError, MotteError, TransportError
from motte.model.content.text import LinkPreview, Text
from motte.runtime.config import Config, LinkPreviews
from motte.runtime.media.media import Media
from motte.runtime.media.webpage import WebPage, first_url, read
from motte.transport.http import HttpClient, Response

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

log = logging.getLogger("motte.previews")

MAX_PIXELS: Final = 16_000_000
"""Pictures with more pixels are not decoded."""
SMALL: Final = 192
"""Pixels of the longer side of the picture in the message, as Baileys makes it."""
LARGE: Final = 800
"""Pixels of the longer side of the one that is uploaded."""
JPEG: Final = "image/jpeg"
_QUALITY: Final = 60
_HEADERS: Final = {"User-Agent": "motte (link preview)", "Accept-Encoding": "identity"}
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")


class _Unfit(MotteError):
    """What was fetched is not what can be shown."""


@dataclass(frozen=True, slots=True)
class _Pictures:
    small: bytes
    large: bytes
    width: int
    height: int


class Previews:
    """Makes previews for texts."""

    def __init__(self, config: Config, media: Media) -> None:
        chosen = config.link_previews
        self._automatic, self._media = bool(chosen), media
        self._rules = chosen if isinstance(chosen, LinkPreviews) else LinkPreviews()
        self._http = HttpClient(
            proxy=config.proxy,
            timeout=self._rules.seconds,
            public_only=True,
            allowed=self._rules.allowed,
            same_host=True,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def filled(self, content: Text, *, newsletter: bool = False) -> Text:
        """The text with a preview of its first link, if it is to have one; it never fails for the preview's sake."""
        preview = content.preview
        if isinstance(preview, LinkPreview):
            return content
        wanted = self._automatic if preview is None else preview
        url = first_url(content.text) if wanted else None
        return replace(content, preview=None if url is None else await self._preview(url, newsletter))

    async def _preview(self, url: str, newsletter: bool) -> LinkPreview | None:
        try:
            async with asyncio.timeout(self._rules.seconds):
                page = await self._page(url)
                pictures = await self._pictures(page.picture) if page is not None and page.picture else None
        except ImportError:
            log.warning("there are no link previews without the extra: motte[previews]")
            return None
        except (MotteError, TimeoutError, OSError, ValueError) as error:
            log.info("a link has no preview: %s", _why(error))
            return None
        if page is None:
            log.info("a link has no preview: the page has no title")
            return None
        preview = LinkPreview(url=url, title=page.title, description=page.description)
        return preview if pictures is None else await self._with(preview, pictures, newsletter)

    async def _page(self, url: str) -> WebPage | None:
        async with self._http.open("GET", url, headers=_HEADERS | {"Accept": ", ".join(_PAGES)}) as response:
            kind, charset = _type(response.headers)
            _check(response, kind in _PAGES, kind)
            html = await _beginning(response, self._rules.page_bytes)
        return await asyncio.to_thread(read, html, url, charset)

    async def _pictures(self, url: str) -> _Pictures | None:
        """The page's picture in two sizes; None when there is none that can be shown."""
        try:
            async with self._http.open("GET", url, headers=_HEADERS | {"Accept": "image/*"}) as response:
                kind, _ = _type(response.headers)
                _check(response, kind.startswith("image/"), kind)
                data = await response.read(self._rules.picture_bytes)
        except MotteError as error:
            log.info("a preview has no picture: %s", _why(error))
            return None
        return await asyncio.to_thread(_drawn, data)

    async def _with(self, preview: LinkPreview, pictures: _Pictures, newsletter: bool) -> LinkPreview:
        """The preview with its pictures; the larger one only if it could be uploaded."""
        preview = replace(preview, thumbnail=pictures.small)
        try:
            async with asyncio.timeout(self._rules.seconds):
                file = await self._media.upload(
                    MediaKind.LINK_THUMBNAIL, pictures.large, mime=lambda _: JPEG, newsletter=newsletter
                )
        except (MotteError, TimeoutError) as error:
            log.info("the picture of a preview was not uploaded: %s", _why(error))
            return preview
        return replace(preview, file=file, width=pictures.width, height=pictures.height)


def _type(headers: Mapping[str, str]) -> tuple[str, str | None]:
    """The content type, and the charset if it says so."""
    parsed = Headers()
    parsed["Content-Type"] = headers.get("Content-Type", "")
    return parsed.get_content_type(), parsed.get_content_charset()


def _check(response: Response, fits: bool, kind: str) -> None:
    if response.status != 200:
        raise response.error()
    if not fits:
        raise _Unfit(f"it is {kind}")
    # None was asked for; what comes compressed all the same may be a bomb.
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Unfit("it is compressed")


async def _beginning(response: Response, limit: int) -> bytes:
    """At most `limit` bytes: what a page says of itself stands at its beginning."""
    body = bytearray()
    async for chunk in response.chunks():
        body += chunk
        if len(body) >= limit:
            break
    return bytes(body[:limit])


def _drawn(data: bytes) -> _Pictures | None:
    """A picture in two sizes; None without the `media` extra, and for what is no picture or too large a one."""
    try:
        from PIL import Image as Pillow  # late, and optional
        from PIL import ImageOps

        with Pillow.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                log.info("a preview has no picture: it has too many pixels")
                return None
            picture.draft("RGB", (LARGE, LARGE))
            whole = _opaque(ImageOps.exif_transpose(picture))
        large = _at_most(whole, LARGE)
        return _Pictures(_jpeg(_at_most(large, SMALL)), _jpeg(large), large.width, large.height)
    except ImportError:
        return None
    except Exception as error:
        # The decoders raise whatever they like on broken files.
        log.info("a preview has no picture: %s", type(error).__name__)
        return None


def _opaque(picture: Picture) -> Picture:
    """The picture on white, where one can see through it."""
    from PIL import Image as Pillow

    colours = picture.convert("RGBA")
    white = Pillow.new("RGBA", colours.size, "white")
    return Pillow.alpha_composite(white, colours).convert("RGB")


def _at_most(picture: Picture, side: int) -> Picture:
    copy = picture.copy()
    copy.thumbnail((side, side))
    return copy


def _jpeg(picture: Picture) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _why(error: Exception) -> str:
    """What went wrong, without the link: that is a part of the message."""
    match error:
        case _Unfit():
            return str(error)
        case TransportError():
            return f"HTTP {error.status}" if error.status is not None else f"the network says {error.kind}"
        case LocalProtocolError():
            return "it may not be fetched"
    return type(error).__name__
