"""Examining a session: everything that can be told from the store alone, without a connection.

    account       credentials are there, and a phone is linked
    keys          each key pair belongs together, and the identity key signed the signed prekeys
    link          the account signed this device, and this device countersigned
    addresses     phone number and LID, and the identity key of the own phone
    prekeys       readable, below the counter, at the server
    sessions …    every row of every table can be read
    groups        who is said to hold our key can have been given one
    app state     collections and the keys that open their patches
    inbox         messages that nobody has handled
    clock         not before what has happened already

Nothing is written, so a client may have the account open meanwhile.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.appstate.state import CollectionState
from motte.core.crypto import adv
from motte.core.crypto.curve import KeyPair, prefixed, verifies
from motte.core.signal.address import Address
from motte.doctor.finding import Finding, bad, ok, warn
from motte.errors import PairingError, StoreError
from motte.proto.e2e_pb2 import Message
from motte.store.repo.account import Credentials, Link
from motte.store.store import Store

CLOCK_TOLERANCE: Final = 300.0
OLD_SIGNED_PREKEY: Final = 30 * 86_400.0
"""Seconds. It is renewed after a week, at the next login."""
NAMED: Final = 3
"""How many damaged rows are named."""
_RELINK: Final = "link the device again: motte logout --local, then motte login"
_RESTORE: Final = "restore a copy of the database, or link the device again"


@dataclass(frozen=True, slots=True)
class Patient:
    """A store with linked credentials, and the time in unix seconds."""

    store: Store
    credentials: Credentials
    link: Link
    now: float


async def examine(store: Store, *, now: float) -> list[Finding]:
    """What there is to say about an account; `now` is in unix seconds.

    Raises:
        StoreError: the database itself fails.
    """
    damaged = await _damaged(store)
    try:
        credentials = await store.account.get()
    except StoreError as error:
        return [bad("account", f"the credentials cannot be read: {error}", _RESTORE), *damaged]
    if credentials is None:
        return [bad("account", f"there is no account {store.name!r} here", "motte login makes one"), *damaged]
    if credentials.link is None:
        return [bad("account", "no phone is linked", "run motte login"), *damaged]
    patient = Patient(store, credentials, credentials.link, now)
    findings = [ok("account", f"linked as {credentials.link.jid}")]
    for check in _CHECKS:
        try:
            made = check(patient)
            findings += await made if inspect.isawaitable(made) else made
        except StoreError:
            # One of the damaged rows, which are told of below.
            continue
    return findings + damaged


def _keys(patient: Patient) -> Iterator[Finding]:
    credentials = patient.credentials
    kept = credentials.signed_prekeys
    unsigned = [
        one.key.id
        for one in kept
        if not verifies(credentials.identity.public, prefixed(one.key.pair.public), one.key.signature)
    ]
    if unsigned:
        yield bad("keys", f"the identity key did not sign the signed prekeys {unsigned}", _RELINK)
    elif any(not _belongs(one.key.pair) for one in kept):
        yield bad("keys", "the halves of a signed prekey do not belong together", _RELINK)
    else:
        yield ok("keys", f"{len(kept)} signed prekeys, all signed")
    if patient.now - kept[0].created > OLD_SIGNED_PREKEY:
        days = int((patient.now - kept[0].created) / 86_400)
        yield warn("keys", f"the signed prekey is {days} days old", "the next login renews it")


def _link(patient: Patient) -> Iterator[Finding]:
    try:
        adv.verify_identity(patient.link.identity, patient.credentials.identity.public)
    except PairingError as error:
        yield bad("link", f"the account does not vouch for this device: {error}", _RELINK)
    else:
        yield ok("link", "the account vouches for this device")


async def _addresses(patient: Patient) -> list[Finding]:
    link, store = patient.link, patient.store
    if link.lid is None:
        return [warn("addresses", "the own LID is not known", "the next login brings it")]
    if await store.lids.lid_of(link.jid.user_jid) != link.lid.user_jid:
        return [warn("addresses", f"{link.jid.user_jid} is not mapped to the own LID", "the next login brings it")]
    phone = Address.of(link.lid.user_jid)
    known = await store.identities.get(phone)
    try:
        account_key = adv.verify_identity(link.identity, patient.credentials.identity.public).account_key
    except PairingError:
        return []
    if known is not None and known != account_key:
        return [bad("addresses", "the identity key of the own phone is not the account's", _RELINK)]
    return [ok("addresses", f"{link.jid.user_jid} is {link.lid.user_jid}")]


async def _prekeys(patient: Patient) -> list[Finding]:
    store, following = patient.store, patient.credentials.next_prekey_id
    held = await store.prekeys.table.scan()
    broken = sum(not _belongs(kept.key.pair) for kept in held.values())
    waiting = len(await store.prekeys.not_uploaded())
    findings = []
    if broken:
        findings.append(bad("prekeys", f"the halves of {broken} prekeys do not belong together", _RESTORE))
    # The counter starts again at 1 after 2^24; until then everything lies below it.
    if any(kept.key.id >= following for kept in held.values()) and max(held) < _HALF_WAY:
        findings.append(bad("prekeys", f"there are some beyond the next id, {following}", _RESTORE))
    if waiting:
        findings.append(
            warn("prekeys", f"{waiting} of {len(held)} are not at the server", "the next login uploads them")
        )
    if not held:
        findings.append(warn("prekeys", "there are none", "the next login makes them"))
    return findings or [ok("prekeys", f"{len(held)}, all at the server")]


async def _sessions(patient: Patient) -> list[Finding]:
    held = await patient.store.sessions.table.scan()
    closed = sum(record.current is None for record in held.values())
    if closed:
        return [ok("sessions", f"{len(held)}, of which {closed} are made anew with the next message")]
    return [ok("sessions", str(len(held)))]


async def _groups(patient: Patient) -> list[Finding]:
    keys, me = patient.store.sender_keys, patient.link
    own = {Address.of(jid) for jid in (me.jid, me.lid) if jid is not None}
    names = {tuple(name.rsplit("|", 1)) for name in await keys.table.scan()}
    ours = {group for group, sender in names if Address.parse(sender) in own}
    lost = sorted(set(await keys.holder_table.scan()) - ours)
    if lost:
        return [
            warn(
                "groups",
                f"our key of {len(lost)} groups is gone, though others hold it",
                "the next message brings a new one",
            )
        ]
    return [ok("groups", f"{len(names)} sender keys, {len(ours)} of them ours")]


async def _app_state(patient: Patient) -> list[Finding]:
    store, findings = patient.store.appstate, []
    versions = {name.partition(":")[2]: data for name, data in (await store.table.scan("version:")).items()}
    keys = await store.keys()
    for name, data in versions.items():
        try:
            CollectionState.parse(data)
        except StoreError:
            findings.append(bad("app state", f"what is known of {name} cannot be read", _RESTORE))
    unreadable = sum(not _readable(key) for key in keys.values())
    if unreadable:
        findings.append(bad("app state", f"{unreadable} of {len(keys)} keys cannot be read", _RESTORE))
    if not keys:
        findings.append(warn("app state", "there are no keys", "the phone shares them after a login"))
    return findings or [ok("app state", f"{len(versions)} collections, {len(keys)} keys")]


async def _inbox(patient: Patient) -> list[Finding]:
    waiting = len(await patient.store.inbox.all())
    if waiting:
        return [warn("inbox", f"{waiting} messages were received and not handled", "motte listen shows them")]
    return [ok("inbox", "empty")]


def _clock(patient: Patient) -> Iterator[Finding]:
    happened = max(patient.link.linked_at, *(one.created for one in patient.credentials.signed_prekeys))
    if happened > patient.now + CLOCK_TOLERANCE:
        yield bad("clock", "this machine's clock is behind what has happened already", "set the clock")
    else:
        yield ok("clock", "not behind the session")


async def _damaged(store: Store) -> list[Finding]:
    findings = []
    for table, keys in (await store.damaged()).items():
        some = ", ".join(keys[:NAMED]) + (" …" if len(keys) > NAMED else "")
        findings.append(bad(table, f"{len(keys)} rows cannot be read: {some}", _RESTORE))
    return findings


def _belongs(pair: KeyPair) -> bool:
    return KeyPair.from_private(pair.private).public == pair.public


def _readable(key: bytes) -> bool:
    try:
        return bool(Message.AppStateSyncKeyData.FromString(key).keyData)
    except DecodeError:
        return False


_HALF_WAY: Final = f"{0x800000:08d}"
_CHECKS: Final[tuple[Callable[[Patient], Iterator[Finding] | Awaitable[list[Finding]]], ...]] = (
    _keys,
    _link,
    _addresses,
    _prekeys,
    _sessions,
    _groups,
    _app_state,
    _inbox,
    _clock,
)
