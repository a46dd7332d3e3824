"""The server's Noise keys: its own root, a static key that can change, chains that are right or wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from motte.core.crypto.curve import KeyPair, sign
from motte.core.crypto.rng import Rng
from motte.core.noise.certificate import issue_chain
from motte.proto.handshake_pb2 import CertChain

_Details = CertChain.NoiseCertificate.Details
_Change: TypeAlias = "Callable[[_Details, _Details], None]"
_DAY: Final = 86_400


def _set(certificate: int, field: str, value: int | bytes) -> _Change:
    def change(*details: _Details) -> None:
        setattr(details[certificate], field, value)

    return change


_INTERMEDIATE, _LEAF = 0, 1
_WRONG_FIELDS: Final[Mapping[str, _Change]] = {
    "intermediate.issuerSerial": _set(_INTERMEDIATE, "issuerSerial", 7),
    "intermediate.notBefore": _set(_INTERMEDIATE, "notBefore", 1 << 40),
    "intermediate.notAfter": _set(_INTERMEDIATE, "notAfter", 1),
    "leaf.issuerSerial": _set(_LEAF, "issuerSerial", 7),
    "leaf.notBefore": _set(_LEAF, "notBefore", 1 << 40),
    "leaf.notAfter": _set(_LEAF, "notAfter", 1),
    "leaf.key": _set(_LEAF, "key", bytes(range(32))),
}
_WRONG_SIGNATURES: Final = frozenset({"intermediate.signature", "leaf.signature"})
CERTIFICATE_FAULTS: Final = frozenset({*_WRONG_FIELDS, *_WRONG_SIGNATURES, "chain"})
"""The checks of a chain that `NoiseKeys.forged` can make fail, by the name that a client's error gives them."""


class NoiseKeys:
    """Root, static key and chain of one server."""

    def __init__(self, *, now: float, rng: Rng) -> None:
        self._rng = rng
        self._root = KeyPair.generate(rng)
        self.rotate(now)

    @property
    def root(self) -> bytes:
        """The public root key that clients must trust, 32 bytes."""
        return self._root.public

    def rotate(self, now: float) -> None:
        """Take a new static key: clients that resume with the old one fall back."""
        self.static = KeyPair.generate(self._rng)
        self.chain = issue_chain(self._root, self.static.public, now=now, rng=self._rng)

    def forged(self, check: str, now: float) -> bytes:
        """A chain in which only `check` fails (`CERTIFICATE_FAULTS`)."""
        if check == "chain":
            return b"\xff" + self.chain
        key = KeyPair.generate(self._rng)
        day = int(now) - _DAY, int(now) + _DAY
        middle = _Details(serial=1, issuerSerial=0, key=key.public, notBefore=day[0], notAfter=day[1])
        leaf = _Details(serial=2, issuerSerial=1, key=self.static.public, notBefore=day[0], notAfter=day[1])
        if check in _WRONG_FIELDS:
            _WRONG_FIELDS[check](middle, leaf)
        stranger = KeyPair.generate(self._rng)
        return CertChain(
            intermediate=self._signed(middle, stranger if check == "intermediate.signature" else self._root),
            leaf=self._signed(leaf, stranger if check == "leaf.signature" else key),
        ).SerializeToString()

    def _signed(self, details: _Details, signer: KeyPair) -> CertChain.NoiseCertificate:
        content = details.SerializeToString()
        return CertChain.NoiseCertificate(details=content, signature=sign(signer.private, content, self._rng))
