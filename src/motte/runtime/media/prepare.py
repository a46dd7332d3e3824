"""Contents on their way out: files in them that are still sources are uploaded, and texts get their previews."""

from __future__ import annotations

import mimetypes
from dataclasses import fields, replace
from typing import Any, Final, TypeVar

from motte.core.media.kinds import kind_of
from motte.core.media.sniff import OCTETS, OPUS, mime_type
from motte.errors import LocalProtocolError
from motte.model.content import Content, Media
from motte.model.content.action import Comment, Edit
from motte.model.content.business import Product
from motte.model.content.media import (
    Audio,
    Document,
    Image,
    RemoteFile,
    Source,
    Sticker,
    StickerPack,
    Video,
    VideoNote,
    VoiceNote,
)
from motte.model.content.text import Text
from motte.model.jid import Jid
from motte.model.progress import Progress
from motte.runtime.media.look import Seen, look
from motte.runtime.media.media import Media as Transfers
from motte.runtime.media.previews import Previews
from motte.runtime.media.sources import name_of

_M = TypeVar("_M", bound=Media)

ZIP: Final = "application/zip"
_FALLBACK: Final[dict[type, str]] = {
    Image: "image/jpeg",
    Video: "video/mp4",
    VideoNote: "video/mp4",
    Audio: "audio/mpeg",
    VoiceNote: OPUS,
    Sticker: "image/webp",
    Document: OCTETS,
}
"""For files that show nothing of what they are, neither inside nor by name."""


class Preparer:
    """Uploads the sources in contents and fills in what can be found out about them."""

    def __init__(self, media: Transfers, previews: Previews) -> None:
        self._media, self._previews = media, previews

    async def prepared(self, content: Content, *, chat: Jid, progress: Progress | None = None) -> Content:
        """The content with every source uploaded; the same object when there was none.

        Raises:
            LocalProtocolError: a voice note that is not Opus in Ogg, or something that is no source.
            OSError: a file cannot be read.
            TransportError: a URL cannot be fetched, or no media host takes the file.
        """
        match content:
            case Text():
                return await self._previews.filled(content, newsletter=chat.is_newsletter)
            case Edit() | Comment():
                inner = await self.prepared(content.content, chat=chat, progress=progress)
                return content if inner is content.content else replace(content, content=inner)
            case Product(image=Image() as image):
                ready = await self._uploaded(image, chat, progress)
                return content if ready is image else replace(content, image=ready)
            case Image() | Video() | VideoNote() | Audio() | VoiceNote() | Document() | Sticker() | StickerPack():
                return await self._uploaded(content, chat, progress)
        return content

    async def _uploaded(self, content: _M, chat: Jid, progress: Progress | None) -> _M:
        source = content.file
        if isinstance(source, RemoteFile):
            return content
        seen = await look(content, source)
        file = await self._media.upload(
            kind_of(content),
            source,
            mime=lambda head: _mime(content, source, head),
            newsletter=chat.is_newsletter,
            progress=progress,
        )
        return _filled(content, file, source, seen)


def _mime(content: _M, source: Source, head: bytes) -> str:
    found = mime_type(head)
    if isinstance(content, VoiceNote) and found != OPUS:
        raise LocalProtocolError(f"a voice note is Opus in Ogg, and this is {found or 'not'}; send it as Audio")
    if isinstance(content, StickerPack):
        return ZIP
    by_name = mimetypes.guess_type(name_of(source) or "")[0]
    # A document is what its name says: an .apk or a .docx is a ZIP inside.
    first, second = (by_name, found) if isinstance(content, Document) else (found, by_name)
    return content.mime_type or first or second or _FALLBACK[type(content)]


def _filled(content: _M, file: RemoteFile, source: Source, seen: Seen) -> _M:
    """The content with its file, and what the caller left open."""
    known = {"name": name_of(source), **seen.facts()}
    unset = {field.name for field in fields(content) if getattr(content, field.name) is None}
    filled = {name: value for name, value in known.items() if name in unset and value is not None}
    if isinstance(content, Sticker) and seen.animated:
        filled["animated"] = True
    changes: dict[str, Any] = {"file": file, **filled}
    return replace(content, **changes)
