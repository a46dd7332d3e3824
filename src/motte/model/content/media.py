"""Pictures, videos, sounds, documents and stickers.

The `file` of something received is a `RemoteFile`. For sending it may also be a source, which is uploaded first.
"""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from motte.model.content.context import InContext
from motte.model.key import MessageKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file on the media servers, and what is needed to fetch, check and decrypt it.

    `size` is that of the plaintext in bytes. In newsletters nothing is encrypted, and `media_key` and `enc_sha256` are
    None.
    `sidecar` holds the MACs of the chunks of a video or sound, for playing it before all of it is there.
    `media_key_timestamp` is in unix seconds.
    """

    direct_path: str
    file_sha256: bytes = field(repr=False)
    size: int
    mime_type: str
    media_key: bytes | None = field(default=None, repr=False)
    enc_sha256: bytes | None = field(default=None, repr=False)
    media_key_timestamp: int | None = None
    url: str | None = None
    sidecar: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UrlSource:
    """A file to be fetched from `url` (http or https) and sent on."""

    url: str


Source: TypeAlias = Path | str | bytes | AsyncIterable[bytes] | UrlSource
"""Something to upload; a `str` is a path."""
File: TypeAlias = RemoteFile | Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(InContext):
    """A picture. Sizes are in pixels, `thumbnail` is a small JPEG; `album` names the `Album` that it belongs to.

    `mime_type` is for sending: it overrides what is found out about the file.
    """

    file: File
    caption: str = ""
    mime_type: str | None = None
    width: int | None = None
    height: int | None = None
    thumbnail: bytes | None = field(default=None, repr=False)
    view_once: bool = False
    album: MessageKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Video(InContext):
    """A video, or a GIF (`gif`, which is a silent MP4 played over and over). The rest is as in `Image`."""

    file: File
    caption: str = ""
    mime_type: str | None = None
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    thumbnail: bytes | None = field(default=None, repr=False)
    gif: bool = False
    view_once: bool = False
    album: MessageKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoNote(InContext):
    """A round video, recorded in the chat. It has no caption."""

    file: File
    mime_type: str | None = None
    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    thumbnail: bytes | None = field(default=None, repr=False)
    view_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio(InContext):
    """A sound file."""

    file: File
    mime_type: str | None = None
    seconds: int | None = None
    view_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceNote(InContext):
    """A voice message: Opus in Ogg. `waveform` is 64 samples of 0 to 100; `background` (0xAARRGGBB) is for a status."""

    file: File
    mime_type: str | None = None
    seconds: int | None = None
    waveform: bytes | None = field(default=None, repr=False)
    background: int | None = None
    view_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(InContext):
    """Any file, with its name and perhaps a caption; `pages` and the thumbnails are for those that have pages.

    `preview` is a larger JPEG on the media servers (kind `thumbnail-document`); it shares the file's media key.
    """

    file: File
    name: str | None = None
    caption: str = ""
    title: str | None = None
    mime_type: str | None = None
    pages: int | None = None
    thumbnail: bytes | None = field(default=None, repr=False)
    preview: RemoteFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sticker(InContext):
    """A sticker: WebP, or Lottie (`lottie`). `thumbnail` is a PNG."""

    file: File
    mime_type: str | None = None
    width: int | None = None
    height: int | None = None
    animated: bool = False
    lottie: bool = False
    avatar: bool = False
    thumbnail: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedSticker:
    """A sticker inside a pack: the name of its file in the archive, and the emojis it stands for."""

    file_name: str
    emojis: tuple[str, ...] = ()
    mime_type: str = "image/webp"
    animated: bool = False
    lottie: bool = False
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StickerPack(InContext):
    """A pack of stickers: `file` is a ZIP archive of them.

    `tray_icon` names the pack's icon in the archive; `preview` is a picture of the pack on the media servers.
    """

    file: File
    id: str
    name: str
    publisher: str = ""
    stickers: tuple[PackedSticker, ...] = ()
    caption: str = ""
    description: str | None = None
    tray_icon: str | None = None
    preview: RemoteFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Album(InContext):
    """Announces pictures and videos that are shown together; each follows as a message with `album` set to this one."""

    images: int = 0
    videos: int = 0
