"""Sessions with one peer device: start, encrypt, decrypt.

Each function takes a record and gives a new one; when it raises, the record at hand is still the truth.

    start            a bundle from the server → a session that can send; its messages are `pkmsg` until an answer
    encrypt          → `msg` or `pkmsg`
    decrypt          a `msg`; an archived session that succeeds becomes the current one
    decrypt_prekey   a `pkmsg`; a base key that is known belongs to its session, a new one starts a session

When both sides start at once, each ends up with two sessions, and both with the same current one after an answer.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from motte.core.crypto.curve import KeyPair
from motte.core.crypto.rng import Rng
from motte.core.signal import ratchet, x3dh
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.keys import PreKey, SignedPreKey
from motte.core.signal.ratchet import Pending, Session
from motte.core.signal.record import SessionRecord
from motte.core.signal.wire import PreKeySignalMessage, SignalMessage
from motte.errors import InvalidMessage, InvalidPreKeyId, NoSession, SignalError


class Encrypted(NamedTuple):
    """A message to send: the `record` to store, the `<enc>` `kind`, and the `body`."""

    record: SessionRecord
    kind: Literal["msg", "pkmsg"]
    body: bytes


class Decrypted(NamedTuple):
    """A message received: the `record` to store, the `plaintext` (still padded), the peer's authentic `identity` key
    (32 bytes), and the `prekey_id` that the message used up, to be deleted (None for most)."""

    record: SessionRecord
    plaintext: bytes
    identity: bytes
    prekey_id: int | None = None


def start(
    record: SessionRecord | None, bundle: PreKeyBundle, *, own: OwnIdentity, rng: Rng, now: float
) -> SessionRecord:
    """A record whose current session is new, from the peer's bundle; `now` is in unix seconds.

    Raises:
        InvalidSignature: the identity key did not sign the signed prekey.
        InvalidKey: a key of the bundle has the wrong size or is of low order.
    """
    bundle.check()
    base = KeyPair.generate(rng)
    root, chain = x3dh.initiate(own.pair, base, bundle)
    session = ratchet.initiator(
        root,
        chain,
        base=base.public,
        peer_identity=bundle.identity,
        registration_id=bundle.registration_id,
        signed_prekey=bundle.signed_prekey,
        pending=Pending(bundle.prekey_id, bundle.signed_prekey_id),
        rng=rng,
        now=now,
    )
    return (record or SessionRecord()).with_current(session)


def encrypt(record: SessionRecord, plaintext: bytes, *, own: OwnIdentity) -> Encrypted:
    """`plaintext`, encrypted with the current session.

    Raises:
        NoSession: there is no current one; fetch a bundle and `start` one.
    """
    session = record.current
    if session is None:
        raise NoSession("there is no open session to encrypt with")
    identity = own.pair.public
    session, body = session.encrypt(plaintext, identity)
    updated = SessionRecord(session, record.archived)
    pending = session.pending
    if pending is None:
        return Encrypted(updated, "msg", body)
    message = PreKeySignalMessage(
        own.registration_id, pending.prekey_id, pending.signed_prekey_id, session.base_key, identity, body
    )
    return Encrypted(updated, "pkmsg", message.encode())


def decrypt(record: SessionRecord, body: bytes, *, own: OwnIdentity, rng: Rng, now: float) -> Decrypted:
    """The plaintext of a `msg`.

    Raises:
        NoSession: the record is empty.
        DuplicateMessage: the message was decrypted before.
        InvalidMessage: malformed, or no session fits.
        InvalidKey: a key in the message is of low order.
    """
    message = SignalMessage.parse(body)
    failure: SignalError | None = None
    for session in _candidates(record, message):
        try:
            after, plaintext = session.decrypt(message, own.pair.public, rng=rng, now=now)
        except SignalError as error:
            failure = error
        else:
            return Decrypted(record.with_current(after), plaintext, after.remote_identity)
    raise failure or NoSession("there is no session with the sender")


def decrypt_prekey(
    record: SessionRecord | None,
    message: PreKeySignalMessage | bytes,
    *,
    own: OwnIdentity,
    signed_prekey: SignedPreKey | None,
    prekey: PreKey | None,
    rng: Rng,
    now: float,
) -> Decrypted:
    """The plaintext of a `pkmsg`.

    Args:
        record: what is stored for the sender.
        message: the body, or the result of `PreKeySignalMessage.parse`, which names the keys to load.
        own: this device.
        signed_prekey: the own signed prekey with the id that the message names, None when it is unknown.
        prekey: the own prekey with the id that the message names, None when unknown or when it names none.
        rng: randomness for the answering ratchet key.
        now: unix seconds.

    Raises:
        InvalidPreKeyId: the message starts a session with a prekey that is not there.
        DuplicateMessage: the message was decrypted before.
        InvalidMessage: malformed, or not authentic.
        InvalidKey: a key in the message is of low order.
    """
    if isinstance(message, bytes):
        message = PreKeySignalMessage.parse(message)
    record = record or SessionRecord()
    inner = SignalMessage.parse(message.message)
    session = next((known for known in record.sessions if known.base_key == message.base_key), None)
    used = None
    if session is None:
        session = _respond(message, own, signed_prekey, prekey, now)
        used = message.prekey_id
    elif session.remote_identity != message.identity:
        # The wrapper's identity is authenticated by X3DH alone, which a known session has behind it.
        raise InvalidMessage("a pkmsg of a known session shows another identity")
    session, plaintext = session.decrypt(inner, own.pair.public, rng=rng, now=now)
    return Decrypted(record.with_current(session), plaintext, session.remote_identity, used)


def _candidates(record: SessionRecord, message: SignalMessage) -> tuple[Session, ...]:
    """The sessions to try: the one that knows the message's ratchet key (it is no other's), or all."""
    for session in record.sessions:
        if message.ratchet_key in session.receiving:
            return (session,)
    return record.sessions


def _respond(
    message: PreKeySignalMessage,
    own: OwnIdentity,
    signed_prekey: SignedPreKey | None,
    prekey: PreKey | None,
    now: float,
) -> Session:
    if signed_prekey is None or signed_prekey.id != message.signed_prekey_id:
        raise InvalidPreKeyId(f"a pkmsg names signed prekey {message.signed_prekey_id}, which is not in the store")
    if message.prekey_id is None:
        prekey = None
    elif prekey is None or prekey.id != message.prekey_id:
        raise InvalidPreKeyId(f"a pkmsg names prekey {message.prekey_id}, which is not in the store")
    root, chain = x3dh.respond(
        own.pair,
        signed_prekey.pair,
        prekey.pair if prekey else None,
        peer_identity=message.identity,
        peer_base=message.base_key,
    )
    return ratchet.responder(
        root,
        chain,
        base=message.base_key,
        peer_identity=message.identity,
        registration_id=message.registration_id,
        signed_prekey=signed_prekey.pair,
        now=now,
    )
