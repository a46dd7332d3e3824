"""The server's handshake: answers XX and IK, and falls back when an IK hello was written for another static key."""

from __future__ import annotations

from dataclasses import dataclass

from motte.core.crypto.curve import KeyPair
from motte.core.crypto.rng import Rng
from motte.core.noise import ik, xx, xxfallback
from motte.core.noise.client import Pattern
from motte.core.noise.messages import ClientFinish, ClientHello
from motte.core.noise.symmetric import Symmetric
from motte.core.noise.transport import Transport
from motte.errors import HandshakeError, LocalProtocolError


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerResult:
    """The end of a handshake: the client's 32-byte static key, its ClientPayload (serialised), and the transport."""

    client_static: bytes
    payload: bytes
    transport: Transport
    pattern: Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStep:
    """The answer to a hello, to be sent as a frame; `result` is there when no finish follows (IK)."""

    reply: bytes
    result: ServerResult | None


class ServerHandshake:
    """One handshake; `receive_hello`, then `receive_finish` unless the step already had the result.

    Args:
        static: the server's Noise key pair.
        chain: its serialised certificate chain.
        rng: gives the ephemeral key.
    """

    __slots__ = ("_chain", "_ephemeral", "_pattern", "_state", "_static")

    def __init__(self, *, static: KeyPair, chain: bytes, rng: Rng) -> None:
        self._static = static
        self._chain = chain
        self._ephemeral = KeyPair.generate(rng)
        self._pattern = Pattern.XX
        self._state: Symmetric | None = None

    def receive_hello(self, client_hello: bytes) -> ServerStep:
        """The answer to the payload of the client's first frame.

        Raises:
            HandshakeError: it is malformed; `check` says where.
        """
        hello = ClientHello.parse(client_hello)
        if hello.static is None:
            return self._answer_xx(Pattern.XX, xx.start(hello.ephemeral), hello.ephemeral)
        try:
            state, client_static, payload = ik.read_client_hello(self._static, hello)
        except HandshakeError:  # Written for another static key: the client has an old certificate.
            return self._answer_xx(Pattern.XX_FALLBACK, xxfallback.start(hello.ephemeral), hello.ephemeral)
        reply = ik.write_server_hello(state, self._ephemeral, hello.ephemeral, client_static, self._chain)
        result = ServerResult(
            client_static=client_static,
            payload=payload,
            transport=Transport.of_server(state),
            pattern=Pattern.IK,
        )
        return ServerStep(reply=reply.serialize(), result=result)

    def _answer_xx(self, pattern: Pattern, state: Symmetric, client_ephemeral: bytes) -> ServerStep:
        reply = xx.write_server_hello(state, self._ephemeral, self._static, client_ephemeral, self._chain)
        self._pattern, self._state = pattern, state
        return ServerStep(reply=reply.serialize(), result=None)

    def receive_finish(self, client_finish: bytes) -> ServerResult:
        """The outcome, from the payload of the client's second frame.

        Raises:
            HandshakeError: it is malformed or does not authenticate; `check` says where.
            LocalProtocolError: no hello of XX or XXfallback came before.
        """
        if self._state is None:
            raise LocalProtocolError("a handshake's finish was read before its hello")
        finish = ClientFinish.parse(client_finish)
        client_static, payload = xx.read_client_finish(self._state, self._ephemeral, finish)
        return ServerResult(
            client_static=client_static,
            payload=payload,
            transport=Transport.of_server(self._state),
            pattern=self._pattern,
        )
