"""What the connection needs from a Noise handshake; `motte.core.noise.client.ClientHandshake` fits."""

from __future__ import annotations

from typing import Protocol


class Cipher(Protocol):
    """The two directions of an established Noise channel."""

    def seal(self, plaintext: bytes, /) -> bytes:
        """The ciphertext of the next outgoing frame."""
        ...

    def open(self, ciphertext: bytes, /) -> bytes:
        """The plaintext of the next incoming frame.

        Raises:
            RemoteProtocolError: it does not authenticate.
        """
        ...


class HandshakeResult(Protocol):
    """What a finished handshake leaves."""

    @property
    def reply(self) -> bytes | None:
        """The payload of the frame to send now; None when the server needs no answer (IK)."""
        ...

    @property
    def transport(self) -> Cipher:
        """The channel."""
        ...


class Handshake(Protocol):
    """One attempt at a Noise handshake: a hello out, a hello in, maybe an answer out."""

    def hello(self) -> bytes:
        """The payload of the first frame."""
        ...

    def finish(self, server_hello: bytes, /) -> HandshakeResult:
        """The outcome.

        Raises:
            HandshakeError: the server's hello or its certificate is refused.
            RemoteProtocolError: it is garbage.
        """
        ...
