"""The seeds of the targets around files."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from motte.core.crypto.aead import gcm_encrypt
from motte.proto.media_retry_pb2 import MediaRetryNotification
from tests.fuzz import media_targets as media

OPUS_HEAD = b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01\x38\x01"


def seeds() -> Iterator[tuple[str, bytes]]:
    """Target and input."""
    yield "media", media.ENCRYPTED
    yield "media", media.sealed(media.FILE[:16])[0]
    yield "media", media.FILE
    success = MediaRetryNotification.SUCCESS
    answer = MediaRetryNotification(stanzaId=media.ID, directPath="/v/new", result=success).SerializeToString()
    yield "media_retry", answer
    yield "media_retry", gcm_encrypt(media.RETRY_KEY, media.IV, answer, media.ID.encode())
    yield "media_retry", MediaRetryNotification(result=MediaRetryNotification.NOT_FOUND).SerializeToString()
    yield "sniff", OPUS_HEAD + b"OggS\0\4" + struct.pack("<Q", 96_312)
    for head in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypisom", b"%PDF-1.7 "):
        yield "sniff", head + bytes(16)
