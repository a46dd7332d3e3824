"""Files that a phone, or the server itself, puts on the media host: app state and history.

keys  HKDF-SHA256(media key, 112, "WhatsApp <kind> Keys") = iv 16 ‖ cipher key 32 ‖ mac key 32 ‖ …
file  AES-256-CBC(cipher key, iv, data) ‖ first 10 bytes of HMAC-SHA256(mac key, iv ‖ ciphertext)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from motte.core.crypto.cbc import cbc_encrypt
from motte.core.crypto.kdf import hkdf, hmac_sha256, sha256
from motte.testing.server.hub import Hub

_KEY_SIZE: Final = 32
_DERIVED: Final = 112
_MAC_SIZE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What has to be known to fetch and open a file; `size` is of what is inside, in bytes."""

    path: str
    media_key: bytes = field(repr=False)
    sha256: bytes = field(repr=False)
    enc_sha256: bytes = field(repr=False)
    size: int


def upload(hub: Hub, data: bytes, info: bytes, *, wrong_mac: bool = False) -> File:
    """Encrypt and store a file; `info` names the kind of its keys. `wrong_mac` is a fault."""
    media_key = hub.rng(_KEY_SIZE)
    keys = hkdf(media_key, _DERIVED, info=info)
    iv, cipher, mac = keys[:16], keys[16:48], keys[48:80]
    sealed = cbc_encrypt(cipher, iv, data)
    sealed += bytes(_MAC_SIZE) if wrong_mac else hmac_sha256(mac, iv + sealed)[:_MAC_SIZE]
    blob = hub.media.put(sealed)
    return File(path=blob.path, media_key=media_key, sha256=sha256(data), enc_sha256=sha256(sealed), size=len(data))
