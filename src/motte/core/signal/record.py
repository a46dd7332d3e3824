"""What is kept for one peer device: the current session and the archived ones before it, and their stored form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.signal.ratchet import Session
from motte.core.signal.stored import VERSION_FIELD, check_format, dump_session, field, load_session
from motte.errors import StoreCorrupt
from motte.proto.storage_pb2 import StoredSessionRecord

MAX_ARCHIVED: Final = 40


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
        current = b"" if self.current is None else field(b"\x12", dump_session(self.current))
        return b"".join((VERSION_FIELD, current, *(field(b"\x1a", dump_session(old)) for old in self.archived)))

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
        current = load_session(stored.current) if stored.HasField("current") else None
        return cls(current, tuple(load_session(old) for old in stored.archived))
