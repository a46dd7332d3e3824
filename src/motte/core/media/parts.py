"""A range of an encrypted file, without the rest: where it is on the server, and how it is decrypted.

range of the file      rounded out to the parts of the sidecar (64 KiB), which are checked one by one
bytes on the server    those parts, with the 16 bytes before them, which are their IV
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from motte.core.crypto.cbc import BLOCK
from motte.core.media.cipher import encrypted_size
from motte.core.media.keys import MediaKeys
from motte.core.media.sidecar import MAC_SIZE, PART, check
from motte.errors import LocalProtocolError, MediaError


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The bytes `start` to `stop` (exclusive) of a file of `size` bytes.

    Raises:
        LocalProtocolError: there is no such range.
    """

    start: int
    stop: int
    size: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop <= self.size:
            raise LocalProtocolError(f"{self.start} to {self.stop} is no range of a file of {self.size} bytes")

    @property
    def first_part(self) -> int:
        """The number of the part that `start` is in."""
        return self.start // PART

    @property
    def begin(self) -> int:
        """Where on the server to read from."""
        return max(self.first_part * PART - BLOCK, 0)

    @property
    def end(self) -> int:
        """Where on the server to read to, exclusive."""
        return min(-(-self.stop // PART) * PART, encrypted_size(self.size))

    def decrypt(self, keys: MediaKeys, data: bytes, sidecar: bytes) -> bytes:
        """The range, out of the bytes `begin` to `end` of the encrypted file.

        Raises:
            MediaError: it is not what the sender had.
        """
        if len(data) != self.end - self.begin:
            raise MediaError("size", "the server sent another range than it was asked for")
        stream = keys.iv + data if self.begin == 0 else data
        body = stream[BLOCK:]
        for index, offset in enumerate(range(0, len(body), PART)):
            check(keys.mac, sidecar, self.first_part + index, stream[offset : offset + PART + BLOCK])
        if self.end == encrypted_size(self.size):
            body = body[:-MAC_SIZE]
        plain = Cipher(algorithms.AES(keys.cipher), modes.CBC(stream[:BLOCK])).decryptor().update(body)
        offset = self.first_part * PART
        return plain[self.start - offset : self.stop - offset]
