"""Pairing: what the QR code says, and what the phone's answer must prove.

    QR text   https://wa.me/settings/linked_devices#ref,noise key,identity key,ADV secret,browser   (keys in base64)
    answer    `<pair-success>` with an ADVSignedDeviceIdentityHMAC (see `core.crypto.adv`)
    reply     the same identity with our signature, without the account key; then the server closes with 515

Nothing is stored before everything verified: `accept` gives one frozen value with all that a paired account is.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from motte.core.crypto.adv import SECRET_SIZE, SignedIdentity, countersign, open_identity
from motte.core.crypto.curve import KeyPair
from motte.core.crypto.rng import Rng
from motte.core.session.payload import WebClient
from motte.errors import PairingError
from motte.model.jid import LID, PN, Jid

QR_PREFIX: Final = "https://wa.me/settings/linked_devices#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """The keys of a device that wants to be linked: `noise` and `identity` pairs, and the 32-byte ADV secret."""

    noise: KeyPair
    identity: KeyPair
    adv_secret: bytes

    @classmethod
    def generate(cls, rng: Rng) -> Companion:
        """Fresh keys."""
        return cls(noise=KeyPair.generate(rng), identity=KeyPair.generate(rng), adv_secret=rng(SECRET_SIZE))

    def __repr__(self) -> str:
        return f"Companion(identity={self.identity.public.hex()})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A verified pairing: who we are now, and the answer that seals it.

    `identity` is what the store keeps and what prekey messages carry (`identity.serialize(account_key=True)`); the
    account key in it is the identity key of the phone (device 0), under PN and LID.
    """

    jid: Jid
    lid: Jid | None
    identity: SignedIdentity
    platform: str | None = None
    business_name: str | None = None

    @property
    def key_index(self) -> int:
        """The companion's number in key-index lists; goes into the reply."""
        return self.identity.identity.key_index

    @property
    def reply(self) -> bytes:
        """The ADVSignedDeviceIdentity of `<pair-device-sign>`."""
        return self.identity.serialize(account_key=False)


def qr_text(ref: str, companion: Companion, client: WebClient) -> str:
    """The text to draw as a QR code for one ref of the server."""
    keys = (companion.noise.public, companion.identity.public, companion.adv_secret)
    return QR_PREFIX + ",".join((ref, *(b64encode(key).decode() for key in keys), str(int(client))))


def accept(
    container: bytes,
    companion: Companion,
    *,
    jid: Jid,
    lid: Jid | None,
    rng: Rng,
    platform: str | None = None,
    business_name: str | None = None,
) -> Pairing:
    """The pairing that the phone offers in `<pair-success>`, verified and countersigned.

    Args:
        container: the ADVSignedDeviceIdentityHMAC.
        companion: our keys.
        jid: our PN with the device number that the server gave us.
        lid: our LID with the same number, when the server tells one.
        rng: blinds the signature.
        platform: what the phone runs, in the server's words.
        business_name: of a business account.

    Raises:
        PairingError: the HMAC or the account signature does not verify, or the addresses cannot be ours.
    """
    if jid.server != PN or not jid.user or not jid.device:
        raise PairingError("the server gave this device no phone number JID with a device number")
    if lid is not None and (lid.server != LID or not lid.user or lid.device != jid.device):
        raise PairingError("the server gave this device a LID that does not fit its phone number JID")
    signed = open_identity(container, companion.adv_secret, companion.identity.public)
    return Pairing(
        jid=jid,
        lid=lid,
        identity=countersign(signed, companion.identity, rng=rng),
        platform=platform,
        business_name=business_name,
    )
