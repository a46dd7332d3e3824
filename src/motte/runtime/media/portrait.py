"""A picture as accounts and groups show it: a square JPEG of 640 × 640 pixels.

With the `media` extra any picture will do: it is turned upright, cropped to its middle and scaled. Without it a JPEG is
taken as it is.
"""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Final

from motte.errors import LocalProtocolError
from motte.model.picture import PictureSource
from motte.runtime.media.look import MAX_PIXELS

SIDE: Final = 640
"""Pixels, of both sides."""
MAX_FILE: Final = 64 * 1024 * 1024
"""Bytes of a picture that is scaled."""
MAX_READY: Final = 512 * 1024
"""Bytes of a picture that is sent as it is."""
_JPEG: Final = b"\xff\xd8\xff"
_QUALITY: Final = 80


async def portrait(source: PictureSource) -> bytes:
    """The JPEG of a picture.

    Raises:
        OSError: the file cannot be read.
        LocalProtocolError: it is no picture, it is too large, or it would have to be scaled and Pillow is missing.
    """
    return await asyncio.to_thread(_portrait, source)


def _portrait(source: PictureSource) -> bytes:
    data = source if isinstance(source, bytes) else _read(Path(source))
    if len(data) > MAX_FILE:
        raise LocalProtocolError(f"a picture has at most {MAX_FILE >> 20} MiB")
    try:
        return _scaled(data)
    except ImportError:
        return _ready(data)  # the extra is not installed
    except LocalProtocolError:
        raise
    except Exception as error:  # the decoders raise whatever they like on broken files
        raise LocalProtocolError(f"this picture cannot be read ({type(error).__name__})") from error


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE + 1)


def _scaled(data: bytes) -> bytes:
    from PIL import Image, ImageOps  # late, and optional

    with Image.open(io.BytesIO(data)) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise LocalProtocolError(f"a picture has at most {MAX_PIXELS // 1_000_000} million pixels")
        picture.draft("RGB", (SIDE * 2, SIDE * 2))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        square = ImageOps.fit(upright, (SIDE, SIDE))
        out = io.BytesIO()
        square.save(out, "JPEG", quality=_QUALITY)
        return out.getvalue()


def _ready(data: bytes) -> bytes:
    if not data.startswith(_JPEG):
        raise LocalProtocolError("without the media extra (pip install 'motte[media]') a picture has to be a JPEG")
    if len(data) > MAX_READY:
        raise LocalProtocolError(
            f"without the media extra (pip install 'motte[media]') a picture has at most {MAX_READY >> 10} KiB"
        )
    return data
