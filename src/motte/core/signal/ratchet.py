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
from typing import Final, NamedTuple

from motte.core.crypto.cbc import cbc_decrypt, cbc_encrypt
from motte.core.crypto.curve import DJB_TYPE, KeyPair, agree
from motte.core.crypto.kdf import hkdf, hmac_sha256, macs_equal
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
    """All that one session is. A value: each step gives the next one. A named tuple, since each message makes one.

    Public keys are 32 bytes. `base_key` is the initiator's, and names the session. `receiving` maps the peer's ratchet
    keys, oldest first, to their chains. `created` and `used` (last decryption) are unix seconds.
    """

    remote_identity: bytes
    remote_registration_id: int
    base_key: bytes
    root_key: bytes
    ratchet: KeyPair
    sending: Chain
    previous_counter: int
    receiving: Mapping[bytes, ReceivingChain]
    pending: Pending | None
    created: float
    used: float

    def encrypt(self, plaintext: bytes, own_identity: bytes) -> tuple[Session, bytes]:
        """The session after it, and the `msg` that carries `plaintext`."""
        seed, sending = self.sending.advance()
        cipher_key, mac_key, iv = _message_keys(seed)
        signed = signal_message(
            self.ratchet.public, self.sending.counter, self.previous_counter, cbc_encrypt(cipher_key, iv, plaintext)
        )
        return self._replace(sending=sending), signed + _mac(mac_key, own_identity, self.remote_identity, signed)

    def decrypt(self, message: SignalMessage, own_identity: bytes, *, rng: Rng, now: float) -> tuple[Session, bytes]:
        """The session after it, and the plaintext.

        Raises:
            DuplicateMessage: the message's key was used before.
            InvalidMessage: too far ahead, a wrong MAC, or not for this session.
            InvalidKey: the peer's ratchet key is of low order.
        """
        ratchet_key = message.ratchet_key
        chain = self.receiving.get(ratchet_key)
        if chain is not None:
            root = b""
        else:
            root, opened = _turn(self.root_key, self.ratchet, ratchet_key)
            chain = ReceivingChain(opened)
        seed, chain = chain.take(message.counter)
        plaintext = _open(seed, message, self.remote_identity, own_identity)
        session = self._replace(receiving={**self.receiving, ratchet_key: chain}, pending=None, used=now)
        return (session._answer(root, ratchet_key, rng) if root else session), plaintext

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
    receiving = {signed_prekey: ReceivingChain(chain)}
    return Session(
        peer_identity, registration_id, base, root, ratchet, sending, 0, receiving, pending, created=now, used=now
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
    return Session(peer_identity, registration_id, base, root, signed_prekey, chain, 0, {}, None, created=now, used=now)


def _turn(root: bytes, own: KeyPair, peer: bytes) -> tuple[bytes, Chain]:
    derived = hkdf(agree(own.private, peer), 64, salt=root, info=_RATCHET_INFO)
    return derived[:32], Chain(derived[32:], 0)


def _message_keys(seed: bytes) -> tuple[bytes, bytes, bytes]:
    keys = hkdf(seed, 80, info=_MESSAGE_INFO)
    return keys[:32], keys[32:64], keys[64:]


def _mac(key: bytes, sender: bytes, receiver: bytes, signed: bytes) -> bytes:
    return hmac_sha256(key, DJB_TYPE + sender + DJB_TYPE + receiver + signed)[:MAC_SIZE]


def _open(seed: bytes, message: SignalMessage, sender: bytes, receiver: bytes) -> bytes:
    cipher_key, mac_key, iv = _message_keys(seed)
    if not macs_equal(_mac(mac_key, sender, receiver, message.signed), message.mac):
        raise InvalidMessage("the MAC of a message does not verify")
    try:
        return cbc_decrypt(cipher_key, iv, message.ciphertext)
    except RemoteProtocolError as error:
        raise InvalidMessage("the ciphertext of an authentic message is malformed") from error
