"""Messages are padded before encryption, so that their length tells less: 1 to 16 bytes, each holding their number."""

from __future__ import annotations

from typing import Final

from motte.core.crypto.rng import Rng
from motte.errors import RemoteProtocolError

MAX_PADDING: Final = 16


def pad(data: bytes, rng: Rng) -> bytes:
    """The data and its padding."""
    length = rng(1)[0] % MAX_PADDING + 1
    return data + bytes((length,)) * length


def unpad(data: bytes) -> bytes:
    """The data without its padding.

    Other clients have padded with up to 255 bytes, so any length is taken; each byte has to be right.

    Raises:
        RemoteProtocolError: this is not padded data.
    """
    length = data[-1] if data else 0
    if not length or data[-length:] != bytes((length,)) * length:
        raise RemoteProtocolError("a decrypted message is not padded as it should be")
    return data[:-length]
