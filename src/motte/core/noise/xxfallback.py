"""Noise_XXfallback: the server cannot read an IK hello (its static key has changed) and answers as in XX.

    -> e                       the ephemeral key of the refused IK hello, here a pre-message
    <- e, ee, s, es, chain     ServerHello{ephemeral, static, payload = CertChain}
    -> s, se, payload          ClientFinish{static, payload = ClientPayload}

Only the protocol's name sets the state apart from that of XX; the messages are those of `motte.core.noise.xx`.
"""

from __future__ import annotations

from typing import Final

from motte.core.noise.framing import HEADER
from motte.core.noise.symmetric import Symmetric

PROTOCOL: Final = b"Noise_XXfallback_25519_AESGCM_SHA256"


def start(client_ephemeral: bytes) -> Symmetric:
    """The state of both sides before the server's answer."""
    state = Symmetric(PROTOCOL, HEADER)
    state.mix_hash(client_ephemeral)
    return state
