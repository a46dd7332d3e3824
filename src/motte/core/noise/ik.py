"""Noise_IK: the client knows the server's static key from an earlier connection and saves a message.

    <- s                       known before
    -> e, es, s, ss, payload   ClientHello{ephemeral, static, payload = ClientPayload}
    <- e, ee, se, chain        ServerHello{ephemeral, payload = CertChain}

A server whose static key has changed cannot open the hello and answers with XXfallback.
"""

from __future__ import annotations

from typing import Final

from motte.core.crypto.curve import KeyPair
from motte.core.noise.framing import HEADER
from motte.core.noise.messages import ClientHello, ServerHello
from motte.core.noise.symmetric import Symmetric
from motte.errors import HandshakeError

PROTOCOL: Final = b"Noise_IK_25519_AESGCM_SHA256"


def _start(server_static: bytes, client_ephemeral: bytes) -> Symmetric:
    state = Symmetric(PROTOCOL, HEADER)
    state.mix_hash(server_static)
    state.mix_hash(client_ephemeral)
    return state


def write_client_hello(
    ephemeral: KeyPair, static: KeyPair, server_static: bytes, payload: bytes
) -> tuple[Symmetric, ClientHello]:
    """The client sends everything at once, under the static key it knows.

    Raises:
        HandshakeError: `server-static`: the known key is not usable.
    """
    state = _start(server_static, ephemeral.public)
    state.mix_agreement(ephemeral.private, server_static, "server-static")
    sealed = state.seal(static.public)
    state.mix_agreement(static.private, server_static, "server-static")
    return state, ClientHello(ephemeral=ephemeral.public, static=sealed, payload=state.seal(payload))


def read_server_hello(state: Symmetric, ephemeral: KeyPair, static: KeyPair, hello: ServerHello) -> None:
    """The client hears that the server accepts; only the owner of the known static key could have answered so.

    Raises:
        HandshakeError: `server-ephemeral` or `server-payload`.
    """
    state.mix_hash(hello.ephemeral)
    state.mix_agreement(ephemeral.private, hello.ephemeral, "server-ephemeral")
    state.mix_agreement(static.private, hello.ephemeral, "server-ephemeral")
    state.open(hello.payload, "server-payload")


def read_client_hello(static: KeyPair, hello: ClientHello) -> tuple[Symmetric, bytes, bytes]:
    """The server reads the client's static key and payload.

    Raises:
        HandshakeError: `client-hello`, `client-ephemeral`, `client-static` or `client-payload`: not written for this
            static key; answer with XXfallback.
    """
    if hello.static is None or hello.payload is None:
        raise HandshakeError("client-hello", "it is not one of IK")
    state = _start(static.public, hello.ephemeral)
    state.mix_agreement(static.private, hello.ephemeral, "client-ephemeral")
    client_static = state.open(hello.static, "client-static")
    state.mix_agreement(static.private, client_static, "client-static")
    return state, client_static, state.open(hello.payload, "client-payload")


def write_server_hello(
    state: Symmetric, ephemeral: KeyPair, client_ephemeral: bytes, client_static: bytes, chain: bytes
) -> ServerHello:
    """The server accepts.

    Raises:
        HandshakeError: `client-ephemeral` or `client-static`.
    """
    state.mix_hash(ephemeral.public)
    state.mix_agreement(ephemeral.private, client_ephemeral, "client-ephemeral")
    state.mix_agreement(ephemeral.private, client_static, "client-static")
    return ServerHello(ephemeral=ephemeral.public, static=None, payload=state.seal(chain))
