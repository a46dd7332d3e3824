"""The three messages of a handshake, checked for shape: which parts there are, and their sizes.

ClientHello   ephemeral                       XX: nothing else; IK: also static and payload, encrypted
ServerHello   ephemeral, static, payload      static is absent exactly when the server accepts IK
ClientFinish  static, payload                 after XX and XXfallback
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.crypto.aead import TAG_SIZE
from motte.core.crypto.curve import KEY_SIZE
from motte.errors import HandshakeError
from motte.proto.handshake_pb2 import HandshakeMessage

SEALED_KEY_SIZE: Final = KEY_SIZE + TAG_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHello:
    """The client's first message; `static` and `payload` are there in IK and absent in XX."""

    ephemeral: bytes
    static: bytes | None = None
    payload: bytes | None = None

    def serialize(self) -> bytes:
        """The payload of the client's first frame."""
        hello = HandshakeMessage.ClientHello(ephemeral=self.ephemeral, static=self.static, payload=self.payload)
        return HandshakeMessage(clientHello=hello).SerializeToString()

    @classmethod
    def parse(cls, data: bytes) -> ClientHello:
        """The message of a first frame.

        Raises:
            HandshakeError: `client-hello`.
        """
        message = _parse(data, "client-hello")
        hello = message.clientHello
        _check_size(hello.ephemeral, KEY_SIZE, "client-hello")
        if not hello.HasField("static"):
            return cls(ephemeral=hello.ephemeral)
        _check_size(hello.static, SEALED_KEY_SIZE, "client-hello")
        return cls(ephemeral=hello.ephemeral, static=hello.static, payload=hello.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHello:
    """The server's answer; `static` is None when it accepts IK."""

    ephemeral: bytes
    static: bytes | None
    payload: bytes

    def serialize(self) -> bytes:
        """The payload of the server's frame."""
        hello = HandshakeMessage.ServerHello(ephemeral=self.ephemeral, static=self.static, payload=self.payload)
        return HandshakeMessage(serverHello=hello).SerializeToString()

    @classmethod
    def parse(cls, data: bytes) -> ServerHello:
        """The message of the server's first frame.

        Raises:
            HandshakeError: `server-hello`.
        """
        message = _parse(data, "server-hello")
        hello = message.serverHello
        _check_size(hello.ephemeral, KEY_SIZE, "server-hello")
        static = hello.static if hello.HasField("static") else None
        if static is not None:
            _check_size(static, SEALED_KEY_SIZE, "server-hello")
        return cls(ephemeral=hello.ephemeral, static=static, payload=hello.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFinish:
    """The client's last message of XX and XXfallback, both parts encrypted."""

    static: bytes
    payload: bytes

    def serialize(self) -> bytes:
        """The payload of the client's second frame."""
        finish = HandshakeMessage.ClientFinish(static=self.static, payload=self.payload)
        return HandshakeMessage(clientFinish=finish).SerializeToString()

    @classmethod
    def parse(cls, data: bytes) -> ClientFinish:
        """The message of the client's second frame.

        Raises:
            HandshakeError: `client-finish`.
        """
        message = _parse(data, "client-finish")
        _check_size(message.clientFinish.static, SEALED_KEY_SIZE, "client-finish")
        return cls(static=message.clientFinish.static, payload=message.clientFinish.payload)


def _parse(data: bytes, step: str) -> HandshakeMessage:
    try:
        return HandshakeMessage.FromString(data)
    except DecodeError as error:
        raise HandshakeError(step, "it is not a handshake message") from error


def _check_size(part: bytes, size: int, step: str) -> None:
    if len(part) != size:
        raise HandshakeError(step, f"a part of it has {len(part)} bytes instead of {size}")
