"""Text.

conversation                                        (read only; Text is always sent as the other)
extendedTextMessage{text, matchedText, title, description, jpegThumbnail, previewType, textArgb, backgroundArgb, font,
                    thumbnailDirectPath, thumbnailSha256, thumbnailEncSha256, mediaKey, mediaKeyTimestamp,
                    thumbnailWidth, thumbnailHeight}
"""

from __future__ import annotations

from typing import Final

from motte.core.message.content.fields import maybe, text
from motte.core.message.content.scene import Builder, Reader, Scene, Viewpoint
from motte.errors import LocalProtocolError
from motte.model.content.media import RemoteFile
from motte.model.content.text import Font, LinkPreview, Text
from motte.proto.e2e_pb2 import Message

_Extended = Message.ExtendedTextMessage
_THUMBNAIL_TYPE: Final = "image/jpeg"


def build(content: Text, scene: Scene) -> Message:
    """A text."""
    if not content.text:
        raise LocalProtocolError("an empty text cannot be sent")
    extended = _Extended(
        text=content.text,
        textArgb=content.color,
        backgroundArgb=content.background,
        font=_Extended.FontType.ValueType(content.font) if content.font is not None else None,
    )
    if isinstance(content.preview, LinkPreview):
        _preview(extended, content.preview)
    return Message(extendedTextMessage=extended)


def _preview(extended: _Extended, preview: LinkPreview) -> None:
    extended.MergeFrom(
        _Extended(
            matchedText=preview.url,
            title=preview.title,
            description=preview.description,
            jpegThumbnail=preview.thumbnail,
            previewType=_Extended.NONE,
            thumbnailWidth=preview.width,
            thumbnailHeight=preview.height,
        )
    )
    file = preview.file
    if file is not None:
        extended.MergeFrom(
            _Extended(
                thumbnailDirectPath=file.direct_path,
                thumbnailSha256=file.file_sha256,
                thumbnailEncSha256=file.enc_sha256,
                mediaKey=file.media_key,
                mediaKeyTimestamp=file.media_key_timestamp,
            )
        )


def _plain(message: Message, view: Viewpoint) -> Text:
    return Text(text=text(message.conversation))


def _extended(message: Message, view: Viewpoint) -> Text:
    extended = message.extendedTextMessage
    if len(extended.ListFields()) == 1 and extended.text:
        return Text(text=text(extended.text))
    return Text(
        text=text(extended.text),
        preview=_read_preview(extended) if extended.matchedText else None,
        background=extended.backgroundArgb if extended.HasField("backgroundArgb") else None,
        color=extended.textArgb if extended.HasField("textArgb") else None,
        font=Font(extended.font) if extended.HasField("font") else None,
    )


def _read_preview(extended: _Extended) -> LinkPreview:
    return LinkPreview(
        url=text(extended.matchedText),
        title=maybe(extended.title),
        description=maybe(extended.description),
        thumbnail=extended.jpegThumbnail or None,
        file=_read_file(extended) if extended.thumbnailDirectPath else None,
        width=extended.thumbnailWidth or None,
        height=extended.thumbnailHeight or None,
    )


def _read_file(extended: _Extended) -> RemoteFile:
    return RemoteFile(
        direct_path=text(extended.thumbnailDirectPath),
        file_sha256=extended.thumbnailSha256,
        enc_sha256=extended.thumbnailEncSha256 or None,
        media_key=extended.mediaKey or None,
        media_key_timestamp=extended.mediaKeyTimestamp or None,
        size=0,
        mime_type=_THUMBNAIL_TYPE,
    )


BUILDERS: Final[dict[type, Builder]] = {Text: build}
READERS: Final[dict[str, Reader]] = {"conversation": _plain, "extendedTextMessage": _extended}
