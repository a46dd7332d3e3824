"""X3DH, version 3: the first shared secret of two devices, one of which may be offline.

    IK identity key, SPK signed prekey, OPK one-time prekey (may be missing), EK the initiator's base key

    DH1 = DH(IK_a, SPK_b)   DH2 = DH(EK_a, IK_b)   DH3 = DH(EK_a, SPK_b)   DH4 = DH(EK_a, OPK_b)
    root || chain = HKDF(FF * 32 || DH1 || DH2 || DH3 [|| DH4], salt = 00 * 32, info = "WhisperText")

The chain belongs to the responder's signed prekey, taken as its first ratchet key. Both sides hold it; WhatsApp's
clients never send on it, since they answer with a ratchet key of their own.

Source: signal.org/docs/specifications/x3dh, with libsignal's info string.
"""

from __future__ import annotations

from typing import Final

from motte.core.crypto.curve import KeyPair, agree
from motte.core.crypto.kdf import hkdf
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.chain import Chain

_DISCONTINUITY: Final = b"\xff" * 32
_INFO: Final = b"WhisperText"


def initiate(identity: KeyPair, base: KeyPair, bundle: PreKeyBundle) -> tuple[bytes, Chain]:
    """Root key and first chain for the initiator, whose base key is fresh for this session.

    Raises:
        InvalidKey: a key of the bundle has the wrong size or is of low order.
    """
    shared = (
        agree(identity.private, bundle.signed_prekey)
        + agree(base.private, bundle.identity)
        + agree(base.private, bundle.signed_prekey)
    )
    return _derive(shared if bundle.prekey is None else shared + agree(base.private, bundle.prekey))


def respond(
    identity: KeyPair, signed_prekey: KeyPair, prekey: KeyPair | None, *, peer_identity: bytes, peer_base: bytes
) -> tuple[bytes, Chain]:
    """Root key and first chain for the responder, from the keys that the first message names.

    Raises:
        InvalidKey: a key of the peer is of low order.
    """
    shared = (
        agree(signed_prekey.private, peer_identity)
        + agree(identity.private, peer_base)
        + agree(signed_prekey.private, peer_base)
    )
    return _derive(shared if prekey is None else shared + agree(prekey.private, peer_base))


def _derive(shared: bytes) -> tuple[bytes, Chain]:
    derived = hkdf(_DISCONTINUITY + shared, 64, info=_INFO)
    return derived[:32], Chain(derived[32:], 0)
