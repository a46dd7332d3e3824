"""Every field of the chain, forged: refused, and under its own name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from motte.core.crypto.curve import KeyPair, sign
from motte.core.noise.certificate import FOREVER, WHATSAPP_ROOT, ServerCertificate, issue_chain, verify_chain
from motte.errors import HandshakeError, StoreCorrupt
from motte.proto.handshake_pb2 import CertChain

NOW = 1_800_000_000
DAY = 86_400
Details = CertChain.NoiseCertificate.Details


def pair(seed: int) -> KeyPair:
    return KeyPair.from_private(bytes((seed,)) * 32)


ROOT, INTERMEDIATE, SERVER, STRANGER = pair(1), pair(2), pair(3), pair(4)


def rng(size: int) -> bytes:
    return bytes(range(size))


@dataclass(frozen=True)
class Forgery:
    """A chain that is right but for what a test changes; `None` leaves a field out."""

    intermediate: dict[str, Any] = field(default_factory=dict)
    leaf: dict[str, Any] = field(default_factory=dict)
    intermediate_signer: KeyPair = ROOT
    leaf_signer: KeyPair = INTERMEDIATE

    def chain(self) -> CertChain:
        dates = {"notBefore": NOW - DAY, "notAfter": NOW + DAY}
        intermediate = {"serial": 7, "issuerSerial": 0, "key": INTERMEDIATE.public, **dates, **self.intermediate}
        leaf = {"serial": 9, "issuerSerial": 7, "key": SERVER.public, **dates, **self.leaf}
        return CertChain(
            intermediate=_sign(Details(**intermediate).SerializeToString(), self.intermediate_signer),
            leaf=_sign(Details(**leaf).SerializeToString(), self.leaf_signer),
        )

    def bytes(self) -> bytes:
        return self.chain().SerializeToString()


def _sign(details: bytes, signer: KeyPair) -> CertChain.NoiseCertificate:
    return CertChain.NoiseCertificate(details=details, signature=sign(signer.private, details, rng))


def verify(chain: bytes, now: float = NOW) -> ServerCertificate:
    return verify_chain(chain, static=SERVER.public, root=ROOT.public, now=now)


def refused(chain: bytes, now: float = NOW) -> str:
    with pytest.raises(HandshakeError) as caught:
        verify(chain, now)
    return caught.value.check


RIGHT = Forgery()


def test_a_right_chain() -> None:
    assert verify(RIGHT.bytes()) == ServerCertificate(
        static=SERVER.public, root=ROOT.public, not_before=NOW - DAY, not_after=NOW + DAY
    )


def test_an_issued_chain_verifies() -> None:
    certificate = verify(issue_chain(ROOT, SERVER.public, now=NOW, rng=rng))
    assert certificate.not_before < NOW - DAY / 2 < NOW + 30 * DAY < certificate.not_after


@pytest.mark.parametrize(
    ("forgery", "check"),
    [
        (replace(RIGHT, intermediate_signer=STRANGER), "intermediate.signature"),
        (replace(RIGHT, leaf_signer=STRANGER), "leaf.signature"),
        (replace(RIGHT, leaf_signer=ROOT), "leaf.signature"),
        (replace(RIGHT, intermediate={"key": STRANGER.public}), "leaf.signature"),
        (replace(RIGHT, intermediate={"key": b""}), "intermediate.details"),
        (replace(RIGHT, intermediate={"key": None}), "intermediate.details"),
        (replace(RIGHT, intermediate={"key": b"\x05" + INTERMEDIATE.public}), "intermediate.details"),
        (replace(RIGHT, intermediate={"issuerSerial": 1}), "intermediate.issuerSerial"),
        (replace(RIGHT, intermediate={"serial": 8}), "leaf.issuerSerial"),
        (replace(RIGHT, intermediate={"serial": None}), "leaf.issuerSerial"),
        (replace(RIGHT, intermediate={"notBefore": NOW + 1}), "intermediate.notBefore"),
        (replace(RIGHT, intermediate={"notAfter": NOW}), "intermediate.notAfter"),
        (replace(RIGHT, intermediate={"notAfter": 0}), "intermediate.notAfter"),
        (replace(RIGHT, leaf={"issuerSerial": 6}), "leaf.issuerSerial"),
        (replace(RIGHT, leaf={"issuerSerial": None}), "leaf.issuerSerial"),
        (replace(RIGHT, leaf={"key": STRANGER.public}), "leaf.key"),
        (replace(RIGHT, leaf={"key": b""}), "leaf.details"),
        (replace(RIGHT, leaf={"key": SERVER.public[:31]}), "leaf.details"),
        (replace(RIGHT, leaf={"notBefore": NOW + 1}), "leaf.notBefore"),
        (replace(RIGHT, leaf={"notAfter": NOW}), "leaf.notAfter"),
    ],
)
def test_a_forged_field_that_is_properly_signed(forgery: Forgery, check: str) -> None:
    assert refused(forgery.bytes()) == check


@pytest.mark.parametrize("name", ["serial", "issuerSerial", "key", "notBefore", "notAfter"])
@pytest.mark.parametrize("which", ["intermediate", "leaf"])
def test_a_field_changed_behind_the_signers_back(which: str, name: str) -> None:
    chain = RIGHT.chain()
    certificate = getattr(chain, which)
    details = Details.FromString(certificate.details)
    setattr(details, name, STRANGER.public if name == "key" else getattr(details, name) + 1)
    certificate.details = details.SerializeToString()
    assert refused(chain.SerializeToString()) == f"{which}.signature"


@pytest.mark.parametrize("which", ["intermediate", "leaf"])
def test_signatures_of_another_size_or_content(which: str) -> None:
    right: bytes = getattr(RIGHT.chain(), which).signature
    wrong = [b"", right[:63], right + b"\0", bytes(64), bytes((right[0] ^ 1,)) + right[1:], right[:63] + b"\x7f"]
    for signature in wrong:
        chain = RIGHT.chain()
        getattr(chain, which).signature = signature
        assert refused(chain.SerializeToString()) == f"{which}.signature"


@pytest.mark.parametrize("which", ["intermediate", "leaf"])
def test_parts_that_are_missing_or_no_protobuf(which: str) -> None:
    chain = RIGHT.chain()
    getattr(chain, which).details = b"\xff\xff"
    assert refused(chain.SerializeToString()) == f"{which}.details"
    getattr(chain, which).ClearField("details")
    assert refused(chain.SerializeToString()) == f"{which}.details"
    chain.ClearField("intermediate" if which == "intermediate" else "leaf")
    assert refused(chain.SerializeToString()) == "chain"


@pytest.mark.parametrize("chain", [b"", b"\xff", b"\x0a\xff", bytes(5000), RIGHT.bytes() + b"\x1a" + b"\xff"])
def test_what_is_no_chain(chain: bytes) -> None:
    assert refused(chain) == "chain"


def test_swapped_certificates() -> None:
    chain = RIGHT.chain()
    swapped = CertChain(intermediate=chain.leaf, leaf=chain.intermediate)
    assert refused(swapped.SerializeToString()) == "intermediate.signature"


def test_another_root() -> None:
    with pytest.raises(HandshakeError) as caught:
        verify_chain(RIGHT.bytes(), static=SERVER.public, root=WHATSAPP_ROOT, now=NOW)
    assert caught.value.check == "intermediate.signature"


def test_dates_hold_from_the_first_second_until_before_the_last() -> None:
    chain = RIGHT.bytes()
    assert refused(chain, NOW - DAY - 0.5) == "intermediate.notBefore"
    verify(chain, NOW - DAY)
    verify(chain, NOW + DAY - 0.5)
    assert refused(chain, NOW + DAY) == "intermediate.notAfter"


def test_the_time_of_both_certificates_counts() -> None:
    forgery = replace(RIGHT, intermediate={"notBefore": NOW - 5}, leaf={"notAfter": NOW + 5})
    certificate = verify(forgery.bytes())
    assert (certificate.not_before, certificate.not_after) == (NOW - 5, NOW + 5)


def test_a_date_left_out_by_the_signer_sets_no_bound() -> None:
    undated = {"notBefore": None, "notAfter": None}
    certificate = verify(replace(RIGHT, intermediate=undated, leaf=undated).bytes(), now=0)
    assert (certificate.not_before, certificate.not_after) == (0, FOREVER)


def test_when_a_stored_certificate_holds() -> None:
    certificate = verify(RIGHT.bytes())
    assert certificate.holds(root=ROOT.public, now=NOW)
    assert not certificate.holds(root=STRANGER.public, now=NOW)
    assert not certificate.holds(root=ROOT.public, now=NOW + DAY)
    assert not certificate.holds(root=ROOT.public, now=NOW - DAY - 1)


def test_store_and_read_back() -> None:
    for certificate in (verify(RIGHT.bytes()), replace(verify(RIGHT.bytes()), not_after=FOREVER)):
        data = certificate.serialize()
        assert ServerCertificate.parse(data) == certificate
        for wrong in (b"", data[:-1], data + b"\0", b"\x02" + data[1:]):
            with pytest.raises(StoreCorrupt):
                ServerCertificate.parse(wrong)
