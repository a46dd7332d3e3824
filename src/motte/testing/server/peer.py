"""The phone's Signal end: its keys, its sessions with other devices, `<enc>` nodes in and out.

Unlike a client it can look into the directory, so it fetches nothing: a session is kept per device, whichever address a
stanza used.
"""

from __future__ import annotations

from typing import Final

from motte.core.binary.node import Node
from motte.core.crypto.curve import KEY_SIZE, SIGNATURE_SIZE, KeyPair
from motte.core.crypto.rng import Rng
from motte.core.signal import session
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.keys import PreKey, generate_prekeys, generate_registration_id, generate_signed_prekey
from motte.core.signal.record import SessionRecord
from motte.core.signal.wire import PreKeySignalMessage
from motte.errors import RemoteProtocolError
from motte.testing.server.accounts import Device
from motte.testing.server.hub import Hub
from motte.testing.server.prekeys import hand_out, signed_key
from motte.testing.server.reader import child, data, uint
from motte.testing.server.shelf import Shelf, SignedKey, key_fields

PREKEYS: Final = 100
_MAX_PAD: Final = 16


class Peer:
    """Keys and sessions of one phone."""

    def __init__(self, hub: Hub, identity: KeyPair) -> None:
        self._hub = hub
        self._own = OwnIdentity(pair=identity, registration_id=generate_registration_id(hub.rng))
        self._signed = generate_signed_prekey(identity, 1, hub.rng)
        self._prekeys = {key.id: key for key in generate_prekeys(1, PREKEYS, hub.rng)}
        self._next_prekey = PREKEYS + 1
        self._sessions: dict[Device, SessionRecord] = {}

    def shelf(self) -> Shelf:
        """The public keys, for the server to hand out."""
        signed = SignedKey(number=self._signed.id, value=self._signed.pair.public, signature=self._signed.signature)
        public = {number: key.pair.public for number, key in self._prekeys.items()}
        return Shelf(self._own.registration_id, self._own.pair.public, signed, public)

    def forget(self, device: Device) -> None:
        """Drop the session with a device."""
        self._sessions.pop(device, None)

    def restart(self, device: Device, bundle: PreKeyBundle | None = None) -> None:
        """A new session with a device: from a bundle that it sent, else from its shelf."""
        known, fresh = self._sessions.get(device), bundle or self._fetched(device)
        self._sessions[device] = session.start(known, fresh, own=self._own, rng=self._hub.rng, now=self._hub.clock())

    def encrypt(self, device: Device, plaintext: bytes, *, count: int | None = None) -> Node:
        """`<enc>` of a message for a device; `count` marks a resend."""
        if device not in self._sessions:
            self.restart(device)
        sealed = session.encrypt(self._sessions[device], padded(plaintext, self._hub.rng), own=self._own)
        self._sessions[device] = sealed.record
        counted = {} if count is None else {"count": str(count)}
        return Node("enc", {"v": "2", "type": sealed.kind, **counted}, sealed.body)

    def decrypt(self, device: Device, enc: Node) -> bytes:
        """The unpadded content of an `<enc>`.

        Raises:
            RemoteProtocolError: it does not decrypt.
        """
        known, now = self._sessions.get(device), self._hub.clock()
        if enc.attrs.get("type") == "pkmsg":
            message = PreKeySignalMessage.parse(enc.data)
            prekey = self._prekeys.get(message.prekey_id or 0)
            opened = session.decrypt_prekey(
                known, message, own=self._own, signed_prekey=self._signed, prekey=prekey, rng=self._hub.rng, now=now
            )
            if opened.prekey_id is not None:
                self._prekeys.pop(opened.prekey_id, None)
        else:
            opened = session.decrypt(known or SessionRecord(), enc.data, own=self._own, rng=self._hub.rng, now=now)
        self._sessions[device] = opened.record
        return unpadded(opened.plaintext)

    def retry_keys(self) -> tuple[Node, ...]:
        """The `<registration>` and `<keys>` of a retry receipt, with a prekey that nobody else gets."""
        key = PreKey(self._next_prekey, KeyPair.generate(self._hub.rng))
        self._next_prekey += 1
        self._prekeys[key.id] = key
        keys = (
            Node("type", {}, b"\x05"),
            Node("identity", {}, self._own.pair.public),
            Node("key", {}, key_fields(key.id, key.pair.public)),
            Node("skey", {}, (*key_fields(1, self._signed.pair.public), Node("signature", {}, self._signed.signature))),
        )
        registration = self._own.registration_id.to_bytes(4, "big")
        return Node("registration", {}, registration), Node("keys", {}, keys)

    def _fetched(self, device: Device) -> PreKeyBundle:
        shelf = device.shelf
        number, value = hand_out(self._hub, device) or (None, None)
        return PreKeyBundle(
            registration_id=shelf.registration_id,
            identity=shelf.identity,
            signed_prekey_id=shelf.signed.number,
            signed_prekey=shelf.signed.value,
            signature=shelf.signed.signature,
            prekey_id=number,
            prekey=value,
        )


def bundle_of_retry(receipt: Node) -> PreKeyBundle | None:
    """The bundle that a retry receipt carries, if it does."""
    keys = receipt.child("keys")
    if keys is None:
        return None
    signed, one_time = signed_key(child(keys, "skey")), keys.child("key")
    assert len(signed.signature) == SIGNATURE_SIZE
    return PreKeyBundle(
        registration_id=uint(data(receipt, "registration", 4)),
        identity=data(keys, "identity", KEY_SIZE),
        signed_prekey_id=signed.number,
        signed_prekey=signed.value,
        signature=signed.signature,
        prekey_id=uint(data(one_time, "id", 3)) if one_time else None,
        prekey=data(one_time, "value", KEY_SIZE) if one_time else None,
    )


def padded(plaintext: bytes, rng: Rng) -> bytes:
    """A message with 1 to 16 bytes that tell how many they are."""
    pad = rng(1)[0] % _MAX_PAD + 1
    return plaintext + bytes((pad,)) * pad


def unpadded(plaintext: bytes) -> bytes:
    """A message without its padding.

    Raises:
        RemoteProtocolError: it has none.
    """
    pad = plaintext[-1] if plaintext else 0
    if not 1 <= pad <= min(_MAX_PAD, len(plaintext)):
        raise RemoteProtocolError("a message has no padding")
    return plaintext[:-pad]
