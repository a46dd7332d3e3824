"""What is encrypted with the secret of an earlier message: votes, answers, reactions, comments, edits.

    key  = HKDF-SHA256(secret, info = id ‖ creator ‖ actor ‖ use, 32 bytes)
    aad  = id ‖ 0 ‖ actor   for votes and answers to events, nothing for the others
    data = AES-256-GCM(key, iv of 12 bytes, plaintext, aad), the tag at the end

`id` is the earlier message's, `creator` sent it, `actor` acts on it now; both as JIDs without a device, by PN or LID as
the chat addresses them. A receiver cannot always tell which, so it tries both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from motte.core.crypto.aead import gcm_decrypt, gcm_encrypt
from motte.core.crypto.kdf import hkdf
from motte.core.crypto.rng import Rng
from motte.errors import RemoteProtocolError
from motte.model.content.encrypted import Encrypted, SecretUse
from motte.model.jid import Jid

SECRET_SIZE: Final = 32
_KEY_SIZE: Final = 32
_IV_SIZE: Final = 12
_WITH_AAD: Final = frozenset({SecretUse.POLL_VOTE, SecretUse.EVENT_RESPONSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """What it takes to act on a message with a secret: the secret, who sent that message, and who acts."""

    secret: bytes = field(repr=False)
    creator: Jid
    actor: Jid

    def seal(self, plaintext: bytes, use: SecretUse, message_id: str, rng: Rng) -> tuple[bytes, bytes]:
        """Ciphertext and IV, for the message `message_id`."""
        key, aad = self._key(use, message_id)
        iv = rng(_IV_SIZE)
        return gcm_encrypt(key, iv, plaintext, aad), iv

    def open(self, encrypted: Encrypted) -> bytes:
        """The plaintext.

        Raises:
            RemoteProtocolError: it was not encrypted with this secret, for this use and between these two.
        """
        key, aad = self._key(encrypted.use, encrypted.target.id)
        return gcm_decrypt(key, encrypted.iv, encrypted.payload, aad)

    def _key(self, use: SecretUse, message_id: str) -> tuple[bytes, bytes]:
        creator, actor = str(self.creator.user_jid), str(self.actor.user_jid)
        info = f"{message_id}{creator}{actor}{use}".encode()
        aad = f"{message_id}\0{actor}".encode() if use in _WITH_AAD else b""
        return hkdf(self.secret, _KEY_SIZE, info=info), aad


def unseal(encrypted: Encrypted, secret: bytes, *, creators: Iterable[Jid], actors: Iterable[Jid]) -> bytes:
    """The plaintext, when each of the two people may have been meant by one address or another.

    Raises:
        RemoteProtocolError: no pair of addresses fits.
    """
    for creator, actor in product(dict.fromkeys(creators), dict.fromkeys(actors)):
        try:
            return Sealing(secret=secret, creator=creator, actor=actor).open(encrypted)
        except RemoteProtocolError:
            continue
    raise RemoteProtocolError(f"what was sealed as {encrypted.use} does not open with the secret of its message")
