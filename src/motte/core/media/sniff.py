"""What a file is, by its first bytes; names lie, and some files have none."""

from __future__ import annotations

from typing import Final

HEAD: Final = 64
"""Bytes of a file that are enough to tell."""
OCTETS: Final = "application/octet-stream"
OPUS: Final = "audio/ogg; codecs=opus"

_STARTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"#!AMR", "audio/amr"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
_BRANDS: Final = {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime", b"3gp": "video/3gpp"}
"""Of ISO media (`ftyp`); a brand that is not here is MP4."""
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}


def mime_type(head: bytes) -> str | None:
    """The MIME type of a file that begins with `head` (`HEAD` bytes), or None when nothing is recognised."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12]) or _BRANDS.get(head[8:11]) or "video/mp4"
    if head[:4] == b"OggS":
        return OPUS if is_ogg_opus(head) else "audio/ogg"
    return None


def is_ogg_opus(head: bytes) -> bool:
    """Whether a file is Opus in Ogg, which is what a voice note has to be.

    The first page is `OggS`, version 0, flagged as a beginning (bit 1), and its first packet is `OpusHead`
    (RFC 3533, 6; RFC 7845, 5.1).
    """
    if len(head) < 28 or head[:5] != b"OggS\0" or not head[5] & 2:
        return False
    packet = 27 + head[26]
    return head[packet : packet + 8] == b"OpusHead"
