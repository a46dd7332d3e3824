"""Trusted-contact tokens: how the server knows that a person who restricts who may write to them has written to us.

A token is opaque bytes that the person had the server give us; we show it with what we send to them. Time is counted in
buckets of seven days: a token is good in the bucket in which it was given and the three after, and with the first
message of a bucket we give a person a new one of ours.

Who has no token of a person shows one that the client makes, of a salt that the phone shares with its companions:

    HMAC-SHA256(salt, "100000000000002@lid")
"""

from __future__ import annotations

import re
from typing import Final

from motte.core.crypto.kdf import hmac_sha256
from motte.model.jid import Jid

BUCKET: Final = 7 * 86400
"""Seconds."""
BUCKETS: Final = 4
_ANNOUNCEMENTS: Final = "0"
"""The user of WhatsApp's own announcements."""
_BOT: Final = re.compile(r"1313555\d{4}|131655500\d{2}")


def is_good(given_at: int, now: float) -> bool:
    """Whether a token that was given then (unix seconds) still counts."""
    return given_at >= (int(now) // BUCKET - (BUCKETS - 1)) * BUCKET


def is_due(issued_at: int | None, now: float) -> bool:
    """Whether it is time for a new token for a person who got the last one then."""
    return issued_at is None or int(now) // BUCKET > issued_at // BUCKET


def client_made(salt: bytes, lid: Jid) -> bytes:
    """What to show somebody who gave us nothing yet; `lid` is their account's."""
    return hmac_sha256(salt, str(lid.user_jid).encode())


def is_person(user: Jid) -> bool:
    """Whether tokens are exchanged with this user: not with announcements and bots."""
    return user.is_user and user.user != _ANNOUNCEMENTS and not _BOT.fullmatch(user.user)
