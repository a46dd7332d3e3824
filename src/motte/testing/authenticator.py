"""A passkey in software, for tests: ES256 keys that sign a WebAuthn challenge as a phone's or a browser's would.

clientDataJSON     {"type": "webauthn.get", "challenge": "…", "origin": "https://web.whatsapp.com", …}
authenticatorData  SHA256(rpId) 32 | flags 1 (user present 01, user verified 04) | counter 4
signature          ECDSA-SHA256, DER, over authenticatorData | SHA256(clientDataJSON)
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN: Final = "https://web.whatsapp.com"
_PRESENT_AND_VERIFIED: Final = 0b101


class Authenticator:
    """One passkey. Register `credential_id` and `public_key` with a phone of the local server (`Phone.protect`).

    Args:
        origin: what the browser would say where the ceremony happens.
    """

    def __init__(self, *, origin: str = ORIGIN) -> None:
        self._private = generate_private_key(SECP256R1())
        self._origin = origin
        self._counter = 0
        self.credential_id = os.urandom(16)

    @property
    def public_key(self) -> bytes:
        """The public key, as an uncompressed point of P-256: 65 bytes."""
        return self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def answer(self, options: str) -> dict[str, Any]:
        """The assertion for a challenge (the JSON of `PasskeyChallenge.options`), as `PublicKeyCredential.toJSON()`."""
        asked = json.loads(options)
        self._counter += 1
        client = {
            "type": "webauthn.get",
            "challenge": asked["challenge"].rstrip("="),
            "origin": self._origin,
            "crossOrigin": False,
        }
        client_data = json.dumps(client, separators=(",", ":")).encode()
        rp_hash = hashlib.sha256(asked["rpId"].encode()).digest()
        data = rp_hash + bytes([_PRESENT_AND_VERIFIED]) + self._counter.to_bytes(4, "big")
        signature = self._private.sign(data + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
        identity = _encoded(self.credential_id)
        return {
            "id": identity,
            "rawId": identity,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": _encoded(client_data),
                "authenticatorData": _encoded(data),
                "signature": _encoded(signature),
                "userHandle": None,
            },
        }


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
