"""Fuzzed above the codec: stanzas, what is inside a message, Signal, the account's signatures, stored records."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from motte.core.binary.decoder import decode
from motte.core.crypto.adv import open_identity, verify_identity, verify_key_indexes
from motte.core.crypto.curve import KeyPair
from motte.core.message import parse as messages
from motte.core.message.padding import pad
from motte.core.signal import group_cipher, session
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.identity import OwnIdentity
from motte.core.signal.keys import generate_prekeys, generate_signed_prekey
from motte.core.signal.record import SessionRecord
from motte.core.stanza import dispatch
from motte.errors import RemoteProtocolError, StoreError
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from tests.fuzz.seeded import NOW, seeded

ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100000000000001:3@lid"))
KEYS = (
    MessageKey(chat=Jid.parse("15550100002@s.whatsapp.net"), id="A", sender=ME.pn.user_jid, from_me=True),
    MessageKey(chat=Jid.parse("120363000000000001@g.us"), id="A", sender=Jid("100000000000002", "lid"), from_me=False),
)
ALICE, BOB = (OwnIdentity(pair=KeyPair.generate(seeded(name)), registration_id=7) for name in ("alice", "bob"))
SIGNED = generate_signed_prekey(BOB.pair, 1, seeded("signed"))
PREKEY = generate_prekeys(1, 1, seeded("prekey"))[0]
BUNDLE = PreKeyBundle(
    registration_id=7,
    identity=BOB.pair.public,
    signed_prekey_id=SIGNED.id,
    signed_prekey=SIGNED.pair.public,
    signature=SIGNED.signature,
    prekey_id=PREKEY.id,
    prekey=PREKEY.pair.public,
)
FIRST = session.encrypt(session.start(None, BUNDLE, own=ALICE, rng=seeded("a"), now=NOW), b"first", own=ALICE)


def receive(record: SessionRecord | None, body: bytes) -> session.Decrypted:
    """Bob opens a prekey message."""
    return session.decrypt_prekey(record, body, own=BOB, signed_prekey=SIGNED, prekey=PREKEY, rng=seeded("b"), now=NOW)


BOBS = receive(None, FIRST.body).record
SECOND = session.encrypt(BOBS, b"second", own=BOB)
ALICES = session.decrypt(FIRST.record, SECOND.body, own=ALICE, rng=seeded("c"), now=NOW).record
THIRD = session.encrypt(ALICES, b"third", own=ALICE)
SENDER = group_cipher.create(seeded("group"))
DISTRIBUTION = group_cipher.distribution(SENDER)
GROUP_MESSAGE = group_cipher.encrypt(SENDER, b"to all", seeded("sign"))[1]
MEMBER = group_cipher.process(None, DISTRIBUTION)


def fuzz_stanza(data: bytes) -> None:
    """A decoded frame at the table of everything that the server sends: a value, never an error."""
    with suppress(RemoteProtocolError):
        node = decode(data)
        dispatch.read(node, ME)
        dispatch.read(node, None)


def fuzz_message(data: bytes) -> None:
    """Decrypted bytes of a message, from a stranger and from the own account."""
    for plaintext in (data, pad(data, seeded("pad"))):
        for key in KEYS:
            with suppress(RemoteProtocolError):
                messages.parse(messages.decode(plaintext), key=key, me=ME)


def fuzz_prekey_message(data: bytes) -> None:
    """A `pkmsg` at a device without a session and at one that has it; a failure changes nothing."""
    for record in (None, BOBS):
        before = record.serialize() if record else None
        with suppress(RemoteProtocolError):
            receive(record, data)
        if record is not None and record.serialize() != before:
            raise AssertionError("a record was changed in place")


def fuzz_signal_message(data: bytes) -> None:
    """A `msg`."""
    with suppress(RemoteProtocolError):
        session.decrypt(BOBS, data, own=BOB, rng=seeded("d"), now=NOW)


def fuzz_group(data: bytes) -> None:
    """A sender key and a `skmsg`."""
    with suppress(RemoteProtocolError):
        group_cipher.process(MEMBER, data)
    with suppress(RemoteProtocolError):
        group_cipher.decrypt(MEMBER, data)


def fuzz_account(data: bytes) -> None:
    """What an account signs."""
    key = ALICE.pair.public
    checks: tuple[Callable[[], object], ...] = (
        lambda: open_identity(data, bytes(32), key),
        lambda: verify_identity(data, key),
        lambda: verify_key_indexes(data, key),
    )
    for check in checks:
        with suppress(RemoteProtocolError):
            check()


def fuzz_record(data: bytes) -> None:
    """A stored session that was damaged: a `StoreError`, nothing else."""
    with suppress(StoreError):
        SessionRecord.parse(data)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "stanza": fuzz_stanza,
    "message": fuzz_message,
    "prekey_message": fuzz_prekey_message,
    "signal_message": fuzz_signal_message,
    "group": fuzz_group,
    "account": fuzz_account,
    "record": fuzz_record,
}
