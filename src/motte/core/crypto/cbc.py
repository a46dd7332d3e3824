"""AES-256-CBC with PKCS#7 padding, and AES-256-CTR."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from motte.errors import RemoteProtocolError

BLOCK = 16
_PADDING = tuple(bytes((BLOCK - rest,)) * (BLOCK - rest) for rest in range(BLOCK))


def cbc_encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """`data`, padded, under AES-CBC."""
    # Whole blocks go in, so all of them come out of `update` and nothing is left to finalize.
    return Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor().update(data + _PADDING[len(data) % BLOCK])


def cbc_decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """The plaintext without its padding. Check the MAC first.

    Raises:
        RemoteProtocolError: not a whole number of blocks, or wrong padding.
    """
    if not data or len(data) % BLOCK:
        raise RemoteProtocolError("an AES-CBC ciphertext is not a whole number of blocks")
    padded = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor().update(data)
    pad = padded[-1]
    if not 1 <= pad <= BLOCK or padded[-pad:] != _PADDING[-pad % BLOCK]:
        raise RemoteProtocolError("an AES-CBC plaintext has wrong padding")
    return padded[:-pad]


def ctr(key: bytes, iv: bytes, data: bytes) -> bytes:
    """`data` under AES-CTR; encryption and decryption are the same."""
    cipher = Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor()
    return cipher.update(data) + cipher.finalize()
