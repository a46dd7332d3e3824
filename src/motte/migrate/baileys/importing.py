"""From a folder to an account: everything is read and checked first, then written in one transaction.

The folder is never written to. While it is read, and from then on, Baileys must not run with it: two programs that move
the same ratchets destroy each other's sessions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from motte.core.crypto.rng import Rng
from motte.core.signal.address import Address
from motte.core.signal.keys import MAX_ID, PreKey, next_id
from motte.core.signal.record import SessionRecord
from motte.core.signal.sender_key import MAX_STATES, SenderKeyRecord
from motte.errors import ImportFailed
from motte.migrate.baileys import names, sender_keys, sessions, tokens
from motte.migrate.baileys.appstate import KnownCollection, read_collection, read_sync_key
from motte.migrate.baileys.credentials import read_credentials, uploaded_below
from motte.migrate.baileys.folder import Item, items, of_kind, open_folder
from motte.migrate.baileys.lids import read_lids
from motte.migrate.baileys.reader import Reader
from motte.model.jid import Jid
from motte.store.repo.account import Credentials, Link
from motte.store.repo.tokens import Trust
from motte.store.store import Store

T = TypeVar("T")
K = TypeVar("K")

_HEALS: Final = frozenset({"session", "sender-key", "identity-key", "tctoken", "app-state-sync-version"})
"""What can be lost: the peers, or the next sync, bring it back."""
_WITHOUT: Final = "you can take the file away and import without it, since it is made anew when it is needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaileysAccount:
    """All that a folder holds, read and checked.

    Attributes:
        credentials: who the device is; it is linked.
        account_key: the public identity key of the phone.
        prekeys: one-time prekeys by whether the server has them.
        sessions: by address.
        identities: 32-byte public keys by address.
        sender_keys: by group and sender.
        holders: by group, the devices that have been given our own key.
        lids: pairs of PN and LID.
        tokens: by user.
        sync_keys: the keys of app state, by id.
        collections: the app state's collections, by name; one that is not sound is fetched anew.
        others: names of files that are none of Baileys'.
    """

    credentials: Credentials = field(repr=False)
    account_key: bytes
    prekeys: dict[bool, list[PreKey]] = field(repr=False)
    sessions: dict[Address, SessionRecord]
    identities: dict[Address, bytes]
    sender_keys: dict[tuple[Jid, Address], SenderKeyRecord]
    holders: dict[Jid, frozenset[Jid]]
    lids: list[tuple[Jid, Jid]]
    tokens: dict[Jid, Trust]
    sync_keys: dict[bytes, bytes] = field(repr=False)
    collections: dict[str, KnownCollection] = field(repr=False)
    others: list[str]

    @property
    def link(self) -> Link:
        """The account that the device is linked to."""
        assert self.credentials.link is not None
        return self.credentials.link

    def notes(self) -> tuple[str, ...]:
        """What is left out, a sentence each."""
        said = []
        if unsound := sorted(name for name, one in self.collections.items() if not one.sound):
            said.append(f"App state that contradicts itself is fetched anew: {', '.join(unsound)}.")
        if self.others:
            said.append(f"{len(self.others)} files that are none of Baileys' were passed over.")
        return tuple(said)


async def read_folder(folder: Path, *, rng: Rng) -> BaileysAccount:
    """What is in a folder of `useMultiFileAuthState`, version 6 or 7.

    Args:
        folder: it is only read.
        rng: for chains that are closed (see `sessions`).

    Raises:
        ImportFailed: it is none, or a file in it is damaged or contradicts another one; `file` names it.
    """
    return await asyncio.to_thread(_read, folder, rng)


async def write_account(store: Store, account: BaileysAccount) -> None:
    """Put an account into an empty store, in one transaction.

    Raises:
        StoreError: nothing was written.
    """
    batch, link = store.batch(), account.link
    store.account.put(batch, account.credentials)
    await store.lids.learn(batch, account.lids)
    for uploaded, keys in account.prekeys.items():
        store.prekeys.put_many(batch, keys, uploaded=uploaded)
    for address, session in account.sessions.items():
        store.sessions.put(batch, address, session)
    for address, key in account.identities.items():
        store.identities.put(batch, address, key)
    # The one that the account's signature has proved.
    store.identities.put(batch, Address.of((link.lid or link.jid).user_jid), account.account_key)
    for (group, sender), record in _by_lid(account).items():
        store.sender_keys.put(batch, group, sender, record)
    for group, devices in account.holders.items():
        store.sender_keys.put_holders(batch, group, devices - {link.jid, link.lid})
    for user, trust in account.tokens.items():
        store.tokens.put(batch, user, trust)
    for key_id, sync_key in account.sync_keys.items():
        store.appstate.put_key(batch, key_id, sync_key)
    for name, collection in account.collections.items():
        if collection.sound:
            store.appstate.put_version(batch, name, collection.state.serialize())
            store.appstate.put_macs(batch, name, collection.macs)
    await store.commit(batch)


def _read(folder: Path, rng: Rng) -> BaileysAccount:
    creds = open_folder(folder)
    credentials, account_key = read_credentials(creds)
    found, others = items(folder)
    prekeys = _prekeys(found, uploaded_below(creds))
    held = _each(found, "session", names.address, lambda item: sessions.read_record(item.read(), rng))
    return BaileysAccount(
        credentials=_beyond(credentials, prekeys),
        account_key=account_key,
        prekeys=prekeys,
        sessions=held,
        identities=_identities(held) | _each(found, "identity-key", names.address, lambda item: item.read().key()),
        sender_keys=_each(found, "sender-key", names.sender, lambda item: sender_keys.read_record(item.read())),
        holders=_each(found, "sender-key-memory", names.jid, _holders),
        lids=_with_own(read_lids(of_kind(found, "lid-mapping")), credentials),
        tokens=_each([one for one in found if one.id != tokens.INDEX], "tctoken", names.jid, tokens.read_trust),
        sync_keys=_each(found, "app-state-sync-key", names.key_id, read_sync_key),
        collections=_each(found, "app-state-sync-version", lambda item: item.id, read_collection),
        others=others,
    )


def _each(found: list[Item], kind: str, key: Callable[[Item], K], value: Callable[[Item], T | None]) -> dict[K, T]:
    """What the files of a kind hold, without those that hold nothing any more."""
    values = {}
    for item in of_kind(found, kind):
        try:
            held = value(item)
        except ImportFailed as error:
            if kind not in _HEALS:
                raise
            raise ImportFailed(error.file, error.problem, _WITHOUT) from None
        if held is not None:
            values[key(item)] = held
    return values


def _prekeys(found: list[Item], uploaded_below: int) -> dict[bool, list[PreKey]]:
    keys: dict[bool, list[PreKey]] = {True: [], False: []}
    for item in of_kind(found, "pre-key"):
        number = names.number(item, MAX_ID)
        keys[number < uploaded_below].append(PreKey(number, item.read().pair()))
    return keys


def _beyond(credentials: Credentials, prekeys: dict[bool, list[PreKey]]) -> Credentials:
    """Keys and counter are in separate files: after a crash between the two the counter may lag behind."""
    highest = max((key.id for keys in prekeys.values() for key in keys), default=0)
    if highest < credentials.next_prekey_id:
        return credentials
    return replace(credentials, next_prekey_id=next_id(highest))


def _identities(held: dict[Address, SessionRecord]) -> dict[Address, bytes]:
    """Version 6 keeps identities in sessions only."""
    return {address: record.sessions[0].remote_identity for address, record in held.items()}


def _with_own(pairs: list[tuple[Jid, Jid]], credentials: Credentials) -> list[tuple[Jid, Jid]]:
    """Who we are ourselves is known from the link."""
    link = credentials.link
    if link is None or link.lid is None:
        return pairs
    own = link.jid.user_jid, link.lid.user_jid
    return [*(pair for pair in pairs if not set(pair) & set(own)), own]


def _by_lid(account: BaileysAccount) -> dict[tuple[Jid, Address], SenderKeyRecord]:
    """Sender keys of others go by the LID wherever it is known; Baileys files them as the group addresses people."""
    link, lid_of = account.link, dict(account.lids)
    moved: dict[tuple[Jid, Address], SenderKeyRecord] = {}
    for (group, sender), record in account.sender_keys.items():
        jid = sender.jid
        if jid.is_pn and jid != link.jid and (lid := lid_of.get(jid.user_jid)) is not None:
            sender = Address(Address.of(lid).user, sender.device)
        there = moved.get((group, sender), SenderKeyRecord())
        extra = tuple(state for state in record.states if there.find(state.id) is None)
        moved[group, sender] = SenderKeyRecord((*there.states, *extra)[:MAX_STATES])
    return moved


def _holders(item: Item) -> frozenset[Jid]:
    entries = item.read().items()
    return frozenset(Reader(one.file, device, device).jid() for device, one in entries if one.value is True)
