"""What a file is, by its first bytes."""

import pytest

from motte.core.media.sniff import is_ogg_opus, mime_type

OGG = b"OggS\0\x02" + bytes(20) + b"\x01\x13"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"RIFF\0\0\0\0????", None),
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"\0\0\0\x18ftyp3gp5", "video/3gpp"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        (OGG + b"OpusHead", "audio/ogg; codecs=opus"),
        (OGG + b"\x01vorbis", "audio/ogg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"hello", None),
        (b"", None),
    ],
)
def test_kinds(head: bytes, kind: str | None) -> None:
    assert mime_type(head) == kind


def test_a_voice_note_has_to_begin_as_one() -> None:
    assert is_ogg_opus(OGG + b"OpusHead")
    assert not is_ogg_opus((OGG + b"OpusHead")[:-1])
    assert not is_ogg_opus(b"OggS\0\0" + OGG[6:] + b"OpusHead")  # a page from the middle
    assert not is_ogg_opus(b"OggS")
