"""The kinds of files on the media servers: under which keys each is encrypted, and where it is uploaded to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from motte.model.content import Media
from motte.model.content.media import Audio, Document, Image, Sticker, StickerPack, Video, VideoNote, VoiceNote


class MediaKind(StrEnum):
    """What a file is, which decides its keys and its place on the servers."""

    IMAGE = "image"
    VIDEO = "video"
    """Round videos and GIFs as well."""
    AUDIO = "audio"
    """Voice notes as well."""
    DOCUMENT = "document"
    STICKER = "sticker"
    STICKER_PACK = "sticker-pack"
    STICKER_PACK_THUMBNAIL = "thumbnail-sticker-pack"
    DOCUMENT_THUMBNAIL = "thumbnail-document"
    IMAGE_THUMBNAIL = "thumbnail-image"
    VIDEO_THUMBNAIL = "thumbnail-video"
    LINK_THUMBNAIL = "thumbnail-link"
    HISTORY = "md-msg-hist"
    APP_STATE = "md-app-state"
    PAYMENT_BACKGROUND = "payment-bg-image"
    PRODUCT_IMAGE = "product-catalog-image"
    COVER_PHOTO = "biz-cover-photo"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a kind.

    `keys` stands in the name of its keys, `WhatsApp <keys> Keys`; empty when files of the kind are never encrypted.
    `path` is where it is uploaded to; empty when only phones upload it. `streamable` files have a sidecar.
    """

    keys: str
    path: str
    streamable: bool = False

    @property
    def info(self) -> bytes:
        """The name of the keys, as it enters their derivation."""
        return f"WhatsApp {self.keys} Keys".encode()


FACTS: Final[dict[MediaKind, Facts]] = {
    MediaKind.IMAGE: Facts("Image", "/mms/image"),
    MediaKind.VIDEO: Facts("Video", "/mms/video", streamable=True),
    MediaKind.AUDIO: Facts("Audio", "/mms/audio", streamable=True),
    MediaKind.DOCUMENT: Facts("Document", "/mms/document"),
    MediaKind.STICKER: Facts("Image", "/mms/image"),
    MediaKind.STICKER_PACK: Facts("Sticker Pack", "/mms/sticker-pack"),
    MediaKind.STICKER_PACK_THUMBNAIL: Facts("Sticker Pack Thumbnail", "/mms/thumbnail-sticker-pack"),
    MediaKind.DOCUMENT_THUMBNAIL: Facts("Document Thumbnail", "/mms/thumbnail-document"),
    MediaKind.IMAGE_THUMBNAIL: Facts("Image Thumbnail", "/mms/thumbnail-image"),
    MediaKind.VIDEO_THUMBNAIL: Facts("Video Thumbnail", "/mms/thumbnail-video"),
    MediaKind.LINK_THUMBNAIL: Facts("Link Thumbnail", "/mms/image"),
    MediaKind.HISTORY: Facts("History", "/mms/md-app-state"),
    MediaKind.APP_STATE: Facts("App State", ""),
    MediaKind.PAYMENT_BACKGROUND: Facts("Payment Background", ""),
    MediaKind.PRODUCT_IMAGE: Facts("", "/product/image"),
    MediaKind.COVER_PHOTO: Facts("Image", "/pps/biz-cover-photo"),
}

NEWSLETTER_PATH: Final = "/newsletter/newsletter-"
"""In newsletters a kind's name follows this path: `/newsletter/newsletter-image`."""

_OF_CONTENT: Final[dict[type, MediaKind]] = {
    Image: MediaKind.IMAGE,
    Video: MediaKind.VIDEO,
    VideoNote: MediaKind.VIDEO,
    Audio: MediaKind.AUDIO,
    VoiceNote: MediaKind.AUDIO,
    Document: MediaKind.DOCUMENT,
    Sticker: MediaKind.STICKER,
    StickerPack: MediaKind.STICKER_PACK,
}


def kind_of(content: Media) -> MediaKind:
    """The kind of a content's file."""
    return _OF_CONTENT[type(content)]


def upload_path(kind: MediaKind, *, newsletter: bool = False) -> str:
    """Where files of a kind are uploaded to; empty when they are not."""
    path = FACTS[kind].path
    return f"{NEWSLETTER_PATH}{path.rpartition('/')[2]}" if newsletter and path else path
