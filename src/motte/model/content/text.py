"""Text, and how it looks in a status."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from motte.model.content.context import InContext
from motte.model.content.media import RemoteFile


class Font(IntEnum):
    """The fonts of a text status."""

    SYSTEM = 0
    SYSTEM_TEXT = 1
    FB_SCRIPT = 2
    SYSTEM_BOLD = 6
    MORNINGBREEZE_REGULAR = 7
    CALISTOGA_REGULAR = 8
    EXO2_EXTRABOLD = 9
    COURIERPRIME_BOLD = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPreview:
    """What is shown of a link in a text: `url` as it stands in the text, title, description, a small JPEG.

    `file` is a larger picture on the media servers (kind `thumbnail-link`), `width` and `height` its size in pixels.
    """

    url: str
    title: str | None = None
    description: str | None = None
    thumbnail: bytes | None = field(default=None, repr=False)
    file: RemoteFile | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(InContext):
    """A text message. `background` and `color` (0xAARRGGBB) and `font` are for a status.

    `preview` is what is shown of the link in it. For sending, True has one made, False sends none, and None does as
    `Config.link_previews` says; what is received has one, or None.
    """

    text: str
    preview: LinkPreview | bool | None = None
    background: int | None = None
    color: int | None = None
    font: Font | None = None
