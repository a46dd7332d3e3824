"""The channel after the handshake: AES-256-GCM with a counter as nonce, one key for each direction.

A frame that is lost, repeated or changed does not authenticate, and neither does any after it: the connection is over.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag

from motte.core.crypto.aead import TAG_SIZE, aes_gcm
from motte.core.noise.symmetric import NONCE_SIZE, Symmetric
from motte.errors import LocalProtocolError, RemoteProtocolError

MAX_NONCE: Final = 1 << 32
"""Frames in one direction: WhatsApp's counter has 32 bits."""


class Transport:
    """Both directions of one connection; gives and takes the payloads of frames."""

    __slots__ = ("_open", "_open_nonce", "_seal", "_seal_nonce")

    def __init__(self, seal_key: bytes, open_key: bytes) -> None:
        # The cipher objects are kept: making one costs more than sealing a message.
        self._seal = aes_gcm(seal_key)
        self._open = aes_gcm(open_key)
        self._seal_nonce = 0
        self._open_nonce = 0

    @classmethod
    def of_client(cls, state: Symmetric) -> Transport:
        """The client's end after a handshake."""
        return cls(*state.split())

    @classmethod
    def of_server(cls, state: Symmetric) -> Transport:
        """The server's end after a handshake."""
        open_key, seal_key = state.split()
        return cls(seal_key, open_key)

    def seal(self, plaintext: bytes) -> bytes:
        """The next frame's payload, 16 bytes longer than `plaintext`.

        Raises:
            LocalProtocolError: the counter is used up.
        """
        nonce = self._seal_nonce
        if nonce >= MAX_NONCE:
            raise LocalProtocolError("this connection has sent all the frames that its counter allows")
        self._seal_nonce = nonce + 1
        return self._seal.encrypt(nonce.to_bytes(NONCE_SIZE, "big"), plaintext, None)

    def open(self, ciphertext: bytes) -> bytes:
        """The plaintext of the next frame.

        Raises:
            RemoteProtocolError: it does not authenticate, or the counter is used up.
        """
        nonce = self._open_nonce
        if nonce >= MAX_NONCE:
            raise RemoteProtocolError("this connection has received all the frames that its counter allows")
        if len(ciphertext) < TAG_SIZE:
            raise RemoteProtocolError("a frame is shorter than its authentication tag")
        try:
            plaintext = self._open.decrypt(nonce.to_bytes(NONCE_SIZE, "big"), ciphertext, None)
        except InvalidTag as error:
            raise RemoteProtocolError("a frame does not authenticate") from error
        self._open_nonce = nonce + 1
        return plaintext
