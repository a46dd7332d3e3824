"""Group messages: create a sender key, hand it out, encrypt and decrypt with it.

Each function takes a record and gives a new one; when it raises, the record at hand is still the truth. Our messages
take one iteration each. Baileys' take two, which a receiver copes with by keeping every second seed.
"""

from __future__ import annotations

from typing import Final

from motte.core.crypto.cbc import cbc_decrypt, cbc_encrypt
from motte.core.crypto.curve import KeyPair, SigningKey, check_signature
from motte.core.crypto.kdf import hkdf
from motte.core.crypto.rng import Rng
from motte.core.signal.chain import Chain, ReceivingChain
from motte.core.signal.sender_key import SenderKeyRecord, SenderKeyState
from motte.core.signal.wire import SenderKeyDistribution, SenderKeyMessage, sender_key_message
from motte.errors import InvalidMessage, NoSession, RemoteProtocolError

_INFO: Final = b"WhisperGroup"
_MAX_KEY_ID: Final = 0x7FFFFFFF


def create(rng: Rng) -> SenderKeyRecord:
    """A record with a fresh own sender key."""
    key_id = int.from_bytes(rng(4), "big") & _MAX_KEY_ID
    chain = ReceivingChain(Chain(rng(32), 0))
    signing = KeyPair.generate(rng)
    return SenderKeyRecord((SenderKeyState(key_id, chain, signing.public, SigningKey.of(signing.private)),))


def distribution(record: SenderKeyRecord) -> bytes:
    """The distribution message for new members: from the next message on, they can read.

    Raises:
        NoSession: the record has no own sender key.
    """
    state, _ = _own(record)
    chain = state.receiving.chain
    return SenderKeyDistribution(state.id, chain.counter, chain.key, state.signing_public).encode()


def process(record: SenderKeyRecord | None, body: bytes) -> SenderKeyRecord:
    """The record of a sender after its distribution message.

    Raises:
        InvalidMessage: malformed, or of another version.
    """
    given = SenderKeyDistribution.parse(body)
    chain = ReceivingChain(Chain(given.chain_key, given.iteration))
    return (record or SenderKeyRecord()).add(SenderKeyState(given.id, chain, given.signing_key))


def encrypt(record: SenderKeyRecord, plaintext: bytes, rng: Rng) -> tuple[SenderKeyRecord, bytes]:
    """The record to store, and the `skmsg` that carries `plaintext`; `rng` blinds the signature.

    Raises:
        NoSession: the record has no own sender key.
    """
    state, signing = _own(record)
    chain = state.receiving.chain
    seed, after = chain.advance()
    cipher_key, iv = _message_keys(seed)
    signed = sender_key_message(state.id, chain.counter, cbc_encrypt(cipher_key, iv, plaintext))
    stepped = state._replace(receiving=ReceivingChain(after))
    return record.replace(state, stepped), signed + signing.sign(signed, rng)


def decrypt(record: SenderKeyRecord, body: bytes) -> tuple[SenderKeyRecord, bytes]:
    """The record to store, and the plaintext (still padded) of a `skmsg`.

    Raises:
        NoSession: the sender's key with the id in the message is not there.
        InvalidSignature: the message is not the sender's.
        DuplicateMessage: it was decrypted before.
        InvalidMessage: malformed, or too far ahead.
    """
    message = SenderKeyMessage.parse(body)
    state = record.find(message.id)
    if state is None:
        raise NoSession("the sender key of a group message is unknown")
    check_signature(state.signing_public, message.signed, message.signature, "a group message")
    seed, chain = state.receiving.take(message.iteration)
    cipher_key, iv = _message_keys(seed)
    try:
        plaintext = cbc_decrypt(cipher_key, iv, message.ciphertext)
    except RemoteProtocolError as error:
        raise InvalidMessage("the ciphertext of a group message is malformed") from error
    return record.replace(state, state._replace(receiving=chain)), plaintext


def _own(record: SenderKeyRecord) -> tuple[SenderKeyState, SigningKey]:
    if record.states:
        state = record.states[0]
        if state.signing is not None:
            return state, state.signing
    raise NoSession("there is no own sender key to encrypt with")


def _message_keys(seed: bytes) -> tuple[bytes, bytes]:
    keys = hkdf(seed, 48, info=_INFO)
    return keys[16:], keys[:16]
