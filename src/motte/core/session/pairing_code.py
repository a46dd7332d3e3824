"""Pairing by code, the companion's half: the steps of `core.crypto.link_code` as values to keep between stanzas.

    1. `start` makes the code to show and the wrapped ephemeral key of `companion_hello`
    2. the phone's notification brings its wrapped ephemeral key, its identity key and the pairing's ref
    3. `finish` gives the key bundle of `companion_finish` and the companion with its new ADV secret
    4. `<pair-success>` follows and is verified as after a QR code

The account counts as paired only after step 4: a code that was shown and never entered leaves nothing behind, so the
next connection registers again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from motte.core.crypto.curve import KEY_SIZE, KeyPair
from motte.core.crypto.link_code import new_code, parse_code, seal_bundle, shared_secret, unwrap_key, wrap_key
from motte.core.crypto.rng import Rng
from motte.core.session.pairing import Companion
from motte.errors import PairingError


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePairing:
    """A code that is being shown: the `code`, our `ephemeral` pair, and its public half under the code (80 bytes)."""

    code: str
    ephemeral: KeyPair
    wrapped_ephemeral: bytes

    @property
    def shown(self) -> str:
        """The code as people read it: `ABCD-EFGH`."""
        return f"{self.code[:4]}-{self.code[4:]}"

    def __repr__(self) -> str:
        return "CodePairing(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFinish:
    """The end of the exchange: the sealed `bundle` to send, and the `companion` with the ADV secret to expect."""

    bundle: bytes
    companion: Companion


def start(rng: Rng, code: str | None = None) -> CodePairing:
    """A new exchange, with a random code or with the one that the user chose.

    Raises:
        LocalProtocolError: the chosen code is not eight characters of the alphabet.
    """
    chosen = new_code(rng) if code is None else parse_code(code)
    ephemeral = KeyPair.generate(rng)
    return CodePairing(code=chosen, ephemeral=ephemeral, wrapped_ephemeral=wrap_key(chosen, ephemeral.public, rng))


def finish(
    pairing: CodePairing, companion: Companion, *, wrapped_ephemeral: bytes, phone_identity: bytes, rng: Rng
) -> CodeFinish:
    """The companion's last message, after the phone's.

    Args:
        pairing: the exchange that `start` began.
        companion: our keys; its ADV secret is replaced.
        wrapped_ephemeral: the phone's ephemeral key under the code, 80 bytes.
        phone_identity: the phone's identity key, 32 bytes.
        rng: salts, nonce and the random part of the secret.

    Raises:
        PairingError: a key of the wrong size, or one that no honest phone sends.
    """
    if len(phone_identity) != KEY_SIZE:
        raise PairingError("the phone's identity key is not 32 bytes long")
    shared = shared_secret(pairing.ephemeral.private, unwrap_key(pairing.code, wrapped_ephemeral))
    bundle = seal_bundle(shared, companion.identity, phone_identity, rng)
    return CodeFinish(bundle=bundle.sealed, companion=replace(companion, adv_secret=bundle.secret))
