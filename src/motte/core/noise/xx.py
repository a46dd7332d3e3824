"""Noise_XX: neither side knows the other's static key yet.

    -> e                       ClientHello{ephemeral}
    <- e, ee, s, es, chain     ServerHello{ephemeral, static, payload = CertChain}
    -> s, se, payload          ClientFinish{static, payload = ClientPayload}

`XXfallback` joins in at the second message, with a state of its own.
"""

from __future__ import annotations

from typing import Final

from motte.core.crypto.curve import KeyPair
from motte.core.noise.framing import HEADER
from motte.core.noise.messages import ClientFinish, ServerHello
from motte.core.noise.symmetric import Symmetric
from motte.errors import HandshakeError

PROTOCOL: Final = b"Noise_XX_25519_AESGCM_SHA256"


def start(client_ephemeral: bytes) -> Symmetric:
    """The state of both sides after the ClientHello."""
    state = Symmetric(PROTOCOL, HEADER)
    state.mix_hash(client_ephemeral)
    return state


def read_server_hello(state: Symmetric, ephemeral: KeyPair, hello: ServerHello) -> tuple[bytes, bytes]:
    """The client reads the server's static key and its certificate chain, which is yet to be verified.

    Raises:
        HandshakeError: `server-hello`, `server-ephemeral`, `server-static` or `server-payload`.
    """
    if hello.static is None:
        raise HandshakeError("server-hello", "it lacks the server's static key")
    state.mix_hash(hello.ephemeral)
    state.mix_agreement(ephemeral.private, hello.ephemeral, "server-ephemeral")
    static = state.open(hello.static, "server-static")
    state.mix_agreement(ephemeral.private, static, "server-static")
    return static, state.open(hello.payload, "server-payload")


def write_client_finish(state: Symmetric, static: KeyPair, server_ephemeral: bytes, payload: bytes) -> ClientFinish:
    """The client shows its static key and sends its payload."""
    sealed = state.seal(static.public)
    state.mix_agreement(static.private, server_ephemeral, "server-ephemeral")
    return ClientFinish(static=sealed, payload=state.seal(payload))


def write_server_hello(
    state: Symmetric, ephemeral: KeyPair, static: KeyPair, client_ephemeral: bytes, chain: bytes
) -> ServerHello:
    """The server shows its static key and its certificate chain.

    Raises:
        HandshakeError: `client-ephemeral`.
    """
    state.mix_hash(ephemeral.public)
    state.mix_agreement(ephemeral.private, client_ephemeral, "client-ephemeral")
    sealed = state.seal(static.public)
    state.mix_agreement(static.private, client_ephemeral, "client-ephemeral")
    return ServerHello(ephemeral=ephemeral.public, static=sealed, payload=state.seal(chain))


def read_client_finish(state: Symmetric, ephemeral: KeyPair, finish: ClientFinish) -> tuple[bytes, bytes]:
    """The server reads the client's static key and payload.

    Raises:
        HandshakeError: `client-static` or `client-payload`.
    """
    static = state.open(finish.static, "client-static")
    state.mix_agreement(ephemeral.private, static, "client-static")
    return static, state.open(finish.payload, "client-payload")
