"""Files, encrypted and decrypted while they pass by: no more than a chunk of them is ever in memory.

    file on the server    AES-256-CBC(cipher key, iv, file) ‖ first 10 bytes of HMAC-SHA256(mac key, iv ‖ ciphertext)
    file_sha256           SHA-256 of the file
    enc_sha256            SHA-256 of ciphertext and MAC

A decryptor gives out plaintext before it knows whether it is right: keep it aside until `finish` has returned.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from motte.core.crypto.cbc import BLOCK
from motte.core.crypto.kdf import macs_equal
from motte.core.media.keys import MediaKeys
from motte.core.media.sidecar import MAC_SIZE, SidecarWriter
from motte.errors import MediaError

MAX_SIZE: Final = 4 * 1024**3
"""Bytes of the longest file that is downloaded."""


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
        """Hash a piece of the file. Independent of `update`, so the two may run in two threads."""
        ...

    def update(self, data: bytes) -> bytes:
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
        self._cipher = Cipher(algorithms.AES(keys.cipher), modes.CBC(keys.iv)).encryptor()
        self._mac = hmac.new(keys.mac, keys.iv, "sha256")
        self._plain, self._encrypted = hashlib.sha256(), hashlib.sha256()
        self._sidecar = SidecarWriter(keys.mac, keys.iv) if sidecar else None
        self._parts: bytes | None = None
        self._size = 0

    def digest(self, data: bytes) -> None:
        """Hash a piece of the file."""
        self._plain.update(data)

    def update(self, data: bytes) -> bytes:
        """Encrypt a piece of the file."""
        self._size += len(data)
        return self._sealed(self._cipher.update(data))

    def finish(self) -> bytes:
        """The last block and the MAC."""
        pad = BLOCK - self._size % BLOCK
        last = self._sealed(self._cipher.update(bytes((pad,)) * pad))
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

    def _sealed(self, ciphertext: bytes) -> bytes:
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

    def update(self, data: bytes) -> bytes:
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

    def update(self, data: bytes) -> bytes:
        """A piece of the file. Raises `MediaError` once there is more than the message said."""
        ...

    def finish(self) -> bytes:
        """The last piece, when everything was right. Raises `MediaError`."""
        ...


class Decryptor:
    """Decrypts one file. A size of 0 in `expected` means that the message does not tell it."""

    def __init__(self, keys: MediaKeys, expected: Digests) -> None:
        self._cipher = Cipher(algorithms.AES(keys.cipher), modes.CBC(keys.iv)).decryptor()
        self._mac = hmac.new(keys.mac, keys.iv, "sha256")
        self._plain, self._encrypted = hashlib.sha256(), hashlib.sha256()
        self._expected = expected
        self._limit = encrypted_size(expected.size or MAX_SIZE)
        self._received = 0
        self._tail = b""  # of the ciphertext: it may be the MAC
        self._held = b""  # of the plaintext: it may be padding

    def update(self, data: bytes) -> bytes:
        """Decrypt a piece. Raises `MediaError` once there is more than the message said."""
        self._received += len(data)
        if self._received > self._limit:
            raise MediaError("size", "there is more of the file than the message says")
        self._encrypted.update(data)
        joined = self._tail + data
        body, self._tail = joined[:-MAC_SIZE], joined[-MAC_SIZE:]
        self._mac.update(body)
        plain = self._held + self._cipher.update(body)
        plain, self._held = plain[:-BLOCK], plain[-BLOCK:]
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
        if not macs_equal(self._mac.digest()[:MAC_SIZE], self._tail):
            raise MediaError("mac", "the MAC does not verify: truncated, changed, or under another key")
        if expected.enc_sha256 is not None and not macs_equal(self._encrypted.digest(), expected.enc_sha256):
            raise MediaError("enc_sha256", "the encrypted file is another one than the message names")
        last = _unpadded(self._held)
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

    def update(self, data: bytes) -> bytes:
        """The piece as it is. Raises `MediaError` once there is more than the message said."""
        self._size += len(data)
        if self._size > (self._expected.size or MAX_SIZE):
            raise MediaError("size", "there is more of the file than the message says")
        self._plain.update(data)
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
