"""The WebAuthn side of linking with a passkey: what the challenge asks for, and the assertion as it goes back.

    challenge   PublicKeyCredentialRequestOptions as JSON: {"challenge": "…", "timeout": 600000,
                "rpId": "whatsapp.com", "allowCredentials": [{"id": "…", "type": "public-key"}],
                "userVerification": "required", …}
    assertion   AuthenticationResponseJSON, which `PublicKeyCredential.toJSON()` gives: {"id", "rawId",
                "type": "public-key", "response": {"clientDataJSON", "authenticatorData", "signature", "userHandle"}}

Binary fields are base64url without padding, as the browser API has them; with padding they are read, too. Nobody but
the server can check an assertion, so here only its form is checked.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from motte.errors import LocalProtocolError, PasskeyUnsupported

DEFAULT_TIMEOUT: Final = 600.0
"""Seconds, when the challenge names none; what the server's challenges say."""
MAX_TIMEOUT: Final = 3600.0
MAX_CREDENTIALS: Final = 256
MAX_ASSERTION: Final = 65_536
_VERIFICATIONS: Final = frozenset({"required", "preferred", "discouraged"})
_RESPONSE: Final = ("clientDataJSON", "authenticatorData", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A challenge: the JSON as it came, and what it says; `timeout` is in seconds."""

    options: str
    challenge: bytes = field(repr=False)
    rp_id: str | None
    allow_credentials: tuple[bytes, ...]
    user_verification: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion: the credential's id, and the JSON for the server."""

    credential_id: bytes
    json: bytes = field(repr=False)


def parse_challenge(data: bytes) -> Challenge:
    """Read a challenge. What is there and not of the right type is refused, never passed over.

    Raises:
        PasskeyUnsupported: no such JSON.
    """
    try:
        text = data.decode()
        options = json.loads(text)
        return _challenge(text, options)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PasskeyUnsupported("the server's passkey challenge is not in a form that is known") from error


def _challenge(text: str, options: dict[str, Any]) -> Challenge:
    allowed = options.get("allowCredentials") or []
    verification, rp_id = options.get("userVerification", "preferred"), options.get("rpId")
    timeout = options.get("timeout", DEFAULT_TIMEOUT * 1000)
    challenge = _decoded(options["challenge"])
    known = isinstance(allowed, list) and len(allowed) <= MAX_CREDENTIALS and verification in _VERIFICATIONS
    if not known or not challenge or not isinstance(rp_id, str | None) or isinstance(timeout, bool) or timeout <= 0:
        raise ValueError("a field is of an unknown form")
    return Challenge(
        options=text,
        challenge=challenge,
        rp_id=rp_id,
        allow_credentials=tuple(_decoded(one["id"]) for one in allowed),
        user_verification=verification,
        timeout=min(timeout / 1000, MAX_TIMEOUT),
    )


def parse_assertion(assertion: str | bytes | Mapping[str, Any]) -> Assertion:
    """The assertion that a browser or an authenticator gave, reduced to what the server takes.

    Raises:
        LocalProtocolError: no such JSON.
    """
    try:
        given = assertion if isinstance(assertion, Mapping) else json.loads(assertion)
        response = given["response"]
        kept: dict[str, object] = {name: _checked(response[name]) for name in _RESPONSE}
        handle = response.get("userHandle")
        kept["userHandle"] = None if handle is None else _checked(handle)
        raw_id = _checked(given.get("rawId") or given["id"])
        whole = {"id": given.get("id") or raw_id, "rawId": raw_id, "type": "public-key", "response": kept}
        written = json.dumps(whole, separators=(",", ":")).encode()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise LocalProtocolError(
            "not a WebAuthn assertion; give what PublicKeyCredential.toJSON() says: rawId, and response with"
            " clientDataJSON, authenticatorData and signature, all in base64url"
        ) from error
    if len(written) > MAX_ASSERTION:
        raise LocalProtocolError(f"an assertion of {len(written)} bytes is longer than any")
    return Assertion(_decoded(raw_id), written)


def _checked(text: object) -> str:
    """The text itself, when it is base64url of something."""
    if not isinstance(text, str) or not _decoded(text):
        raise ValueError("an empty field")
    return text


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
