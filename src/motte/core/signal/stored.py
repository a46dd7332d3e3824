"""Sessions and chains as bytes for the store: `proto/storage.proto`, written by hand and read by protobuf.

A session is written with every message. For fields that are nearly all 32 bytes long, joining them costs a third of
filling protobuf objects; a test holds the result against protobuf's own. Every key below was checked for its size where
it came in.
"""

from __future__ import annotations

import struct
from typing import Final

from motte.core.crypto.curve import KEY_SIZE, KeyPair
from motte.core.signal.chain import NO_SKIPPED, Chain, ReceivingChain
from motte.core.signal.ratchet import Pending, Session
from motte.core.signal.wire import varint
from motte.errors import StoreCorrupt, StoreTooNew
from motte.proto.storage_pb2 import StoredChain, StoredSession

FORMAT: Final = 1
"""Version of the stored form; readers accept this and older ones."""
VERSION_FIELD: Final = b"\x08" + varint(FORMAT)
_TIMES: Final = struct.Struct("<cdcd")


def field(tag: bytes, value: bytes) -> bytes:
    """A field of bytes, or of a message."""
    return tag + varint(len(value)) + value


def check_format(version: int, what: str) -> None:
    """Accept a stored record's version.

    Raises:
        StoreCorrupt: there is none.
        StoreTooNew: it is newer than `FORMAT`.
    """
    if version > FORMAT:
        raise StoreTooNew(f"a stored {what} has format {version}; this version of motte reads up to {FORMAT}")
    if not version:
        raise StoreCorrupt(f"a stored {what} has no version")


def dump_chain(received: ReceivingChain, ratchet_key: bytes = b"") -> bytes:
    """A StoredChain, with the seeds that were skipped; `ratchet_key` is whose chain it is, in a session."""
    (key, counter), skipped = received
    start = b"\x0a\x20" + key + b"\x10" + varint(counter)
    if skipped:
        start += field(b"\x1a", b"".join(map(varint, skipped))) + field(b"\x22", b"".join(skipped.values()))
    return start + b"\x2a\x20" + ratchet_key if ratchet_key else start


def load_chain(stored: StoredChain) -> ReceivingChain:
    """A chain from its stored form.

    Raises:
        StoreCorrupt: a part is missing or has the wrong size.
    """
    indexes, seeds = stored.skipped_index, stored.skipped_seeds
    if len(seeds) != len(indexes) * KEY_SIZE:
        raise StoreCorrupt("a stored chain has not one seed for each skipped message")
    skipped = {index: seeds[i * KEY_SIZE : (i + 1) * KEY_SIZE] for i, index in enumerate(indexes)}
    return ReceivingChain(Chain(load_key(stored.key), stored.index), skipped or NO_SKIPPED)


def load_key(key: bytes) -> bytes:
    """A stored key, checked for its size.

    Raises:
        StoreCorrupt: it is not 32 bytes.
    """
    if len(key) != KEY_SIZE:
        raise StoreCorrupt("a stored key is not 32 bytes long")
    return key


def dump_session(session: Session) -> bytes:
    """A StoredSession."""
    ratchet = session.ratchet
    parts = [
        b"\x0a\x20",
        session.remote_identity,
        b"\x10",
        varint(session.remote_registration_id),
        b"\x1a\x20",
        session.base_key,
        b"\x22\x20",
        session.root_key,
        b"\x2a\x20",
        ratchet.public,
        b"\x32\x20",
        ratchet.private,
        field(b"\x3a", dump_chain(ReceivingChain(session.sending))),
        b"\x40",
        varint(session.previous_counter),
    ]
    parts += [field(b"\x4a", dump_chain(received, key)) for key, received in session.receiving.items()]
    if session.pending:
        prekey_id, signed_prekey_id = session.pending
        if prekey_id is not None:
            parts += (b"\x50", varint(prekey_id))
        parts += (b"\x58", varint(signed_prekey_id))
    parts.append(_TIMES.pack(b"\x61", session.created, b"\x69", session.used))
    return b"".join(parts)


def load_session(stored: StoredSession) -> Session:
    """A session from its stored form.

    Raises:
        StoreCorrupt: a part is missing or has the wrong size.
    """
    pending = None
    if stored.HasField("pending_signed_prekey_id"):
        prekey_id = stored.pending_prekey_id if stored.HasField("pending_prekey_id") else None
        pending = Pending(prekey_id, stored.pending_signed_prekey_id)
    return Session(
        remote_identity=load_key(stored.remote_identity),
        remote_registration_id=stored.remote_registration_id,
        base_key=load_key(stored.base_key),
        root_key=load_key(stored.root_key),
        ratchet=KeyPair(load_key(stored.ratchet_public), load_key(stored.ratchet_private)),
        sending=load_chain(stored.sending).chain,
        previous_counter=stored.previous_counter,
        receiving={load_key(chain.ratchet_key): load_chain(chain) for chain in stored.receiving},
        pending=pending,
        created=stored.created,
        used=stored.used,
    )
