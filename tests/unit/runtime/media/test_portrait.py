"""What becomes of a picture that an account or a group is to show."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from pathlib import Path

import pytest

from motte.errors import LocalProtocolError
from motte.runtime.media.look import MAX_PIXELS
from motte.runtime.media.portrait import MAX_FILE, MAX_READY, portrait

Pillow = pytest.importorskip("PIL.Image", reason="pictures are scaled with the media extra")


def halves(width: int, height: int, kind: str = "PNG", **options: object) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    picture = Pillow.new("RGB", (width, height), "red")
    picture.paste("blue", (width // 2, 0, width, height))
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def empty_png(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def colors(jpeg: bytes) -> list[str]:
    """Which colour is at the left, at the right, at the top and at the bottom."""
    with Pillow.open(io.BytesIO(jpeg)) as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", (640, 640), "RGB")
        spots = [picture.getpixel(spot) for spot in ((40, 320), (600, 320), (320, 40), (320, 600))]
    return ["red" if red > blue else "blue" for red, _, blue in spots]


async def test_it_is_cropped_to_its_middle(tmp_path: Path) -> None:
    file = tmp_path / "wide.png"
    file.write_bytes(halves(1000, 200))
    for source in (file, str(file), file.read_bytes()):
        assert colors(await portrait(source))[:2] == ["red", "blue"]


async def test_a_small_one_grows() -> None:
    assert colors(await portrait(halves(20, 20)))[:2] == ["red", "blue"]


async def test_it_is_turned_upright() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # to be turned right by a quarter
    assert colors(await portrait(halves(64, 64, "JPEG", exif=exif)))[2:] == ["red", "blue"]


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "CMYK", "1"])
async def test_every_mode(mode: str) -> None:
    out = io.BytesIO()
    Pillow.new(mode, (30, 30)).save(out, "TIFF")
    colors(await portrait(out.getvalue()))


async def test_a_bomb_is_not_unpacked() -> None:
    side = int(MAX_PIXELS**0.5) + 1
    with pytest.raises(LocalProtocolError, match="million pixels"):
        await portrait(empty_png(side, side))


async def test_a_bomb_that_pillow_itself_refuses() -> None:
    with pytest.raises(LocalProtocolError, match="cannot be read"):
        await portrait(empty_png(60_000, 60_000))


@pytest.mark.parametrize("data", [b"", b"nothing", halves(50, 50)[:80], halves(50, 50, "JPEG")[:200]])
async def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(LocalProtocolError, match="cannot be read"):
        await portrait(data)


async def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    file = tmp_path / "large"
    with file.open("wb") as sparse:
        sparse.truncate(MAX_FILE + 1)
    with pytest.raises(LocalProtocolError, match="64 MiB"):
        await portrait(file)


async def test_without_the_extra_a_jpeg_goes_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    jpeg = halves(64, 64, "JPEG")
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert await portrait(jpeg) == jpeg
    with pytest.raises(LocalProtocolError, match="media extra"):
        await portrait(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(LocalProtocolError, match="KiB"):
        await portrait(jpeg + bytes(MAX_READY))
