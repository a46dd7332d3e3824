"""The participant hash: client and server compare with it for which devices a message is encrypted.

`2:` and the base64 of the first six bytes of SHA-256 over the sorted devices, each written with its agent and its
device number, also when they are zero: `15550100001.0:0@s.whatsapp.net`. (Baileys hashes the short forms and cuts the
base64 after six characters; nothing reads its result, since it never sends it.)
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from typing import Final

from motte.model.jid import Jid

VERSION: Final = "2:"
_HASHED_BYTES: Final = 6


def phash(devices: Iterable[Jid]) -> str:
    """The hash of a list of devices, in any order."""
    joined = "".join(sorted(f"{jid.user}.0:{jid.device}@{jid.server}" for jid in devices))
    return VERSION + b64encode(hashlib.sha256(joined.encode()).digest()[:_HASHED_BYTES]).decode()
