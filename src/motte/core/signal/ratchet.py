"""The Double Ratchet: one session of two devices.

    root', chain = HKDF(DH(own ratchet key, peer's ratchet key), salt = root, info = "WhisperRatchet")
    cipher key || MAC key || IV = HKDF(message seed, info = "WhisperMessageKeys"), 32 + 32 + 16 bytes
    MAC = HMAC(MAC key, 05 sender's identity || 05 receiver's identity || message), first 8 bytes

A message with a new ratchet key of the peer opens a receiving chain; once that message is authentic, an own new
ratchet key opens a new sending chain. So a forged message costs one DH at most and leaves nothing behind.

Old receiving chains stay open, five at most, as in libsignal: `previous_counter` is sent and not relied on, since
implementations disagree on it (libsignal-node says 2^32 - 1 for a chain on which nothing was sent).

Source: signal.org/docs/specifications/doubleratchet, with libsignal's strings and sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import digest
from typing import Final, NamedTuple

from motte.core.crypto.cbc import cbc_decrypt, cbc_encrypt
from motte.core.crypto.curve import DJB_TYPE, KeyPair, agree
from motte.core.crypto.kdf import hkdf, macs_equal
from motte.core.crypto.rng import Rng
from motte.core.signal.chain import Chain, ReceivingChain
from motte.core.signal.wire import MAC_SIZE, SignalMessage, signal_message
from motte.errors import InvalidMessage, RemoteProtocolError

MAX_RECEIVING_CHAINS: Final = 5
_RATCHET_INFO: Final = b"WhisperRatchet"
_MESSAGE_INFO: Final = b"WhisperMessageKeys"


class Pending(NamedTuple):
    """The prekeys of the peer that started the session, named in each message until the peer answers."""

    prekey_id: int | None
    signed_prekey_id: int


class Session(NamedTuple):
    """All that one session is. A value: each step gives the next one. A named tuple, since each message makes one,
    and what changes with each message stands first.

    Public keys are 32 bytes. `base_key` is the initiator's, and names the session. `receiving` maps the peer's ratchet
    keys, oldest first, to their chains. `created` and `used` (last decryption) are unix seconds.
    """

    sending: Chain
    receiving: Mapping[bytes, ReceivingChain]
    pending: Pending | None
    used: float
    root_key: bytes
    ratchet: KeyPair
    previous_counter: int
    base_key: bytes
    remote_identity: bytes
    remote_registration_id: int
    created: float

    def encrypt(self, plaintext: bytes, own_identity: bytes) -> tuple[Session, bytes]:
        """The session after it, and the `msg` that carries `plaintext`."""
        seed, sending = self.sending.advance()
        cipher_key, mac_key, iv = _message_keys(seed)
        ciphertext = cbc_encrypt(cipher_key, iv, plaintext)
        signed = signal_message(self.ratchet.public, self.sending.counter, self.previous_counter, ciphertext)
        return Session(sending, *self[1:]), signed + _mac(mac_key, own_identity, self.remote_identity, signed)

    def decrypt(self, message: SignalMessage, own_identity: bytes, *, rng: Rng, now: float) -> tuple[Session, bytes]:
        """The session after it, and the plaintext.

        Raises:
            DuplicateMessage: the message's key was used before.
            InvalidMessage: too far ahead, a wrong MAC, or not for this session.
            InvalidKey: the peer's ratchet key is of low order.
        """
        chain = self.receiving.get(message.ratchet_key)
        if chain is not None:
            return self._receive(chain, message, own_identity, now)
        root, opened = _turn(self.root_key, self.ratchet, message.ratchet_key)
        session, plaintext = self._receive(ReceivingChain(opened), message, own_identity, now)
        return session._answer(root, message.ratchet_key, rng), plaintext

    def __repr__(self) -> str:
        return f"Session(base_key={self.base_key.hex()}, sending={self.sending!r}, receiving={len(self.receiving)})"

    def _receive(
        self, chain: ReceivingChain, message: SignalMessage, own_identity: bytes, now: float
    ) -> tuple[Session, bytes]:
        seed, chain = chain.take(message.counter)
        plaintext = _open(seed, message, self.remote_identity, own_identity)
        return Session(self.sending, {**self.receiving, message.ratchet_key: chain}, None, now, *self[4:]), plaintext

    def _answer(self, root: bytes, ratchet_key: bytes, rng: Rng) -> Session:
        """A new sending chain under a fresh ratchet key, as answer to the peer's new one."""
        ratchet = KeyPair.generate(rng)
        root, sending = _turn(root, ratchet, ratchet_key)
        return self._replace(
            root_key=root,
            ratchet=ratchet,
            sending=sending,
            previous_counter=max(self.sending.counter - 1, 0),
            receiving=dict(list(self.receiving.items())[-MAX_RECEIVING_CHAINS:]),
        )


def initiator(
    root: bytes,
    chain: Chain,
    *,
    base: bytes,
    peer_identity: bytes,
    registration_id: int,
    signed_prekey: bytes,
    pending: Pending,
    rng: Rng,
    now: float,
) -> Session:
    """The session of the side that fetched a bundle: it can send at once.

    Raises:
        InvalidKey: the signed prekey is of low order.
    """
    ratchet = KeyPair.generate(rng)
    root, sending = _turn(root, ratchet, signed_prekey)
    return Session(
        sending=sending,
        receiving={signed_prekey: ReceivingChain(chain)},
        pending=pending,
        used=now,
        root_key=root,
        ratchet=ratchet,
        previous_counter=0,
        base_key=base,
        remote_identity=peer_identity,
        remote_registration_id=registration_id,
        created=now,
    )


def responder(
    root: bytes,
    chain: Chain,
    *,
    base: bytes,
    peer_identity: bytes,
    registration_id: int,
    signed_prekey: KeyPair,
    now: float,
) -> Session:
    """The session of the side that got a first message: its signed prekey is its first ratchet key."""
    return Session(
        sending=chain,
        receiving={},
        pending=None,
        used=now,
        root_key=root,
        ratchet=signed_prekey,
        previous_counter=0,
        base_key=base,
        remote_identity=peer_identity,
        remote_registration_id=registration_id,
        created=now,
    )


def _turn(root: bytes, own: KeyPair, peer: bytes) -> tuple[bytes, Chain]:
    derived = hkdf(agree(own.private, peer), 64, salt=root, info=_RATCHET_INFO)
    return derived[:32], Chain(derived[32:], 0)


def _message_keys(seed: bytes) -> tuple[bytes, bytes, bytes]:
    keys = hkdf(seed, 80, info=_MESSAGE_INFO)
    return keys[:32], keys[32:64], keys[64:]


def _mac(key: bytes, sender: bytes, receiver: bytes, signed: bytes) -> bytes:
    return digest(key, DJB_TYPE + sender + DJB_TYPE + receiver + signed, "sha256")[:MAC_SIZE]


def _open(seed: bytes, message: SignalMessage, sender: bytes, receiver: bytes) -> bytes:
    cipher_key, mac_key, iv = _message_keys(seed)
    if not macs_equal(_mac(mac_key, sender, receiver, message.signed), message.mac):
        raise InvalidMessage("the MAC of a message does not verify")
    try:
        return cbc_decrypt(cipher_key, iv, message.ciphertext)
    except RemoteProtocolError as error:
        raise InvalidMessage("the ciphertext of an authentic message is malformed") from error
