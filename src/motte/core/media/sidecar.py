"""The sidecar of a video or sound: MACs of its parts, so that they can be played before all of it is there.

stream    iv ‖ ciphertext ‖ mac
part n    the bytes n·64 KiB … (n+1)·64 KiB + 16 of the stream: 16 bytes of it are the IV of what follows
sidecar   the first 10 bytes of HMAC-SHA256(mac key, part), for each part in order
"""

from __future__ import annotations

from typing import Final

from motte.core.crypto.cbc import BLOCK
from motte.core.crypto.kdf import hmac_sha256, macs_equal
from motte.errors import MediaError

PART: Final = 64 * 1024
MAC_SIZE: Final = 10


class SidecarWriter:
    """Makes the sidecar while the stream passes by."""

    def __init__(self, mac_key: bytes, iv: bytes) -> None:
        self._key = mac_key
        self._rest = bytearray(iv)
        self._macs = bytearray()

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes after the IV."""
        rest = self._rest
        rest += data
        start = 0
        with memoryview(rest) as view:
            while len(rest) - start >= PART + BLOCK:
                self._macs += _mac(self._key, view[start : start + PART + BLOCK])
                start += PART
        del rest[:start]

    def finish(self) -> bytes:
        """The sidecar; the stream has ended."""
        for start in range(0, len(self._rest), PART):
            self._macs += _mac(self._key, self._rest[start : start + PART + BLOCK])
        return bytes(self._macs)


def check(mac_key: bytes, sidecar: bytes, number: int, part: bytes) -> None:
    """Check one part, its leading 16 bytes included.

    Raises:
        MediaError: it is not what the sender had, or the sidecar does not reach that far.
    """
    mac = sidecar[number * MAC_SIZE : (number + 1) * MAC_SIZE]
    if len(mac) != MAC_SIZE or not macs_equal(mac, _mac(mac_key, part)):
        raise MediaError("sidecar", f"part {number} does not fit the sidecar")


def _mac(key: bytes, part: bytes | bytearray | memoryview) -> bytes:
    return hmac_sha256(key, part)[:MAC_SIZE]
