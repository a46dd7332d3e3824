"""What is seen of pictures and sounds, and what is not."""

from __future__ import annotations

import io
import json
import struct
import wave
import zlib
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any

import pytest

from motte.core.media import ogg
from motte.model.content import Document, Image, Sticker, Video, VoiceNote
from motte.runtime.media.look import GRAIN, NOTHING, SAMPLES, THUMBNAIL, bars, look

PIL = pytest.importorskip("PIL.Image")
av = pytest.importorskip("av")
WAVEFORMS: Any = json.loads((Path(__file__).parents[3] / "vectors" / "media.json").read_text())["waveforms"]


def picture(kind: str, size: tuple[int, int] = (640, 480), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    PIL.new(mode, size, "red").save(out, kind, **options)
    return out.getvalue()


def bomb() -> bytes:
    """The beginning of a PNG of 120 million pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 2_000, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return start + b"\0\0\0\0IDAT\x35\xaf\x06\x1e"


def voice(file: IO[bytes], seconds: int) -> None:
    """Silence, then a square wave that is as long."""
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        for number in range(seconds * 50):
            level = 0 if number < seconds * 25 else 8000
            frame = av.AudioFrame(format="s16", layout="mono", samples=960)
            frame.planes[0].update(struct.pack("<960h", *(level if n // 24 % 2 else -level for n in range(960))))
            frame.sample_rate, frame.pts = 48_000, number * 960
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


async def test_a_picture_and_its_thumbnail() -> None:
    seen = await look(Image(file=b""), picture("PNG"))
    assert (seen.width, seen.height) == (640, 480)
    assert seen.thumbnail is not None
    with PIL.open(io.BytesIO(seen.thumbnail)) as small:
        assert (small.format, max(small.size)) == ("JPEG", THUMBNAIL)


async def test_a_picture_that_lies_on_its_side_is_turned() -> None:
    exif = PIL.Exif()
    exif[0x0112] = 6
    seen = await look(Image(file=b""), picture("JPEG", exif=exif))
    assert (seen.width, seen.height) == (480, 640)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
async def test_a_bomb_is_measured_and_not_decoded() -> None:
    seen = await look(Image(file=b""), bomb())
    assert (seen.width, seen.thumbnail) == (60_000, None)


async def test_a_sticker_that_moves(tmp_path: Path) -> None:
    path = tmp_path / "sticker.webp"
    frames = [PIL.new("RGBA", (64, 64), color) for color in ("red", "green")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    seen = await look(Sticker(file=path), path)
    assert (seen.width, seen.height, seen.animated) == (64, 64, True)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
async def test_a_stickers_thumbnail_has_no_ground_either() -> None:
    seen = await look(Sticker(file=b""), picture("WEBP", (512, 512), mode="RGBA"))
    assert (seen.width, seen.height, seen.animated) == (512, 512, False)
    assert seen.thumbnail is not None
    with PIL.open(io.BytesIO(seen.thumbnail)) as small:
        assert (small.format, small.mode, small.size) == ("PNG", "RGBA", (THUMBNAIL, THUMBNAIL))
    assert (await look(Sticker(file=b""), bomb())).thumbnail is None


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
async def test_a_document_that_is_a_picture() -> None:
    seen = await look(Document(file=b"", name="scan.png"), picture("PNG"))
    assert seen.thumbnail == (await look(Image(file=b""), picture("PNG"))).thumbnail is not None
    assert (await look(Document(file=b""), bomb())).thumbnail is None
    for other in (b"%PDF-1.7", b"PK\x03\x04", b"words", b"", b"\xff\xd8\xff of nothing"):
        assert await look(Document(file=b""), other) == NOTHING


async def test_a_voice_note_has_a_length_and_a_waveform() -> None:
    file = io.BytesIO()
    voice(file, 2)
    seen = await look(VoiceNote(file=b""), file.getvalue())
    assert seen.seconds == 2
    assert seen.waveform is not None
    assert len(seen.waveform) == SAMPLES
    assert max(seen.waveform[:30]) < 10
    assert min(seen.waveform[34:62]) > 50
    assert max(seen.waveform) == 100
    length = ogg.seconds(file.getvalue()[:64], file.getvalue()[-ogg.TAIL :])
    assert length is not None
    assert 1.9 < length < 2.1


async def streamed(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def test_what_is_strange_or_streams_by_is_not_seen(tmp_path: Path) -> None:
    for content in (Image(file=b""), Video(file=b""), VoiceNote(file=b""), Sticker(file=b"")):
        assert (await look(content, b"nothing that anybody knows")).width is None
        assert await look(content, tmp_path / "missing") == NOTHING
    assert await look(Document(file=b""), streamed(picture("PNG"))) == NOTHING


def test_bars() -> None:
    assert bars([0] * 64) == bytes(64)
    assert bars([1] * 63) is None
    assert bars(list(range(64))) == bytes(100 * n // 63 for n in range(64))


def pcm(case: dict[str, Any]) -> list[int]:
    """The samples that a vector's levels stand for: each level so often, up and down by turns."""
    levels = [int(level) for level in case["levels"].split() for _ in range(case["grain"])]
    return [-level if place % 2 else level for place, level in enumerate(levels)]


@pytest.mark.parametrize("case", WAVEFORMS, ids=lambda case: case["name"])
async def test_a_waveform_is_the_one_that_baileys_draws(case: dict[str, Any]) -> None:
    expected, samples = b64decode(case["waveform"]), pcm(case)
    ours = bars([sum(map(abs, samples[at : at + GRAIN])) for at in range(0, len(samples), GRAIN)])
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, len(samples), "NONE", ""))
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    decoded = (await look(VoiceNote(file=b""), file.getvalue())).waveform
    for waveform in (ours, decoded):
        assert waveform is not None
        assert len(waveform) == len(expected) == SAMPLES
        assert max(abs(one - other) for one, other in zip(waveform, expected, strict=True)) <= 1


@pytest.mark.parametrize("tail", [b"", b"OggS", b"OggS" + bytes(10), b"OggS\0\0" + b"\xff" * 8])
def test_a_last_page_that_tells_no_length(tail: bytes) -> None:
    head = b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01\x38\x01"
    assert ogg.seconds(head, tail) is None
