"""Sender keys: how one device's messages to a group are encrypted once for all members.

A state is a chain and a signing key. Its owner holds the private half; members got the rest by a distribution message.
Each message takes one step of the chain:

    IV || cipher key = HKDF(message seed, info = "WhisperGroup"), 16 + 32 bytes

A record holds the last few states of one sender in one group, since messages under the previous key may still come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from google.protobuf.message import DecodeError

from motte.core.crypto.curve import SigningKey
from motte.core.signal.chain import MAX_AHEAD, ReceivingChain
from motte.core.signal.stored import VERSION_FIELD, check_format, dump_chain, field, load_chain, load_key
from motte.core.signal.wire import varint
from motte.errors import StoreCorrupt
from motte.proto.storage_pb2 import StoredSenderKey, StoredSenderKeyRecord

MAX_STATES: Final = 5


class SenderKeyState(NamedTuple):
    """One sender key: its `id` (31 bits), its chain, the 32-byte public signing key, and the private one if it is
    ours. A named tuple, since each message makes one."""

    id: int
    receiving: ReceivingChain
    signing_public: bytes
    signing: SigningKey | None = None


@dataclass(frozen=True, slots=True)
class SenderKeyRecord:
    """The sender keys of one sender in one group, the latest first."""

    states: tuple[SenderKeyState, ...] = ()

    def find(self, key_id: int) -> SenderKeyState | None:
        """The state with that id."""
        for state in self.states:
            if state.id == key_id:
                return state
        return None

    def replace(self, old: SenderKeyState, new: SenderKeyState) -> SenderKeyRecord:
        """The record in which `new`, a later state of the same key, stands in the place of `old`."""
        if self.states[0] is old:
            return SenderKeyRecord((new, *self.states[1:]))
        return SenderKeyRecord(tuple(new if state is old else state for state in self.states))

    def add(self, state: SenderKeyState) -> SenderKeyRecord:
        """The record with `state` as the latest; the oldest beyond `MAX_STATES` is forgotten.

        A key that is known (same id, same signing key) keeps its chain, so that a distribution that comes twice does
        not bring used keys back, unless the new chain is out of the old one's reach.
        """
        known = self.find(state.id)
        if known is not None and known.signing_public == state.signing_public:
            chain = known.receiving.chain
            if state.receiving.chain.counter - chain.counter <= MAX_AHEAD:
                state = known
            else:
                state = state._replace(receiving=ReceivingChain(state.receiving.chain, known.receiving.skipped))
        rest = tuple(other for other in self.states if other.id != state.id)
        return SenderKeyRecord((state, *rest)[:MAX_STATES])

    def serialize(self) -> bytes:
        """The bytes for the store."""
        return b"".join((VERSION_FIELD, *(field(b"\x12", _dump(state)) for state in self.states)))

    @classmethod
    def parse(cls, data: bytes) -> SenderKeyRecord:
        """What `serialize` wrote.

        Raises:
            StoreCorrupt: the bytes are something else.
            StoreTooNew: a newer version of motte wrote them.
        """
        try:
            stored = StoredSenderKeyRecord.FromString(data)
        except DecodeError as error:
            raise StoreCorrupt("a stored sender key cannot be read") from error
        check_format(stored.version, "sender key")
        return cls(tuple(_load(state) for state in stored.states))


def _dump(state: SenderKeyState) -> bytes:
    chain = field(b"\x12", dump_chain(state.receiving))
    dumped = b"".join((b"\x08", varint(state.id), chain, b"\x1a\x20", state.signing_public))
    return dumped + b"\x22\x20" + state.signing.scalar if state.signing else dumped


def _load(stored: StoredSenderKey) -> SenderKeyState:
    signing = SigningKey.of(load_key(stored.signing_private)) if stored.HasField("signing_private") else None
    return SenderKeyState(stored.id, load_chain(stored.chain), load_key(stored.signing_public), signing)
