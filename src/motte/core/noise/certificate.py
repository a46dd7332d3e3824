"""The server's certificates: who vouches for its static key.

A chain has two: the leaf holds the Noise static key and is signed by the intermediate's key, the intermediate is signed
by a root key that clients are born with. Each certificate is `details` (serialised) and a 64-byte XEdDSA signature over
them. Everything is checked, always; only the root key is the caller's choice, so that a local server can have its own.

The dates: `notBefore` and `notAfter` are seconds; a certificate holds from the first until before the second. A date
that a certificate does not carry sets no bound: leaving it out is the signer's word, and nobody else can take it out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.crypto.curve import KEY_SIZE, SIGNATURE_SIZE, KeyPair, sign, verifies
from motte.core.crypto.rng import Rng
from motte.errors import HandshakeError, StoreCorrupt
from motte.proto.handshake_pb2 import CertChain

WHATSAPP_ROOT: Final = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")
"""The public root key of WhatsApp's servers."""
ROOT_SERIAL: Final = 0
"""The serial that the root goes by."""
MAX_CHAIN: Final = 4096
"""Longest chain in bytes; real ones have about 300."""
FOREVER: Final = (1 << 64) - 1
_STORED: Final = struct.Struct(">B32s32sQQ")
_STORED_VERSION: Final = 1
_DAY: Final = 86_400
_ISSUED_FOR: Final = 365 * _DAY

_Details = CertChain.NoiseCertificate.Details


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCertificate:
    """A verified static key of the server: what IK needs at the next connection.

    `root` is the 32-byte root key that vouched for it; it holds from `not_before` until before `not_after`, in unix
    seconds: the time in which both certificates of its chain do.
    """

    static: bytes
    root: bytes
    not_before: int
    not_after: int

    def holds(self, *, root: bytes, now: float) -> bool:
        """Whether the key is vouched for by `root`, and now."""
        return self.root == root and self.not_before <= now < self.not_after

    def serialize(self) -> bytes:
        """81 bytes for the store."""
        return _STORED.pack(_STORED_VERSION, self.static, self.root, self.not_before, self.not_after)

    @classmethod
    def parse(cls, data: bytes) -> ServerCertificate:
        """What `serialize` gave.

        Raises:
            StoreCorrupt: other bytes.
        """
        if len(data) != _STORED.size or data[0] != _STORED_VERSION:
            raise StoreCorrupt("a stored server certificate cannot be read back")
        _, static, root, not_before, not_after = _STORED.unpack(data)
        return cls(static=static, root=root, not_before=not_before, not_after=not_after)


def verify_chain(chain: bytes, *, static: bytes, root: bytes, now: float) -> ServerCertificate:
    """The certificate of the server's static key, after every check.

    Raises:
        HandshakeError: its `check` names the first that failed: `chain` (shape), then for `intermediate` and `leaf`
            `.details` (shape), `.signature`, `.issuerSerial`, `.notBefore`, `.notAfter`, and `leaf.key` (not the key
            that the server used).
    """
    if len(chain) > MAX_CHAIN:
        raise HandshakeError("chain", f"it has {len(chain)} bytes")
    try:
        parsed = CertChain.FromString(chain)
    except DecodeError as error:
        raise HandshakeError("chain", "it is not a certificate chain") from error
    if not parsed.HasField("intermediate") or not parsed.HasField("leaf"):
        raise HandshakeError("chain", "it lacks a certificate")
    intermediate = _verify("intermediate", parsed.intermediate, signer=root, issuer_serial=ROOT_SERIAL, now=now)
    leaf = _verify("leaf", parsed.leaf, signer=intermediate.key, issuer_serial=intermediate.serial, now=now)
    if leaf.key != static:
        raise HandshakeError("leaf.key", "it is not the key that the server used")
    return ServerCertificate(
        static=static,
        root=root,
        not_before=max(intermediate.notBefore, leaf.notBefore),
        not_after=min(_not_after(intermediate), _not_after(leaf)),
    )


def _verify(
    name: str, certificate: CertChain.NoiseCertificate, *, signer: bytes, issuer_serial: int, now: float
) -> _Details:
    try:
        details = _Details.FromString(certificate.details)
    except DecodeError as error:
        raise HandshakeError(f"{name}.details", "they cannot be read") from error
    if len(details.key) != KEY_SIZE:
        raise HandshakeError(f"{name}.details", f"the key has {len(details.key)} bytes")
    if len(certificate.signature) != SIGNATURE_SIZE or not verifies(signer, certificate.details, certificate.signature):
        raise HandshakeError(f"{name}.signature", "it does not verify")
    if details.issuerSerial != issuer_serial:
        raise HandshakeError(f"{name}.issuerSerial", f"it is {details.issuerSerial} instead of {issuer_serial}")
    if now < details.notBefore:
        raise HandshakeError(f"{name}.notBefore", "the certificate does not hold yet; is the clock right?")
    if now >= _not_after(details):
        raise HandshakeError(f"{name}.notAfter", "the certificate does not hold any more; is the clock right?")
    return details


def _not_after(details: _Details) -> int:
    return details.notAfter if details.HasField("notAfter") else FOREVER


def issue_chain(root: KeyPair, leaf_static: bytes, *, now: float, rng: Rng) -> bytes:
    """A chain for a server of one's own: `leaf_static` vouched for by `root`, from yesterday and for a year."""
    intermediate = KeyPair.generate(rng)
    not_before, not_after = int(now) - _DAY, int(now) + _ISSUED_FOR
    serial, leaf_serial = 1, 2
    chain = CertChain(
        intermediate=_issue(root, serial, ROOT_SERIAL, intermediate.public, not_before, not_after, rng),
        leaf=_issue(intermediate, leaf_serial, serial, leaf_static, not_before, not_after, rng),
    )
    return chain.SerializeToString()


def _issue(
    signer: KeyPair, serial: int, issuer_serial: int, key: bytes, not_before: int, not_after: int, rng: Rng
) -> CertChain.NoiseCertificate:
    details = _Details(
        serial=serial, issuerSerial=issuer_serial, key=key, notBefore=max(not_before, 0), notAfter=not_after
    ).SerializeToString()
    return CertChain.NoiseCertificate(details=details, signature=sign(signer.private, details, rng))
