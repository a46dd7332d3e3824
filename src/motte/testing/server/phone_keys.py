"""The sender keys of one phone: its own, one a chat, with the devices that have it; those of the others."""

from __future__ import annotations

from collections.abc import Iterable

from motte.core.crypto.rng import Rng
from motte.core.signal import group_cipher
from motte.core.signal.sender_key import SenderKeyRecord
from motte.model.jid import Jid
from motte.testing.server.accounts import Device


class SenderKeys:
    """Keys to write to groups and to the status list with, and to read them."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._own: dict[Jid, SenderKeyRecord] = {}
        self._holders: dict[Jid, set[Device]] = {}
        self._theirs: dict[tuple[Jid, Device], SenderKeyRecord] = {}

    def hand_out(self, chat: Jid, readers: Iterable[Device]) -> tuple[bytes, list[Device]]:
        """The distribution of the own key and the readers that lack it; a new key when a holder reads no more."""
        wanted = list(readers)
        holders = self._holders.setdefault(chat, set())
        if chat not in self._own or not holders.issubset(wanted):
            self._own.pop(chat, None)
            holders.clear()
        lacking = [device for device in wanted if device not in holders]
        holders.update(lacking)
        return self.distribution(chat), lacking

    def distribution(self, chat: Jid) -> bytes:
        """The own key as it stands, for one device that asks again."""
        if chat not in self._own:
            self._own[chat] = group_cipher.create(self._rng)
        return group_cipher.distribution(self._own[chat])

    def seal(self, chat: Jid, plaintext: bytes) -> bytes:
        """The body of a `skmsg`."""
        self._own[chat], body = group_cipher.encrypt(self._own[chat], plaintext, self._rng)
        return body

    def learn(self, chat: Jid, author: Device, distribution: bytes) -> None:
        """Somebody handed out a key.

        Raises:
            RemoteProtocolError: it is malformed.
        """
        self._theirs[chat, author] = group_cipher.process(self._theirs.get((chat, author)), distribution)

    def open(self, chat: Jid, author: Device, body: bytes) -> bytes:
        """The plaintext, still padded, of a `skmsg`.

        Raises:
            RemoteProtocolError: it does not decrypt.
        """
        known = self._theirs.get((chat, author), SenderKeyRecord())
        self._theirs[chat, author], plaintext = group_cipher.decrypt(known, body)
        return plaintext

    def forget(self, chat: Jid) -> None:
        """Lose all keys of a chat, as a phone does that was restored."""
        self._own.pop(chat, None)
        self._theirs = {key: record for key, record in self._theirs.items() if key[0] != chat}
