"""What can be seen of a picture, a video or a sound: size, length, a small picture of it, the waveform.

With the `media` extra (Pillow, PyAV); without it, or when a file is strange, nothing is seen and the file is sent all
the same. Files are looked at when they are on disk or in memory; what streams by is not.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from motte.core.media import ogg
from motte.core.media.sniff import HEAD, mime_type
from motte.model.content import Media
from motte.model.content.media import Audio, Document, Image, Source, Sticker, Video, VideoNote, VoiceNote

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

log = logging.getLogger("motte.media")

THUMBNAIL: Final = 72
"""Pixels of a thumbnail's longer side: it travels inside the message."""
MAX_PIXELS: Final = 64_000_000
"""Pictures with more pixels are not decoded: they may be made to fill the memory."""
SAMPLES: Final = 64
"""Bars of a waveform, each 0 to 100."""
MAX_SOUND: Final = 2 * 3600
"""Seconds of the longest sound whose waveform is drawn."""
_QUALITY: Final = 50
_MAX_FRAMES: Final = 200_000
"""Of sound: what a file says of its own length need not be true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was found out; None for what was not."""

    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    thumbnail: bytes | None = None
    waveform: bytes | None = None
    animated: bool = False

    def facts(self) -> dict[str, object]:
        """The fields that contents have too."""
        names = ("width", "height", "seconds", "thumbnail", "waveform")
        return {name: getattr(self, name) for name in names}


NOTHING: Final = Seen()


async def look(content: Media, source: Source) -> Seen:
    """Look at a content's file, in a thread."""
    if not isinstance(source, bytes | str | Path) or type(content) not in _LOOKERS:
        return NOTHING
    return await asyncio.to_thread(_look, _LOOKERS[type(content)], source)


def _look(looker: Callable[[IO[bytes]], Seen], source: bytes | str | Path) -> Seen:
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
            return looker(file)
    except ImportError:
        return NOTHING  # the extra is not installed
    except Exception as error:
        # The decoders raise whatever they like on broken files; the send itself tells what matters.
        log.debug("a file could not be looked at: %s", type(error).__name__)
        return NOTHING


def _picture(file: IO[bytes]) -> Seen:
    from PIL import Image as Pillow  # late, and optional

    with Pillow.open(file) as picture:
        width, height = picture.size
        if width * height > MAX_PIXELS:
            return Seen(width=width, height=height)  # already to look for its EXIF would decode a PNG
        if picture.getexif().get(_ORIENTATION, 1) in _SIDEWAYS:
            width, height = height, width
        return Seen(width=width, height=height, thumbnail=_thumbnail(picture))


_ORIENTATION: Final = 0x0112
_SIDEWAYS: Final = frozenset({5, 6, 7, 8})


def _thumbnail(picture: Picture) -> bytes:
    from PIL import ImageOps

    picture.draft("RGB", (THUMBNAIL * 2, THUMBNAIL * 2))
    small = ImageOps.exif_transpose(picture)
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    out = io.BytesIO()
    small.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _sticker(file: IO[bytes]) -> Seen:
    from PIL import Image as Pillow

    with Pillow.open(file) as picture:
        width, height = picture.size
        small = _see_through(picture) if width * height <= MAX_PIXELS else None
        animated = bool(getattr(picture, "is_animated", False))
        return Seen(width=width, height=height, thumbnail=small, animated=animated)


def _see_through(picture: Picture) -> bytes:
    """The thumbnail of a sticker: a PNG, since a sticker has no ground."""
    small, out = picture.convert("RGBA"), io.BytesIO()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(out, "PNG")
    return out.getvalue()


def _document(file: IO[bytes]) -> Seen:
    """A document that is a picture or a film has a thumbnail; to draw a page takes more than these libraries."""
    kind = mime_type(file.read(HEAD)) or ""
    file.seek(0)
    if kind.startswith("image/"):
        return _picture(file)
    return _video(file) if kind.startswith("video/") else NOTHING


def _video(file: IO[bytes]) -> Seen:
    import av  # late, and optional

    with av.open(file, mode="r") as container:
        stream = container.streams.video[0]
        length = container.duration / av.time_base if container.duration else None
        width, height = stream.width, stream.height
        thumbnail = None
        if width * height <= MAX_PIXELS:
            frame = next(iter(container.decode(stream)))
            thumbnail = _thumbnail(frame.to_image())  # type: ignore[no-untyped-call]
        return Seen(width=width, height=height, seconds=_whole(length), thumbnail=thumbnail)


def _sound(file: IO[bytes]) -> Seen:
    import av

    with av.open(file, mode="r") as container:
        return Seen(seconds=_whole(container.duration / av.time_base if container.duration else None))


def _voice(file: IO[bytes]) -> Seen:
    """The length without any extra; the waveform by PyAV."""
    head = file.read(HEAD)
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - ogg.TAIL))
    length = ogg.seconds(head, file.read())
    file.seek(0)
    waveform = _waveform(file) if length is None or length <= MAX_SOUND else None
    return Seen(seconds=_whole(length), waveform=waveform)


def _waveform(file: IO[bytes]) -> bytes | None:
    """64 bars, the loudest 100: the mean of what is played in each 64th of the sound."""
    try:
        import av
    except ImportError:
        return None
    with av.open(file, mode="r") as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=_LOUDNESS_RATE)
        loudness: list[int] = []
        rest = b""
        for frame in islice(container.decode(audio=0), _MAX_FRAMES):
            for part in resampler.resample(frame):
                data = rest + bytes(part.planes[0])[: part.samples * 2]
                whole = len(data) // (2 * GRAIN) * (2 * GRAIN)
                samples, rest = memoryview(data)[:whole].cast("h"), data[whole:]
                loudness += (sum(map(abs, samples[at : at + GRAIN])) for at in range(0, len(samples), GRAIN))
    return bars(loudness)


_LOUDNESS_RATE: Final = 8000
GRAIN: Final = 40
"""Samples that are summed up at once: 5 ms."""


def bars(loudness: Sequence[int]) -> bytes | None:
    """The waveform of a sound whose loudness went like this; None when there is too little of it."""
    if len(loudness) < SAMPLES:
        return None
    edges = [at * len(loudness) // SAMPLES for at in range(SAMPLES + 1)]
    means = [(sum(loudness[start:stop]) << 16) // (stop - start) for start, stop in pairwise(edges)]
    loudest = max(means) or 1
    return bytes(100 * one // loudest for one in means)


def _whole(length: float | None) -> int | None:
    return max(1, round(length)) if length else None


_LOOKERS: Final[dict[type, Callable[[IO[bytes]], Any]]] = {
    Image: _picture,
    Document: _document,
    Sticker: _sticker,
    Video: _video,
    VideoNote: _video,
    Audio: _sound,
    VoiceNote: _voice,
}
