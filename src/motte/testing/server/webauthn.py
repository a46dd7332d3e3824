"""WebAuthn as the server sees it: a challenge to hand out, and whether an assertion answers it (WebAuthn, 7.2)."""

from __future__ import annotations

import binascii
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from motte.testing.server.reader import Refused

RP_ID: Final = "whatsapp.com"
ORIGINS: Final = frozenset({"https://web.whatsapp.com", "https://whatsapp.com", "https://www.whatsapp.com"})
_HEAD: Final = 37
_FLAGS: Final = 0b101
"""User present, user verified."""


@dataclass(slots=True)
class Passkey:
    """A passkey that an account has registered: its id, its P-256 key as an uncompressed point, its last counter."""

    credential_id: bytes
    public_key: bytes
    counter: int = 0


def options(challenge: bytes, seconds: float, passkey: Passkey) -> bytes:
    """The challenge as the JSON that browsers take."""
    allowed = [{"id": _encoded(passkey.credential_id), "type": "public-key"}]
    asked = {
        "challenge": _encoded(challenge),
        "timeout": int(seconds * 1000),
        "rpId": RP_ID,
        "allowCredentials": allowed,
        "userVerification": "required",
        "extensions": {"uvm": True},
    }
    return json.dumps(asked, separators=(",", ":")).encode()


def verify(assertion: bytes, credential_id: bytes, challenge: bytes, passkey: Passkey) -> None:
    """`Refused` unless the assertion is the passkey's answer to the challenge."""
    try:
        given = json.loads(assertion)
        response = given["response"]
        client_data = _decoded(response["clientDataJSON"])
        data, signature = _decoded(response["authenticatorData"]), _decoded(response["signature"])
        client = json.loads(client_data)
        named = _decoded(given["rawId"])
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(400, "the assertion cannot be read") from error
    if credential_id != passkey.credential_id or named != credential_id or given.get("type") != "public-key":
        raise Refused(404, "the account has no such passkey")
    _check_client(client, challenge)
    _check_data(data, passkey)
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), passkey.public_key)
    try:
        key.verify(signature, data + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
    except InvalidSignature:
        raise Refused(401, "the assertion's signature does not verify") from None
    passkey.counter = int.from_bytes(data[33:_HEAD], "big")


def _check_client(client: Any, challenge: bytes) -> None:
    if not isinstance(client, dict) or client.get("type") != "webauthn.get":
        raise Refused(400, "the assertion is not one")
    if client.get("challenge") != _encoded(challenge):
        raise Refused(401, "the assertion answers another challenge")
    if client.get("origin") not in ORIGINS:
        raise Refused(401, "the assertion was made for another site")


def _check_data(data: bytes, passkey: Passkey) -> None:
    if len(data) < _HEAD or data[:32] != hashlib.sha256(RP_ID.encode()).digest():
        raise Refused(401, "the assertion was made for another relying party")
    if data[32] & _FLAGS != _FLAGS:
        raise Refused(401, "the person was not verified")
    if passkey.counter and int.from_bytes(data[33:_HEAD], "big") <= passkey.counter:
        raise Refused(401, "the passkey's counter went back")


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
