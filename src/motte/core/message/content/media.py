"""Media: where the file is and with which key, and what it looks like.

imageMessage{url, directPath, mediaKey, mediaKeyTimestamp, fileSha256, fileEncSha256, fileLength, mimetype, caption,
             width, height, jpegThumbnail, viewOnce}
videoMessage{…, seconds, gifPlayback, streamingSidecar}     ptvMessage: a round one
audioMessage{…, seconds, ptt, waveform, backgroundArgb, streamingSidecar}
documentMessage{…, fileName, title, pageCount, thumbnailDirectPath, thumbnailSha256, thumbnailEncSha256}
stickerMessage{…, isAnimated, isLottie, isAvatar, pngThumbnail}
stickerPackMessage{stickerPackId, name, publisher, stickers[…], …}
albumMessage{expectedImageCount, expectedVideoCount}
"""

from __future__ import annotations

from typing import Final, TypedDict

from motte.core.message.content.scene import Builder, Scene
from motte.errors import LocalProtocolError
from motte.model.content.media import (
    Album,
    Audio,
    Document,
    File,
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


class _FileFields(TypedDict):
    """The fields that all kinds share."""

    url: str | None
    directPath: str
    mediaKey: bytes | None
    mediaKeyTimestamp: int | None
    fileSha256: bytes
    fileEncSha256: bytes | None
    fileLength: int
    mimetype: str


def uploaded(file: File) -> RemoteFile:
    """The file, which has to be on the media servers by now.

    Raises:
        LocalProtocolError: it is a source that was not uploaded.
    """
    if not isinstance(file, RemoteFile):
        raise LocalProtocolError("a file has to be uploaded before a message can name it")
    return file


def _file(content: Image | Video | VideoNote | Audio | VoiceNote | Document | Sticker) -> _FileFields:
    file = uploaded(content.file)
    return _FileFields(
        url=file.url,
        directPath=file.direct_path,
        mediaKey=file.media_key,
        mediaKeyTimestamp=file.media_key_timestamp,
        fileSha256=file.file_sha256,
        fileEncSha256=file.enc_sha256,
        fileLength=file.size,
        mimetype=content.mime_type or file.mime_type,
    )


def image(content: Image) -> Message.ImageMessage:
    """A picture, alone or of a product."""
    return Message.ImageMessage(
        **_file(content),
        caption=content.caption or None,
        width=content.width,
        height=content.height,
        jpegThumbnail=content.thumbnail,
        viewOnce=content.view_once or None,
    )


def _image(content: Image, scene: Scene) -> Message:
    return Message(imageMessage=image(content))


def _video(content: Video, scene: Scene) -> Message:
    return Message(
        videoMessage=Message.VideoMessage(
            **_file(content),
            caption=content.caption or None,
            width=content.width,
            height=content.height,
            seconds=content.seconds,
            jpegThumbnail=content.thumbnail,
            gifPlayback=content.gif or None,
            viewOnce=content.view_once or None,
            streamingSidecar=uploaded(content.file).sidecar,
        )
    )


def _video_note(content: VideoNote, scene: Scene) -> Message:
    return Message(
        ptvMessage=Message.VideoMessage(
            **_file(content),
            width=content.width,
            height=content.height,
            seconds=content.seconds,
            jpegThumbnail=content.thumbnail,
            viewOnce=content.view_once or None,
            streamingSidecar=uploaded(content.file).sidecar,
        )
    )


def _audio(content: Audio, scene: Scene) -> Message:
    return Message(
        audioMessage=Message.AudioMessage(
            **_file(content),
            seconds=content.seconds,
            viewOnce=content.view_once or None,
            streamingSidecar=uploaded(content.file).sidecar,
        )
    )


def _voice_note(content: VoiceNote, scene: Scene) -> Message:
    return Message(
        audioMessage=Message.AudioMessage(
            **_file(content),
            ptt=True,
            seconds=content.seconds,
            waveform=content.waveform,
            backgroundArgb=content.background,
            viewOnce=content.view_once or None,
            streamingSidecar=uploaded(content.file).sidecar,
        )
    )


def _document(content: Document, scene: Scene) -> Message:
    wire = Message.DocumentMessage(
        **_file(content),
        fileName=content.name,
        title=content.title,
        caption=content.caption or None,
        pageCount=content.pages,
        jpegThumbnail=content.thumbnail,
    )
    if content.preview is not None:
        wire.thumbnailDirectPath = content.preview.direct_path
        wire.thumbnailSha256 = content.preview.file_sha256
        if content.preview.enc_sha256 is not None:
            wire.thumbnailEncSha256 = content.preview.enc_sha256
    return Message(documentMessage=wire)


def _sticker(content: Sticker, scene: Scene) -> Message:
    return Message(
        stickerMessage=Message.StickerMessage(
            **_file(content),
            width=content.width,
            height=content.height,
            isAnimated=content.animated or None,
            isLottie=content.lottie or None,
            isAvatar=content.avatar or None,
            pngThumbnail=content.thumbnail,
        )
    )


def _album(content: Album, scene: Scene) -> Message:
    return Message(
        albumMessage=Message.AlbumMessage(expectedImageCount=content.images, expectedVideoCount=content.videos)
    )


def _pack(content: StickerPack, scene: Scene) -> Message:
    file = uploaded(content.file)
    wire = Message.StickerPackMessage(
        stickerPackId=content.id,
        name=content.name,
        publisher=content.publisher,
        stickers=map(_packed, content.stickers),
        fileLength=file.size,
        fileSha256=file.file_sha256,
        fileEncSha256=file.enc_sha256,
        mediaKey=file.media_key,
        mediaKeyTimestamp=file.media_key_timestamp,
        directPath=file.direct_path,
        caption=content.caption or None,
        packDescription=content.description,
        trayIconFileName=content.tray_icon,
        stickerPackSize=file.size,
    )
    if content.preview is not None:
        wire.thumbnailDirectPath = content.preview.direct_path
        wire.thumbnailSha256 = content.preview.file_sha256
        if content.preview.enc_sha256 is not None:
            wire.thumbnailEncSha256 = content.preview.enc_sha256
    return Message(stickerPackMessage=wire)


def _packed(sticker: PackedSticker) -> Message.StickerPackMessage.Sticker:
    return Message.StickerPackMessage.Sticker(
        fileName=sticker.file_name,
        isAnimated=sticker.animated,
        emojis=sticker.emojis,
        accessibilityLabel=sticker.label,
        isLottie=sticker.lottie,
        mimetype=sticker.mime_type,
    )


BUILDERS: Final[dict[type, Builder]] = {
    Image: _image,
    Video: _video,
    VideoNote: _video_note,
    Audio: _audio,
    VoiceNote: _voice_note,
    Document: _document,
    Sticker: _sticker,
    StickerPack: _pack,
    Album: _album,
}
