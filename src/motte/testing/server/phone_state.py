"""App state as the phone has it: its keys, the collections in the clear, patches of its own.

    phone.state.set(("mute", "…@lid"), SyncActionValue(…))     a patch of one change
    phone.state.change("regular_low", *changes)                a patch of many
    phone.state.value("pin_v1", "…@lid")                       what the phone understands now, whoever said it
    phone.state.renew_key()                                    later patches need a key that companions lack

The phone is the first to see each patch that a companion pushes (`take`).
"""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from motte.proto.app_state_pb2 import KeyId, SyncdMutation, SyncdPatch
from motte.proto.app_state_recovery_pb2 import SyncdPlainTextRecord, SyncdSnapshotRecovery
from motte.proto.e2e_pb2 import Message
from motte.proto.sync_action_pb2 import SyncActionData, SyncActionValue
from motte.testing.server.accounts import Account
from motte.testing.server.appstate import NAMES, push
from motte.testing.server.appstate_crypt import EMPTY, Change, Forged, StateKey, mac_of, mixed, opened, seal, spelled
from motte.testing.server.appstate_faults import sign
from motte.testing.server.hub import Hub
from motte.testing.server.reader import Refused
from motte.testing.server.trust import salt_for_app_state

log = logging.getLogger("motte.server")

