"""The client's handshake, from the first frame to the transport in one round trip.

no certificate, or it does not hold any more   XX: hello, server hello, finish
a certificate that holds                       IK: hello with the payload, server hello
… and the server's static key has changed      XXfallback: the same hello, server hello as in XX, finish
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from motte.core.crypto.curve import KEY_SIZE, KeyPair
from motte.core.crypto.rng import Rng
from motte.core.noise import ik, xx, xxfallback
from motte.core.noise.certificate import ServerCertificate, verify_chain
from motte.core.noise.messages import ClientHello, ServerHello
from motte.core.noise.symmetric import Symmetric
from motte.core.noise.transport import Transport
from motte.errors import LocalProtocolError


class Pattern(Enum):
    """The pattern that a handshake followed."""

    XX = "XX"
    IK = "IK"
    XX_FALLBACK = "XXfallback"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientResult:
    """The end of a handshake: send `reply` first if there is one, then use `transport`; store `certificate`."""

    reply: bytes | None
    transport: Transport
    certificate: ServerCertificate
    pattern: Pattern


class ClientHandshake:
    """One handshake; `hello`, then `finish`, once each.

    Args:
        static: the account's Noise key pair.
        payload: the serialised ClientPayload, for the server's eyes only.
        trusted_root: the 32-byte root key that must vouch for the server.
        now: unix seconds, for the certificates' dates.
        rng: gives the ephemeral key.
        certificate: what an earlier handshake left; used for IK if it holds.

    Raises:
        LocalProtocolError: the root key is not 32 bytes long.
    """

    __slots__ = ("_certificate", "_ephemeral", "_ik", "_now", "_payload", "_root", "_static")

    def __init__(
        self,
        *,
        static: KeyPair,
        payload: bytes,
        trusted_root: bytes,
        now: float,
        rng: Rng,
        certificate: ServerCertificate | None = None,
    ) -> None:
        if len(trusted_root) != KEY_SIZE:
            raise LocalProtocolError(f"the trusted root key has {len(trusted_root)} bytes instead of {KEY_SIZE}")
        self._static = static
        self._payload = payload
        self._root = trusted_root
        self._now = now
        self._ephemeral = KeyPair.generate(rng)
        self._certificate = certificate if certificate and certificate.holds(root=trusted_root, now=now) else None
        self._ik: Symmetric | None = None

    def hello(self) -> bytes:
        """The payload of the first frame."""
        if self._certificate is None:
            return ClientHello(ephemeral=self._ephemeral.public).serialize()
        self._ik, hello = ik.write_client_hello(self._ephemeral, self._static, self._certificate.static, self._payload)
        return hello.serialize()

    def finish(self, server_hello: bytes) -> ClientResult:
        """The outcome, from the payload of the server's first frame.

        Raises:
            HandshakeError: the server's message or its certificate chain is refused; `check` says where.
        """
        hello = ServerHello.parse(server_hello)
        if self._ik is None or self._certificate is None:
            return self._finish_xx(Pattern.XX, xx.start(self._ephemeral.public), hello)
        if hello.static is not None:
            return self._finish_xx(Pattern.XX_FALLBACK, xxfallback.start(self._ephemeral.public), hello)
        ik.read_server_hello(self._ik, self._ephemeral, self._static, hello)
        return ClientResult(
            reply=None,
            transport=Transport.of_client(self._ik),
            certificate=self._certificate,
            pattern=Pattern.IK,
        )

    def _finish_xx(self, pattern: Pattern, state: Symmetric, hello: ServerHello) -> ClientResult:
        server_static, chain = xx.read_server_hello(state, self._ephemeral, hello)
        certificate = verify_chain(chain, static=server_static, root=self._root, now=self._now)
        finish = xx.write_client_finish(state, self._static, hello.ephemeral, self._payload)
        return ClientResult(
            reply=finish.serialize(),
            transport=Transport.of_client(state),
            certificate=certificate,
            pattern=pattern,
        )
