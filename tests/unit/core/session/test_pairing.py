"""The QR text and the answer to pair-success equal Baileys'; whatever does not fit is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from motte.core.crypto.adv import verify_identity
from motte.core.crypto.curve import KeyPair
from motte.core.session.pairing import Companion, accept, qr_text
from motte.core.session.payload import ClientInfo
from motte.errors import PairingError
from motte.model.jid import Jid

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/pairing.json").read_text())
PN = Jid.parse("15550100001:7@s.whatsapp.net")
LID = Jid.parse("100000000000001:7@lid")
PHONE = KeyPair.from_private(bytes.fromhex(VECTORS["phonePrivate"]))
COMPANION = Companion(
    noise=KeyPair.from_private(bytes.fromhex(VECTORS["noisePrivate"])),
    identity=KeyPair.from_private(bytes.fromhex(VECTORS["identityPrivate"])),
    adv_secret=bytes.fromhex(VECTORS["advSecret"]),
)


def rng(count: int) -> bytes:
    return bytes(count)


def test_qr_text_equals_baileys() -> None:
    os, browser = VECTORS["qr"]["browser"]
    client = ClientInfo(os=os, browser=browser).web_client
    assert qr_text(VECTORS["qr"]["ref"], COMPANION, client) == VECTORS["qr"]["text"]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=["plain", "hosted account", "hosted device"])
def test_pair_success_answer_equals_baileys(case: dict[str, Any]) -> None:
    pairing = accept(
        bytes.fromhex(case["container"]), COMPANION, jid=PN, lid=LID, rng=rng, platform="android", business_name="Shop"
    )
    assert pairing.identity.account_key == PHONE.public
    assert str(pairing.key_index) == case["keyIndex"]
    assert (pairing.jid, pairing.lid, pairing.platform, pairing.business_name) == (PN, LID, "android", "Shop")
    # XEdDSA is randomised, so with Baileys' signature in place of ours the bytes are the same, and each verifies.
    theirs = replace(pairing.identity, device_signature=bytes.fromhex(case["deviceSignature"]))
    assert theirs.serialize(account_key=False).hex() == case["reply"]
    assert theirs.serialize(account_key=True).hex() == case["stored"]
    assert verify_identity(bytes.fromhex(case["stored"]), COMPANION.identity.public) == theirs
    assert verify_identity(pairing.reply, COMPANION.identity.public, PHONE.public) == pairing.identity


@pytest.mark.parametrize(
    ("jid", "lid"),
    [
        ("15550100001@s.whatsapp.net", None),
        ("100000000000001:7@lid", None),
        ("15550100001:7@s.whatsapp.net", "15550100001:7@s.whatsapp.net"),
        ("15550100001:7@s.whatsapp.net", "100000000000001:8@lid"),
        ("s.whatsapp.net", None),
    ],
)
def test_addresses_that_cannot_be_ours_are_refused(jid: str, lid: str | None) -> None:
    container = bytes.fromhex(VECTORS["cases"][0]["container"])
    with pytest.raises(PairingError, match="the server gave this device"):
        accept(container, COMPANION, jid=Jid.parse(jid), lid=Jid.parse(lid) if lid else None, rng=rng)


def test_a_container_for_other_keys_is_refused() -> None:
    container = bytes.fromhex(VECTORS["cases"][0]["container"])
    with pytest.raises(PairingError, match="HMAC"):
        accept(container, replace(COMPANION, adv_secret=bytes(32)), jid=PN, lid=LID, rng=rng)
    with pytest.raises(PairingError, match="account signature"):
        accept(container, replace(COMPANION, identity=COMPANION.noise), jid=PN, lid=LID, rng=rng)


def test_without_a_lid_the_pairing_is_still_good() -> None:
    container = bytes.fromhex(VECTORS["cases"][0]["container"])
    assert accept(container, COMPANION, jid=PN, lid=None, rng=rng).lid is None


def test_generated_keys_differ_and_stay_out_of_the_repr() -> None:
    counter = iter(range(9))
    companion = Companion.generate(lambda count: bytes([next(counter)]) * count)
    assert len({companion.noise.private, companion.identity.private, companion.adv_secret}) == 3
    for secret in (companion.noise.private, companion.identity.private, companion.adv_secret):
        assert secret.hex() not in repr(companion) and repr(secret) not in repr(companion)
