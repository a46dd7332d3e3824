"""The keys of one file.

HKDF-SHA256(media key, 112 bytes, "WhatsApp <kind> Keys") = iv 16 ‖ cipher 32 ‖ mac 32 ‖ ref 32
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from motte.core.crypto.kdf import hkdf
from motte.core.media.kinds import FACTS, MediaKind
from motte.errors import LocalProtocolError, MediaError

MEDIA_KEY_SIZE: Final = 32
_SIZE: Final = 112


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaKeys:
    """What encrypts and authenticates one file; `ref` is derived along and used for nothing here."""

    iv: bytes = field(repr=False)
    cipher: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    ref: bytes = field(repr=False)

    @classmethod
    def derive(cls, media_key: bytes, kind: MediaKind) -> MediaKeys:
        """The keys that follow from a media key.

        Raises:
            MediaError: the media key is not 32 bytes long.
            LocalProtocolError: files of this kind are not encrypted.
        """
        if len(media_key) != MEDIA_KEY_SIZE:
            raise MediaError("key", f"a media key of {len(media_key)} bytes")
        if not FACTS[kind].keys:
            raise LocalProtocolError(f"files of kind {kind} are not encrypted")
        okm = hkdf(media_key, _SIZE, info=FACTS[kind].info)
        return cls(iv=okm[:16], cipher=okm[16:48], mac=okm[48:80], ref=okm[80:])
