"""Media that was received; the fields are shown in `content.media`.

A peer may leave out anything, the key or the path too: the content is read all the same, and it is the download that
fails.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from motte.core.message.content.fields import maybe, text
from motte.core.message.content.scene import Reader, Viewpoint
from motte.model.content.media import (
    Album,
    Audio,
    Document,
    Image,
    PackedSticker,
    RemoteFile,
    Sticker,
    StickerPack,
    Video,
    VideoNote,
    VoiceNote,
)
from motte.proto.e2e_pb2 import Message

MAX_STICKERS: Final = 256
"""Stickers read from one pack."""
_JPEG: Final = "image/jpeg"
_ZIP: Final = "application/zip"
_WithFile: TypeAlias = (
    Message.ImageMessage
    | Message.VideoMessage
    | Message.AudioMessage
    | Message.DocumentMessage
    | Message.StickerMessage
)


def _file(wire: _WithFile, sidecar: bytes = b"") -> RemoteFile:
    return RemoteFile(
        url=maybe(wire.url),
        direct_path=text(wire.directPath),
        media_key=wire.mediaKey or None,
        media_key_timestamp=wire.mediaKeyTimestamp or None,
        file_sha256=wire.fileSha256,
        enc_sha256=wire.fileEncSha256 or None,
        size=wire.fileLength,
        mime_type=text(wire.mimetype),
        sidecar=sidecar or None,
    )


def _preview(wire: Message.DocumentMessage | Message.StickerPackMessage) -> RemoteFile | None:
    """The larger thumbnail, which is encrypted with the same key as the file."""
    if not wire.thumbnailDirectPath:
        return None
    return RemoteFile(
        direct_path=text(wire.thumbnailDirectPath),
        media_key=wire.mediaKey or None,
        media_key_timestamp=wire.mediaKeyTimestamp or None,
        file_sha256=wire.thumbnailSha256,
        enc_sha256=wire.thumbnailEncSha256 or None,
        size=0,
        mime_type=_JPEG,
    )


def read_image(wire: Message.ImageMessage, view: Viewpoint) -> Image:
    """A picture, alone or of a product."""
    return Image(
        file=_file(wire),
        caption=text(wire.caption),
        mime_type=maybe(wire.mimetype),
        width=wire.width or None,
        height=wire.height or None,
        thumbnail=wire.jpegThumbnail or None,
        view_once=view.view_once or wire.viewOnce,
        album=view.album,
    )


def _image(message: Message, view: Viewpoint) -> Image:
    return read_image(message.imageMessage, view)


def _video(message: Message, view: Viewpoint) -> Video:
    wire = message.videoMessage
    return Video(
        file=_file(wire, wire.streamingSidecar),
        caption=text(wire.caption),
        mime_type=maybe(wire.mimetype),
        width=wire.width or None,
        height=wire.height or None,
        seconds=wire.seconds or None,
        thumbnail=wire.jpegThumbnail or None,
        gif=wire.gifPlayback,
        view_once=view.view_once or wire.viewOnce,
        album=view.album,
    )


def _video_note(message: Message, view: Viewpoint) -> VideoNote:
    wire = message.ptvMessage
    return VideoNote(
        file=_file(wire, wire.streamingSidecar),
        mime_type=maybe(wire.mimetype),
        width=wire.width or None,
        height=wire.height or None,
        seconds=wire.seconds or None,
        thumbnail=wire.jpegThumbnail or None,
        view_once=view.view_once or wire.viewOnce,
    )


def _audio(message: Message, view: Viewpoint) -> Audio | VoiceNote:
    wire = message.audioMessage
    file, mime_type = _file(wire, wire.streamingSidecar), maybe(wire.mimetype)
    view_once, seconds = view.view_once or wire.viewOnce, wire.seconds or None
    if not wire.ptt:
        return Audio(file=file, mime_type=mime_type, seconds=seconds, view_once=view_once)
    return VoiceNote(
        file=file,
        mime_type=mime_type,
        seconds=seconds,
        waveform=wire.waveform or None,
        background=wire.backgroundArgb if wire.HasField("backgroundArgb") else None,
        view_once=view_once,
    )


def _document(message: Message, view: Viewpoint) -> Document:
    wire = message.documentMessage
    return Document(
        file=_file(wire),
        name=maybe(wire.fileName),
        caption=text(wire.caption),
        title=maybe(wire.title),
        mime_type=maybe(wire.mimetype),
        pages=wire.pageCount or None,
        thumbnail=wire.jpegThumbnail or None,
        preview=_preview(wire),
    )


def _sticker(message: Message, view: Viewpoint) -> Sticker:
    wire = message.stickerMessage
    return Sticker(
        file=_file(wire),
        mime_type=maybe(wire.mimetype),
        width=wire.width or None,
        height=wire.height or None,
        animated=wire.isAnimated,
        lottie=wire.isLottie,
        avatar=wire.isAvatar,
        thumbnail=wire.pngThumbnail or None,
    )


def _pack(message: Message, view: Viewpoint) -> StickerPack:
    wire = message.stickerPackMessage
    file = RemoteFile(
        direct_path=text(wire.directPath),
        media_key=wire.mediaKey or None,
        media_key_timestamp=wire.mediaKeyTimestamp or None,
        file_sha256=wire.fileSha256,
        enc_sha256=wire.fileEncSha256 or None,
        size=wire.fileLength,
        mime_type=_ZIP,
    )
    return StickerPack(
        file=file,
        id=text(wire.stickerPackId),
        name=text(wire.name),
        publisher=text(wire.publisher),
        stickers=tuple(map(_packed, wire.stickers[:MAX_STICKERS])),
        caption=text(wire.caption),
        description=maybe(wire.packDescription),
        tray_icon=maybe(wire.trayIconFileName),
        preview=_preview(wire),
    )


def _packed(wire: Message.StickerPackMessage.Sticker) -> PackedSticker:
    return PackedSticker(
        file_name=text(wire.fileName),
        emojis=tuple(map(text, wire.emojis)),
        mime_type=text(wire.mimetype),
        animated=wire.isAnimated,
        lottie=wire.isLottie,
        label=maybe(wire.accessibilityLabel),
    )


def _album(message: Message, view: Viewpoint) -> Album:
    wire = message.albumMessage
    return Album(images=wire.expectedImageCount, videos=wire.expectedVideoCount)


READERS: Final[dict[str, Reader]] = {
    "imageMessage": _image,
    "videoMessage": _video,
    "ptvMessage": _video_note,
    "audioMessage": _audio,
    "documentMessage": _document,
    "stickerMessage": _sticker,
    "stickerPackMessage": _pack,
    "albumMessage": _album,
}