HOMES: Final = {
    "archive": ("regular_low", 3),
    "clearChat": ("regular_high", 6),
    "contact": ("critical_unblock_low", 2),
    "deleteChat": ("regular_high", 6),
    "deleteMessageForMe": ("regular_high", 3),
    "label_edit": ("regular", 3),
    "label_jid": ("regular", 3),
    "label_message": ("regular", 3),
    "lock": ("regular_low", 7),
    "markChatAsRead": ("regular_low", 3),
    "mute": ("regular_high", 2),
    "nct_salt_sync": ("regular_high", 1),
    "pin_v1": ("regular_low", 5),
    "primary_version": ("regular", 7),
    "quick_reply": ("regular", 2),
    "setting_disableLinkPreviews": ("regular", 8),
    "setting_locale": ("critical_block", 3),
    "setting_pushName": ("critical_block", 1),
    "setting_unarchiveChats": ("regular_low", 4),
    "star": ("regular_high", 2),
    "time_format": ("regular_low", 7),
    "userStatusMute": ("regular_high", 7),
}
"""Where actions live, by the first part of their index: the collection, and the action's schema version."""
_ELSEWHERE: Final = ("regular", 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record in the clear; `mac` is its value MAC, `key_id` names the key that it is sealed with."""

    index: tuple[str, ...]
    value: SyncActionValue
    version: int
    mac: bytes
    key_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One collection in the clear.

    `records` go by the MAC of their index, as on the server: an index has another MAC under another key, so whoever
    says something anew under a newer key has to remove the record of the older, or there are two. `entries` has the
    newest.
    """

    version: int = 0
    lthash: bytes = field(default=EMPTY, repr=False)
    records: dict[bytes, Entry] = field(default_factory=dict)
    entries: dict[tuple[str, ...], Entry] = field(default_factory=dict)


class PhoneState:
    """The app state of one phone. `withheld`: it gives nobody its keys. `fatal`: the collections companions gave up."""

    def __init__(self, hub: Hub, account: Account) -> None:
        self._hub = hub
        self._account = account
        self._keys: dict[bytes, StateKey] = {}
        self.books = {name: Book() for name in NAMES}
        self.withheld = False
        self.fatal: list[str] = []
        account.collections.clear()
        self.renew_key()

    def begin(self) -> None:
        """The first patches, when the phone is set up: the push name, and the salt that some have."""
        self.set(("setting_pushName",), _push_name(self._account.profile.push_name))
        if salt := salt_for_app_state(self._hub, self._account):
            action = SyncActionValue.NctSaltSyncAction(salt=salt)
            self.set(("nct_salt_sync",), SyncActionValue(nctSaltSyncAction=action))

    # ---- keys ----

    @property
    def key(self) -> StateKey:
        """The newest key, which the phone seals with."""
        return next(reversed(self._keys.values()))

    def key_named(self, key_id: bytes) -> StateKey:
        """The key with this id; `Forged` when there is none."""
        if key_id not in self._keys:
            raise Forged("no key has this id")
        return self._keys[key_id]

    def renew_key(self) -> StateKey:
        """Make another key, which nobody else has yet."""
        epoch = len(self._keys) + 1
        key = StateKey.derive(epoch.to_bytes(6, "big"), self._hub.rng(32), self._hub.now)
        self._keys[key.id] = key
        return key

    def share(self, wanted: Iterable[bytes] | None = None) -> Message | None:
        """The message that shares these keys, or all; one without data says that it is unknown. None: withheld."""
        if self.withheld:
            return None
        share = Message.AppStateSyncKeyShare()
        for key_id in self._keys if wanted is None else wanted:
            shared = share.keys.add()
            shared.keyId.keyId = key_id
            if key := self._keys.get(key_id):
                shared.keyData.keyData = key.data
                shared.keyData.fingerprint.rawId = 1
                shared.keyData.fingerprint.currentIndex = self._account.next_device - 1
                shared.keyData.fingerprint.deviceIndexes.extend(sorted(self._account.devices))
                shared.keyData.timestamp = key.made_at * 1000
        kind = Message.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE
        return Message(protocolMessage=Message.ProtocolMessage(type=kind, appStateSyncKeyShare=share))

    # ---- reading ----

    def value(self, *index: str) -> SyncActionValue | None:
        """What is said under an index, in whichever collection."""
        found = (book.entries[index].value for book in self.books.values() if index in book.entries)
        return next(found, None)

    def entries(self) -> Iterator[tuple[str, tuple[str, ...], SyncActionValue]]:
        """All there is: collection, index, value."""
        for name, book in self.books.items():
            for index, entry in book.entries.items():
                yield name, index, entry.value

    # ---- writing ----

    def set(self, index: tuple[str, ...], value: SyncActionValue, *, collection: str = "", version: int = 0) -> None:
        """Say something under an index; collection and version are those of `HOMES` unless given."""
        self._one(index, value, collection, version, remove=False)

    def remove(self, index: tuple[str, ...], *, collection: str = "", version: int = 0) -> None:
        """Take back what is said under an index."""
        self._one(index, self.value(*index) or SyncActionValue(), collection, version, remove=True)

    def touch(self, name: str) -> None:
        """Make some patch of a collection: whoever is about to push has a conflict."""
        action = SyncActionValue.PrimaryVersionAction(version=f"2.{self.books[name].version}.0")
        self.set(("primary_version", "current"), SyncActionValue(primaryVersionAction=action), collection=name)

    def change(self, name: str, *changes: Change) -> None:
        """A patch of the phone's own. `Refused(404)`: no such collection."""
        if name not in self.books:
            raise Refused(404, f"the collections are {', '.join(NAMES)}")
        book, key = self.books[name], self.key
        whole = list(self._with_removals(book, changes))
        patch = SyncdPatch(mutations=[seal(by, one, self._hub.rng) for by, one in whole], keyId=KeyId(id=key.id))
        after = self._mixed(book, patch.mutations, [one for _, one in whole])
        patch.snapshotMac = key.snapshot_mac(after.lthash, after.version, name)
        sign(key, patch, after.version, name)
        push(self._hub, self._account.devices[0], name, book.version, patch)

    def take(self, name: str, patch: SyncdPatch, *, strict: bool) -> None:
        """Apply a patch that leads to its version. `Refused(400)` when it is wrong; else, not `strict`, a log line."""
        book = self.books[name]
        try:
            changes = [self._opened(mutation) for mutation in patch.mutations]
            after = self._mixed(book, patch.mutations, changes)
            self._verify(name, patch, after)
        except Forged as error:
            if strict:
                raise Refused(400, f"the phone cannot apply a patch of {name}: {error}") from error
            log.warning("the phone cannot apply a patch of %s: %s", name, error)
            return
        self.books[name] = after
        for change in changes:
            if change.index == ("setting_pushName",) and change.value.pushNameSetting.name:
                self._account.profile.push_name = change.value.pushNameSetting.name

    def recovery(self, name: str) -> Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult:
        """A collection in the clear, for a companion that cannot read the server's."""
        book = self.books[name]
        copy = SyncdSnapshotRecovery(collectionName=name, collectionLthash=book.lthash)
        copy.version.version = book.version
        for entry in book.records.values():
            data = SyncActionData(index=spelled(entry.index), value=entry.value, padding=b"", version=entry.version)
            copy.mutationRecords.append(SyncdPlainTextRecord(value=data, keyID=entry.key_id, mac=entry.mac))
        result = Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult()
        result.syncdSnapshotFatalRecoveryResponse.collectionSnapshot = gzip.compress(copy.SerializeToString())
        result.syncdSnapshotFatalRecoveryResponse.isCompressed = True
        return result

    def _one(
        self, index: tuple[str, ...], value: SyncActionValue, collection: str, version: int, *, remove: bool
    ) -> None:
        home, usual = HOMES.get(index[0], _ELSEWHERE)
        if not value.HasField("timestamp"):
            value.timestamp = self._hub.now * 1000
        self.change(collection or home, Change(index=index, value=value, version=version or usual, remove=remove))

    def _opened(self, mutation: SyncdMutation) -> Change:
        return opened(self.key_named(mutation.record.keyId.id), mutation)

    def _with_removals(self, book: Book, changes: Iterable[Change]) -> Iterator[tuple[StateKey, Change]]:
        """Changes with the key of each: what they replace under older keys is removed under these."""
        for change in changes:
            former = book.entries.get(change.index)
            older = former if former and former.key_id != self.key.id else None
            if older:
                yield self.key_named(older.key_id), replace(change, value=older.value, remove=True)
            if not (older and change.remove):
                yield self.key, change

    def _mixed(self, book: Book, mutations: Iterable[SyncdMutation], changes: Iterable[Change]) -> Book:
        """A collection after changes."""
        records, entries, gone, come = dict(book.records), dict(book.entries), [], []
        for mutation, change in zip(mutations, changes, strict=True):
            blind = mutation.record.index.blob
            former = records.pop(blind, None)
            if former:
                gone.append(former.mac)
            if not change.remove:
                entry = _entry(mutation, change)
                records[blind] = entries[change.index] = entry
                come.append(entry.mac)
            elif former is entries.get(change.index):
                entries.pop(change.index, None)
        lthash = mixed(book.lthash, without=gone, plus=come)
        return Book(version=book.version + 1, lthash=lthash, records=records, entries=entries)

    def _verify(self, name: str, patch: SyncdPatch, after: Book) -> None:
        key = self.key_named(patch.keyId.id)
        if patch.snapshotMac != key.snapshot_mac(after.lthash, after.version, name):
            raise Forged("the MAC of the collection after it is wrong")
        macs = [mac_of(mutation.record) for mutation in patch.mutations]
        if patch.patchMac != key.patch_mac(patch.snapshotMac, macs, after.version, name):
            raise Forged("the MAC of the patch is wrong")


def _entry(mutation: SyncdMutation, change: Change) -> Entry:
    mac, key_id = mac_of(mutation), mutation.record.keyId.id
    return Entry(index=change.index, value=change.value, version=change.version, mac=mac, key_id=key_id)


def _push_name(name: str) -> SyncActionValue:
    return SyncActionValue(pushNameSetting=SyncActionValue.PushNameSetting(name=name))
