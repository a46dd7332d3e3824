"""Sender keys as Baileys stores them: an array of states, the latest last.

    {"senderKeyId", "senderChainKey": {"iteration", "seed"}, "senderSigningKey": {"public", "private"},
     "senderMessageKeys": [{"iteration", "seed"}]}

The array is written as bytes that hold JSON (version 7), or as it is (earlier). `iteration` is the next message's, as
ours. When Baileys sends, it passes over every second iteration from the second message on and keeps the seeds of those;
nobody will ever ask for them, so of an own key they stay behind, and the next message takes the next iteration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motte.core.crypto.curve import KEY_SIZE, KeyPair, SigningKey
from motte.core.signal.chain import MAX_SKIPPED, NO_SKIPPED, Chain, ReceivingChain
from motte.core.signal.sender_key import MAX_STATES, SenderKeyRecord, SenderKeyState
from motte.migrate.baileys.reader import Reader

_MAX_ID: Final = 2**32 - 1
_MAX_ITERATION: Final = 2**32 - 1


def read_record(record: Reader) -> SenderKeyRecord | None:
    """The sender keys of one sender in one group; `None` when there are none yet.

    Raises:
        ImportFailed: they are damaged.
    """
    if not isinstance(record.value, list):
        record = Reader.parse(record.file, record.data(), "its content")
    states = [_state(entry) for entry in record.elements()]
    return SenderKeyRecord(tuple(reversed(states[-MAX_STATES:]))) if states else None


def _state(entry: Reader) -> SenderKeyState:
    chain, key = entry["senderChainKey"], entry["senderSigningKey"]
    private = key.get("private")
    own = _own(key) if private is not None and private.value != "" and private.data() else None
    position = Chain(chain["seed"].data(KEY_SIZE), chain["iteration"].number(0, _MAX_ITERATION))
    return SenderKeyState(
        id=entry["senderKeyId"].number(0, _MAX_ID),
        receiving=ReceivingChain(position, NO_SKIPPED if own else _skipped(entry, position.counter)),
        signing_public=key["public"].key(),
        signing=SigningKey.of(own.private) if own else None,
    )


def _own(key: Reader) -> KeyPair:
    return key.pair()


def _skipped(entry: Reader, following: int) -> Mapping[int, bytes]:
    held = entry.get("senderMessageKeys")
    seeds = {}
    for skipped in held.elements() if held is not None else ():
        seeds[skipped["iteration"].number(0, following - 1)] = skipped["seed"].data(KEY_SIZE)
    newest = sorted(seeds)[-MAX_SKIPPED:]
    return {index: seeds[index] for index in newest} or NO_SKIPPED
