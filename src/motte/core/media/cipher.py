"""Files, encrypted and decrypted while they pass by: no more than a chunk of them is ever in memory.

    file on the server    AES-256-CBC(cipher key, iv, file) ‖ first 10 bytes of HMAC-SHA256(mac key, iv ‖ ciphertext)
    file_sha256           SHA-256 of the file
    enc_sha256            SHA-256 of ciphertext and MAC

A decryptor gives out plaintext before it knows whether it is right: keep it aside until `finish` has returned.

Both directions have a half that hashes (`digest`) and one that gives the other side of the cipher (`update`). The two
share nothing, so that a piece can go through both at once, in two threads. What `update` gives is in a buffer that is
used again: memory that is fresh for each piece costs more than the cipher does.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from motte.core.crypto.cbc import BLOCK
from motte.core.crypto.kdf import macs_equal
from motte.core.media.keys import MediaKeys
from motte.core.media.sidecar import MAC_SIZE, SidecarWriter
from motte.errors import MediaError

MAX_SIZE: Final = 4 * 1024**3
"""Bytes of the longest file that is downloaded."""
Piece: TypeAlias = bytes | memoryview
"""A piece that lasts until the next one is asked for."""


def encrypted_size(size: int) -> int:
    """Bytes on the server of a file of `size` bytes."""
    return (size // BLOCK + 1) * BLOCK + MAC_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """What a message says of its file; `enc_sha256` is None for files that are not encrypted."""

    size: int
    file_sha256: bytes = field(repr=False)
    enc_sha256: bytes | None = field(default=None, repr=False)
    sidecar: bytes | None = field(default=None, repr=False)


class Writer(Protocol):
    """Makes what goes to the server out of a file."""

    def digest(self, data: bytes) -> None:
        """Hash a piece of the file."""
        ...

    def update(self, data: bytes) -> Piece:
        """A piece of what is uploaded, for a piece of the file."""
        ...

    def finish(self) -> bytes:
        """The rest of what is uploaded."""
        ...

    def digests(self) -> Digests:
        """What to tell about the file, after `finish`."""
        ...


class Encryptor:
    """Encrypts one file; `sidecar` asks for one."""

    def __init__(self, keys: MediaKeys, *, sidecar: bool = False) -> None:
        self._cipher = _Cipher(Cipher(algorithms.AES(keys.cipher), modes.CBC(keys.iv)).encryptor())
        self._mac = hmac.new(keys.mac, keys.iv, "sha256")
        self._plain, self._encrypted = hashlib.sha256(), hashlib.sha256()
        self._sidecar = SidecarWriter(keys.mac, keys.iv) if sidecar else None
        self._parts: bytes | None = None
        self._size = 0

    def digest(self, data: bytes) -> None:
        """Hash a piece of the file."""
        self._plain.update(data)

    def update(self, data: bytes) -> Piece:
        """Encrypt a piece of the file."""
        self._size += len(data)
        return self._sealed(self._cipher.update(data))

    def finish(self) -> bytes:
        """The last block and the MAC."""
        pad = BLOCK - self._size % BLOCK
        last = bytes(self._sealed(self._cipher.update(bytes((pad,)) * pad)))
        mac = self._mac.digest()[:MAC_SIZE]
        self._encrypted.update(mac)
        if self._sidecar is not None:
            self._sidecar.update(mac)
            self._parts = self._sidecar.finish()
        return last + mac

    def digests(self) -> Digests:
        """What to tell about the file, after `finish`."""
        return Digests(
            size=self._size,
            file_sha256=self._plain.digest(),
            enc_sha256=self._encrypted.digest(),
            sidecar=self._parts,
        )

    def _sealed(self, ciphertext: Piece) -> Piece:
        self._mac.update(ciphertext)
        self._encrypted.update(ciphertext)
        if self._sidecar is not None:
            self._sidecar.update(ciphertext)
        return ciphertext


class Hasher:
    """The writer of files that are not encrypted."""

    def __init__(self) -> None:
        self._plain, self._size = hashlib.sha256(), 0

    def digest(self, data: bytes) -> None:
        """Hash a piece of the file."""
        self._plain.update(data)

    def update(self, data: bytes) -> Piece:
        """The piece as it is."""
        self._size += len(data)
        return data

    def finish(self) -> bytes:
        """Nothing more."""
        return b""

    def digests(self) -> Digests:
        """What to tell about the file."""
        return Digests(size=self._size, file_sha256=self._plain.digest())


class Reader(Protocol):
    """Makes a file out of what the server gives, and checks it."""

    def digest(self, data: bytes) -> None:
        """Hash a piece of what the server gives."""
        ...

    def update(self, data: bytes) -> Piece:
        """A piece of the file. Raises `MediaError` once there is more than the message said."""
        ...

    def finish(self) -> bytes:
        """The last piece, when everything was right. Raises `MediaError`."""
        ...


class Decryptor:
    """Decrypts one file. A size of 0 in `expected` means that the message does not tell it."""

    def __init__(self, keys: MediaKeys, expected: Digests) -> None:
        self._cipher = _Cipher(Cipher(algorithms.AES(keys.cipher), modes.CBC(keys.iv)).decryptor())
        self._mac = hmac.new(keys.mac, keys.iv, "sha256")
        self._plain, self._encrypted = hashlib.sha256(), hashlib.sha256()
        self._expected = expected
        self._limit = encrypted_size(expected.size or MAX_SIZE)
        self._received = 0
        self._before_mac = _AllBut(MAC_SIZE)
        self._before_end = _AllBut(BLOCK + MAC_SIZE)  # the last block holds padding

    def digest(self, data: bytes) -> None:
        """Hash a piece of what the server gives."""
        self._encrypted.update(data)
        for part in self._before_mac.take(data):
            self._mac.update(part)

    def update(self, data: bytes) -> Piece:
        """Decrypt a piece. Raises `MediaError` once there is more than the message said."""
        self._received += len(data)
        if self._received > self._limit:
            raise MediaError("size", "there is more of the file than the message says")
        plain = self._cipher.update(*self._before_end.take(data))
        self._plain.update(plain)
        return plain

    def finish(self) -> bytes:
        """The last piece, when everything was right.

        Raises:
            MediaError: truncated, or MAC, size or one of the hashes is wrong; `check` says which.
        """
        expected, size = self._expected, self._received
        if size < BLOCK + MAC_SIZE or (size - MAC_SIZE) % BLOCK:
            raise MediaError("size", "the file is truncated")
        end = self._before_end.rest
        if not macs_equal(self._mac.digest()[:MAC_SIZE], end[BLOCK:]):
            raise MediaError("mac", "the MAC does not verify: truncated, changed, or under another key")
        if expected.enc_sha256 is not None and not macs_equal(self._encrypted.digest(), expected.enc_sha256):
            raise MediaError("enc_sha256", "the encrypted file is another one than the message names")
        last = _unpadded(bytes(self._cipher.update(end[:BLOCK])))
        self._plain.update(last)
        plain_size = size - MAC_SIZE - BLOCK + len(last)
        if expected.size and plain_size != expected.size:
            raise MediaError("size", f"the file has {plain_size} bytes, not the {expected.size} that the message says")
        if not macs_equal(self._plain.digest(), expected.file_sha256):
            raise MediaError("file_sha256", "the file is another one than the message names")
        return last


class Checker:
    """The reader of files that are not encrypted."""

    def __init__(self, expected: Digests) -> None:
        self._expected, self._plain, self._size = expected, hashlib.sha256(), 0

    def digest(self, data: bytes) -> None:
        """Hash a piece of what the server gives."""
        self._plain.update(data)

    def update(self, data: bytes) -> Piece:
        """The piece as it is. Raises `MediaError` once there is more than the message said."""
        self._size += len(data)
        if self._size > (self._expected.size or MAX_SIZE):
            raise MediaError("size", "there is more of the file than the message says")
        return data

    def finish(self) -> bytes:
        """Nothing more. Raises `MediaError` when the hash or the size is wrong."""
        if self._expected.size and self._size != self._expected.size:
            raise MediaError("size", "the file is truncated")
        if not macs_equal(self._plain.digest(), self._expected.file_sha256):
            raise MediaError("file_sha256", "the file is another one than the message names")
        return b""


def _unpadded(block: bytes) -> bytes:
    pad = block[-1]
    if not 1 <= pad <= BLOCK or block[-pad:] != bytes((pad,)) * pad:
        raise MediaError("padding", "the plaintext has wrong padding")
    return block[:-pad]


class _Cipher:
    """One direction of the cipher, into a buffer that is used again."""

    def __init__(self, context: CipherContext) -> None:
        self._context, self._out = context, bytearray()

    def update(self, *parts: Piece) -> memoryview:
        size = sum(map(len, parts)) + 2 * BLOCK
        if len(self._out) < size:
            self._out = bytearray(size)
        out, done = memoryview(self._out), 0
        for part in parts:
            done += self._context.update_into(part, out[done:])
        return out[:done]


class _AllBut:
    """Passes a stream on, but for its last bytes, whichever they will be."""

    def __init__(self, size: int) -> None:
        self._size, self.rest = size, b""

    def take(self, data: bytes) -> tuple[Piece, Piece]:
        """What is known now not to be among the last, of what was kept and of `data`."""
        kept, free = self.rest, max(0, len(self.rest) + len(data) - self._size)
        of_data = max(0, free - len(kept))
        self.rest = kept[free:] + data[of_data:]
        return kept[:free], memoryview(data)[:of_data]
