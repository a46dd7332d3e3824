"""What is kept for one peer device: the current session and the archived ones before it, and their stored form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.crypto.curve import KEY_SIZE, KeyPair
from motte.core.signal.chain import NO_SKIPPED, Chain, ReceivingChain
from motte.core.signal.ratchet import Pending, Session
from motte.errors import StoreCorrupt, StoreTooNew
from motte.proto.storage_pb2 import StoredChain, StoredSession, StoredSessionRecord

MAX_ARCHIVED: Final = 40
FORMAT: Final = 1
"""Version of the stored form; readers accept this and older ones."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """The sessions with one peer device. `current` encrypts; it and `archived` (latest first) decrypt.

    Kept as an object in a cache; `serialize` when it is committed.
    """

    current: Session | None = None
    archived: tuple[Session, ...] = ()

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All sessions, the current one first."""
        return self.archived if self.current is None else (self.current, *self.archived)

    def __iter__(self) -> Iterator[Session]:
        """Over `sessions`."""
        return iter(self.sessions)

    def with_current(self, session: Session) -> SessionRecord:
        """The record after a new session, or a new state of one it has: that one is current, the one before it is
        archived, and the oldest beyond `MAX_ARCHIVED` is forgotten."""
        if self.current is not None and self.current.base_key == session.base_key:
            return SessionRecord(session, self.archived)
        rest = tuple(old for old in self.sessions if old.base_key != session.base_key)
        return SessionRecord(session, rest[:MAX_ARCHIVED])

    def archive_current(self) -> SessionRecord:
        """The record without a current session: the next message needs a fresh bundle, old ones still decrypt."""
        return SessionRecord(None, self.sessions[:MAX_ARCHIVED])

    def serialize(self) -> bytes:
        """The bytes for the store."""
        stored = StoredSessionRecord(version=FORMAT, archived=[_dump_session(old) for old in self.archived])
        if self.current is not None:
            stored.current.CopyFrom(_dump_session(self.current))
        return stored.SerializeToString()

    @classmethod
    def parse(cls, data: bytes) -> SessionRecord:
        """What `serialize` wrote.

        Raises:
            StoreCorrupt: the bytes are something else.
            StoreTooNew: a newer version of motte wrote them.
        """
        try:
            stored = StoredSessionRecord.FromString(data)
        except DecodeError as error:
            raise StoreCorrupt("a stored session cannot be read") from error
        check_format(stored.version, "session")
        current = _load_session(stored.current) if stored.HasField("current") else None
        return cls(current, tuple(_load_session(old) for old in stored.archived))


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


def dump_chain(chain: Chain, received: ReceivingChain | None = None, ratchet_key: bytes | None = None) -> StoredChain:
    """A chain's stored form, with the seeds it skipped."""
    skipped = received.skipped if received is not None else NO_SKIPPED
    return StoredChain(
        key=chain.key,
        index=chain.counter,
        skipped_index=skipped.keys(),
        skipped_seeds=b"".join(skipped.values()),
        ratchet_key=ratchet_key,
    )


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


def _dump_session(session: Session) -> StoredSession:
    pending = session.pending
    return StoredSession(
        remote_identity=session.remote_identity,
        remote_registration_id=session.remote_registration_id,
        base_key=session.base_key,
        root_key=session.root_key,
        ratchet_public=session.ratchet.public,
        ratchet_private=session.ratchet.private,
        sending=dump_chain(session.sending),
        previous_counter=session.previous_counter,
        receiving=[dump_chain(received.chain, received, key) for key, received in session.receiving.items()],
        pending_prekey_id=pending.prekey_id if pending else None,
        pending_signed_prekey_id=pending.signed_prekey_id if pending else None,
        created=session.created,
        used=session.used,
    )


def _load_session(stored: StoredSession) -> Session:
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
