"""Each step of pairing by code equals what a real Baileys socket sent with the same keys and the same randomness."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from motte.core.crypto.adv import DeviceIdentity, issue_identity
from motte.core.crypto.curve import KeyPair
from motte.core.crypto.link_code import new_code, open_bundle, shared_secret, unwrap_key
from motte.core.session.pairing import Companion, accept
from motte.core.session.pairing_code import finish, start
from motte.core.session.payload import ClientInfo
from motte.errors import LocalProtocolError, PairingError
from motte.model.jid import Jid

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/pairing_code.json").read_text())
PHONE = KeyPair.from_private(bytes.fromhex(VECTORS["phonePrivate"]))
PHONE_EPHEMERAL = KeyPair.from_private(bytes.fromhex(VECTORS["phoneEphemeralPrivate"]))
COMPANION = Companion(
    noise=KeyPair.from_private(bytes(32)),
    identity=KeyPair.from_private(bytes.fromhex(VECTORS["identityPrivate"])),
    adv_secret=bytes(32),
)


def draws(*values: str) -> Callable[[int], bytes]:
    """Randomness from a list; a draw of another size than the list's is an error."""
    left = [bytes.fromhex(value) for value in values]

    def draw(count: int) -> bytes:
        value = left.pop(0)
        assert len(value) == count
        return value

    return draw


def test_random_codes_equal_baileys() -> None:
    for case in VECTORS["codes"]:
        assert new_code(draws(case["random"])) == case["code"]


def test_companion_hello_equals_baileys() -> None:
    pairing = start(draws(VECTORS["ephemeralPrivate"], *VECTORS["helloDraws"]), VECTORS["code"])
    assert pairing.wrapped_ephemeral.hex() == VECTORS["wrapped"]
    assert pairing.code == VECTORS["code"] and pairing.shown == "ABCD-1234"
    assert str(int(ClientInfo().web_client)) == VECTORS["platformId"]
    assert ClientInfo().display_name == VECTORS["platformDisplay"]


def test_companion_finish_equals_baileys_and_the_phone_agrees() -> None:
    pairing = start(draws(VECTORS["ephemeralPrivate"], *VECTORS["helloDraws"]), VECTORS["code"])
    wrapped = bytes.fromhex(VECTORS["wrappedPhone"])
    rng = draws(*VECTORS["finishDraws"])
    done = finish(pairing, COMPANION, wrapped_ephemeral=wrapped, phone_identity=PHONE.public, rng=rng)
    assert done.bundle.hex() == VECTORS["bundle"]
    assert done.companion.adv_secret.hex() == VECTORS["advSecret"]
    assert replace(done.companion, adv_secret=COMPANION.adv_secret) == COMPANION

    companion_ephemeral = unwrap_key(VECTORS["code"], bytes.fromhex(VECTORS["wrapped"]))
    shared = shared_secret(PHONE_EPHEMERAL.private, companion_ephemeral)
    secret = open_bundle(shared, bytes.fromhex(VECTORS["bundle"]), PHONE, COMPANION.identity.public)
    assert secret.hex() == VECTORS["advSecret"]

    who = DeviceIdentity(raw_id=1, timestamp=2, key_index=1)
    container = issue_identity(PHONE, COMPANION.identity.public, secret, who, rng=bytes)
    jid = Jid.parse("15550100001:1@s.whatsapp.net")
    assert accept(container, done.companion, jid=jid, lid=None, rng=bytes).identity.identity == who


@pytest.mark.parametrize(
    ("wrapped", "phone_identity", "why"),
    [
        (bytes(79), PHONE.public, "80 bytes"),
        (bytes.fromhex(VECTORS["wrappedPhone"]), PHONE.public[:31], "32 bytes"),
        (bytes.fromhex(VECTORS["wrappedPhone"]), bytes(32), "not usable"),
    ],
)
def test_a_phone_that_sends_nonsense_is_refused(wrapped: bytes, phone_identity: bytes, why: str) -> None:
    pairing = start(bytes, "ABCD1234")
    with pytest.raises(PairingError, match=why):
        finish(pairing, COMPANION, wrapped_ephemeral=wrapped, phone_identity=phone_identity, rng=bytes)


def test_a_chosen_code_must_fit_the_alphabet() -> None:
    with pytest.raises(LocalProtocolError):
        start(bytes, "ABCD-123O")


def test_the_code_stays_out_of_the_repr() -> None:
    assert "ABCD1234" not in repr(start(bytes, "ABCD1234"))
