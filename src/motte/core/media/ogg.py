"""How long a voice note is, told by its first and last page, without decoding it.

Granule positions of Opus count samples of 48 kHz; the first `pre-skip` of them are not played (RFC 7845, 4).
"""

from __future__ import annotations

from typing import Final

from motte.core.media.sniff import is_ogg_opus

TAIL: Final = 64 * 1024 + 512
"""Bytes at the end of a file that hold the last page, which is never longer."""
_RATE: Final = 48_000
_MAX_GRANULE: Final = 1 << 62


def seconds(head: bytes, tail: bytes) -> float | None:
    """The length of an Opus file in Ogg that begins with `head` and ends with `tail`; None when it does not tell."""
    page = tail.rfind(b"OggS")
    if not is_ogg_opus(head) or page < 0 or len(tail) < page + 14:
        return None
    packet = 27 + head[26]
    pre_skip = int.from_bytes(head[packet + 10 : packet + 12], "little")
    granule = int.from_bytes(tail[page + 6 : page + 14], "little")
    return (granule - pre_skip) / _RATE if pre_skip < granule < _MAX_GRANULE else None
