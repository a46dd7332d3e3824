"""`creds.json`: who the device is, and which account it is linked to.

What it also holds and nobody needs: the ephemeral pair of a pairing, the messages whose history was processed (which
grow for ever), account settings, and the hash of server properties, without which they are just fetched once more.
"""

from __future__ import annotations

from typing import Final

from motte.core.crypto import adv
from motte.core.crypto.curve import KEY_SIZE, SIGNATURE_SIZE, prefixed, verifies
from motte.core.signal.keys import MAX_ID, SignedPreKey
from motte.errors import ImportFailed, PairingError
from motte.migrate.baileys.reader import Reader
from motte.model.jid import Jid
from motte.proto.adv_pb2 import ADVSignedDeviceIdentity
from motte.store.repo.account import ADV_SECRET_SIZE, Credentials, KeptSignedPreKey, Link

MAX_REGISTRATION_ID: Final = 0x3FFF
"""Baileys draws 14 bits."""


def read_credentials(creds: Reader) -> tuple[Credentials, bytes]:
    """The credentials, and the public identity key of the account (its phone's), 32 bytes.

    Raises:
        ImportFailed: damaged, contradictory, or not linked to an account.
    """
    if creds.get("me") is None or creds.get("account") is None:
        raise ImportFailed(creds.file, "no phone is linked to it, so there is nothing to take over; link a device anew")
    identity = creds["signedIdentityKey"].pair()
    signed = _identity(creds["account"], identity.public)
    linked_at = float(signed.identity.timestamp)
    credentials = Credentials(
        noise=creds["noiseKey"].pair(),
        identity=identity,
        registration_id=creds["registrationId"].number(0, MAX_REGISTRATION_ID),
        adv_secret=creds["advSecretKey"].data(ADV_SECRET_SIZE),
        # When it was made is not told: with the link at the earliest, so that one too many renewals is the worst.
        signed_prekeys=(
            KeptSignedPreKey(key=_signed_prekey(creds["signedPreKey"], identity.public), created=linked_at),
        ),
        next_prekey_id=creds["nextPreKeyId"].number(1, MAX_ID),
        link=_link(creds, signed, linked_at),
        routing_info=routing.data() if (routing := creds.get("routingInfo")) is not None else b"",
        created=linked_at,
    )
    return credentials, signed.account_key


def uploaded_below(creds: Reader) -> int:
    """The lowest id of a one-time prekey that the server does not have yet."""
    return creds["firstUnuploadedPreKeyId"].number(1, MAX_ID + 1)


def _signed_prekey(entry: Reader, identity: bytes) -> SignedPreKey:
    key = SignedPreKey(
        entry["keyId"].number(0, MAX_ID), entry["keyPair"].pair(), entry["signature"].data(SIGNATURE_SIZE)
    )
    if not verifies(identity, prefixed(key.pair.public), key.signature):
        raise entry.fail("contradicts signedIdentityKey, which did not sign it")
    return key


def _identity(entry: Reader, identity: bytes) -> adv.SignedIdentity:
    signed = ADVSignedDeviceIdentity(
        details=entry["details"].data(),
        accountSignatureKey=entry["accountSignatureKey"].data(KEY_SIZE),
        accountSignature=entry["accountSignature"].data(SIGNATURE_SIZE),
        deviceSignature=entry["deviceSignature"].data(SIGNATURE_SIZE),
    )
    try:
        return adv.verify_identity(signed.SerializeToString(), identity)
    except PairingError as error:
        raise entry.fail(f"contradicts signedIdentityKey: {error}") from None


def _link(creds: Reader, signed: adv.SignedIdentity, linked_at: float) -> Link:
    me = creds["me"]
    lid = me.get("lid")
    name, platform = me.get("name"), creds.get("platform")
    return Link(
        jid=_own_device(me["id"], lid=False),
        lid=_own_device(lid, lid=True) if lid is not None else None,
        identity=signed.serialize(account_key=True),
        platform=platform.text() if platform else "",
        push_name=name.text() if name else "",
        linked_at=linked_at,
    )


def _own_device(entry: Reader, *, lid: bool) -> Jid:
    jid = entry.jid()
    if not (jid.is_user and jid.is_lid == lid and jid.device):
        raise entry.fail(f"is not the {'LID' if lid else 'phone number'} of a linked device")
    return jid
