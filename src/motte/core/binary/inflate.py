"""Inflating compressed frames, with a limit: a few kilobytes of zlib can claim gigabytes."""

from __future__ import annotations

import zlib
from typing import Any

from motte.core.binary.tags import MAX_INFLATED
from motte.errors import RemoteProtocolError

_decompressor: Any = zlib.decompressobj
_error: Any = zlib.error
try:  # The extra `speed` brings a decompressor that is twice as fast, with the same interface.
    from isal import isal_zlib
except ImportError:
    pass
else:
    _decompressor, _error = isal_zlib.decompressobj, isal_zlib.error


def inflate(data: bytes, limit: int = MAX_INFLATED) -> bytes:
    """The content of a whole zlib stream, at most `limit` bytes long.

    Raises:
        RemoteProtocolError: not a zlib stream, cut short, followed by other bytes, or longer than `limit`.
    """
    stream = _decompressor()
    try:
        content: bytes = stream.decompress(data, limit)
        # Asking for one byte more tells a stream that ends at the limit from one that goes on.
        rest: bytes = b"" if stream.eof else stream.decompress(stream.unconsumed_tail, 1)
    except _error as error:
        raise RemoteProtocolError("a compressed frame is not a zlib stream") from error
    if rest:
        raise RemoteProtocolError(f"a compressed frame inflates to more than {limit} bytes")
    if not stream.eof:
        raise RemoteProtocolError("a compressed frame is cut short")
    if stream.unused_data:
        raise RemoteProtocolError("a compressed frame goes on behind its end")
    return content
