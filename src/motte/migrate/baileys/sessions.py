"""Signal sessions as libsignal-node stores them, and what they are here.

    _sessions                 by base key; at most one is open (closed: -1), the others are archived
    chainKey.counter          of the message that was last, -1 for none       → ours counts the next one
    chainKey.key              of the message that comes next                  → the same
    messageKeys               seeds of skipped messages by index              → the same
    _chains                   oldest first; the one under our own ratchet key sends
    previousCounter           last index of the chain before, or -1           → at least 0

A receiving chain whose sender has moved on is closed: it has no key, and only its skipped messages can still come. Ours
are never closed, so it gets a key that nobody knows: what lies beyond then fails its MAC, as it should. (Any fixed key
would let everybody forge.)
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import Final

from motte.core.crypto.curve import KEY_SIZE, unprefixed
from motte.core.crypto.rng import Rng
from motte.core.signal.chain import MAX_SKIPPED, NO_SKIPPED, Chain, ReceivingChain
from motte.core.signal.keys import MAX_ID
from motte.core.signal.ratchet import MAX_RECEIVING_CHAINS, Pending, Session
from motte.core.signal.record import MAX_ARCHIVED, SessionRecord
from motte.errors import InvalidKey
from motte.migrate.baileys.reader import Reader

_OPEN: Final = -1
_SENDING: Final = 1
_RECEIVING: Final = 2
_MAX_COUNTER: Final = 2**32 - 2
_MAX_REGISTRATION_ID: Final = 2**32 - 1


def read_record(record: Reader, rng: Rng) -> SessionRecord | None:
    """The sessions with one device; `None` when there are none left.

    Raises:
        ImportFailed: it is damaged.
    """
    if (held := record.get("_sessions")) is None:
        return None
    # Records from before "version" have the registration id once, for all of their sessions.
    shared = record.get("registrationId")
    current, archived = None, []
    for name, entry in held.items():
        session = _session(entry, shared, rng)
        if _key(name, entry) != session.base_key:
            raise entry.fail("contradicts itself: its name is not its base key")
        if entry["indexInfo"]["closed"].number(_OPEN) == _OPEN and current is None:
            current = session
        else:
            archived.append(session)
    if current is None and not archived:
        return None
    archived.sort(key=lambda session: session.used, reverse=True)
    return SessionRecord(current, tuple(archived[:MAX_ARCHIVED]))


def _session(entry: Reader, shared_id: Reader | None, rng: Rng) -> Session:
    info, ratchet = entry["indexInfo"], entry["currentRatchet"]
    pair = ratchet["ephemeralKeyPair"].pair("pubKey", "privKey")
    sending, receiving = _chains(entry["_chains"], pair.public, rng)
    registration_id = entry.get("registrationId") or shared_id
    return Session(
        sending=sending,
        receiving=receiving,
        pending=_pending(entry.get("pendingPreKey")),
        used=_seconds(info.get("used")),
        root_key=ratchet["rootKey"].data(KEY_SIZE),
        ratchet=pair,
        previous_counter=max(ratchet["previousCounter"].number(-1, _MAX_COUNTER), 0),
        base_key=info["baseKey"].key(),
        remote_identity=info["remoteIdentityKey"].key(),
        remote_registration_id=registration_id.number(0, _MAX_REGISTRATION_ID) if registration_id else 0,
        created=_seconds(info.get("created")),
    )


def _chains(chains: Reader, own: bytes, rng: Rng) -> tuple[Chain, Mapping[bytes, ReceivingChain]]:
    sending, receiving = None, {}
    for name, entry in chains.items():
        ratchet_key, kind = _key(name, entry), entry["chainType"].number(_SENDING, _RECEIVING)
        if kind == _SENDING and ratchet_key == own:
            state = entry["chainKey"]
            sending = Chain(state["key"].data(KEY_SIZE), _following(state))
        elif kind == _RECEIVING and (chain := _receiving(entry, rng)) is not None:
            receiving[ratchet_key] = chain
    if sending is None:
        raise chains.fail("has no chain to send with")
    return sending, dict(list(receiving.items())[-MAX_RECEIVING_CHAINS:])


def _receiving(entry: Reader, rng: Rng) -> ReceivingChain | None:
    """A receiving chain; `None` for one on which nothing can come any more."""
    state, skipped = entry["chainKey"], _skipped(entry)
    if (key := state.get("key")) is not None:
        return ReceivingChain(Chain(key.data(KEY_SIZE), _following(state)), skipped)
    return ReceivingChain(Chain(rng(KEY_SIZE), _following(state)), skipped) if skipped else None


def _skipped(entry: Reader) -> Mapping[int, bytes]:
    following = _following(entry["chainKey"])
    seeds = {}
    for name, seed in entry["messageKeys"].items():
        index = Reader(seed.file, name, seed.path).number(0, following - 1)
        seeds[index] = seed.data(KEY_SIZE)
    newest = sorted(seeds)[-MAX_SKIPPED:]
    return {index: seeds[index] for index in newest} or NO_SKIPPED


def _following(state: Reader) -> int:
    return state["counter"].number(-1, _MAX_COUNTER) + 1


def _pending(entry: Reader | None) -> Pending | None:
    if entry is None:
        return None
    prekey_id = entry.get("preKeyId")
    return Pending(prekey_id.number(0, MAX_ID) if prekey_id else None, entry["signedKeyId"].number(0, MAX_ID))


def _seconds(milliseconds: Reader | None) -> float:
    return milliseconds.number() / 1000 if milliseconds is not None else 0.0


def _key(name: str, entry: Reader) -> bytes:
    try:
        return unprefixed(binascii.a2b_base64(name, strict_mode=True))
    except (binascii.Error, InvalidKey, ValueError):
        raise entry.fail("is not named by a public key") from None
