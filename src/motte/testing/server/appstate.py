"""App state on the server: five collections an account, of records that it cannot read.

    <iq type="set" xmlns="w:sync:app:state"><sync>
        <collection name="regular_low" version="3" return_snapshot="false">[<patch>SyncdPatch</patch>]</collection>
    → <sync><collection name="regular_low" version="5" [has_more_patches="true"]>
          [<snapshot>ExternalBlobReference</snapshot>] [<patches><patch>SyncdPatch</patch>…</patches>]</collection>
    → <sync><collection name="regular_low" version="5" type="error"><error code="409" text="conflict"/>…</collection>

    <notification type="server_sync" from="s.whatsapp.net" id="…" t="…"><collection name="regular_low" version="5"/>…
    <ib from="s.whatsapp.net"><dirty type="syncd_app_state" timestamp="…"/></ib>        to who was away meanwhile

A collection without `<patch>` asks for what is newer than its version, with one it brings the next version. A patch on
another version than the present one is a conflict: the answer has what the client lacks. A snapshot is the patches
folded: the last value of each index, under the last patch's snapshot MAC. Many mutations, and each snapshot, lie on the
media host, encrypted with "WhatsApp App State Keys".

The phone looks at each patch before it is taken, which the real server cannot have it do: what the phone could not
apply is refused with 400 at once, unless `Settings.check_patches` is off.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.binary.node import Node
from motte.proto.app_state_pb2 import (
    ExternalBlobReference,
    SyncdMutation,
    SyncdMutations,
    SyncdPatch,
    SyncdRecord,
    SyncdSnapshot,
)
from motte.testing.server.accounts import Account, Device
from motte.testing.server.appstate_crypt import MAC_SIZE
from motte.testing.server.blobs import upload
from motte.testing.server.hub import Hub, IqHandler
from motte.testing.server.reader import ERROR_TEXTS, Refused, attr, child, number

log = logging.getLogger("motte.server")

NAMES: Final = ("critical_block", "critical_unblock_low", "regular_high", "regular_low", "regular")
CONFLICT: Final = 409
BLOB_INFO: Final = b"WhatsApp App State Keys"
MAX_MUTATIONS: Final = 50_000
"""In one patch."""


@dataclass(slots=True, eq=False)
class Collection:
    """One collection: its patches, the first leading to version 1, and what they come to. Mutable: it grows."""

    name: str
    patches: list[SyncdPatch] = field(default_factory=list)
    records: dict[bytes, SyncdRecord] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """How many patches there are."""
        return len(self.patches)

    def take(self, patch: SyncdPatch) -> None:
        """Add the next patch."""
        self.patches.append(patch)
        for mutation in patch.mutations:
            index = mutation.record.index.blob
            if mutation.operation == SyncdMutation.REMOVE:
                self.records.pop(index, None)
            else:
                self.records[index] = mutation.record

    def snapshot(self) -> SyncdSnapshot:
        """The whole collection at its version."""
        last = self.patches[-1]
        whole = SyncdSnapshot(records=self.records.values(), mac=last.snapshotMac, keyId=last.keyId)
        whole.version.version = self.version
        return whole


def collections(account: Account) -> dict[str, Collection]:
    """The collections of an account, by name."""
    for name in NAMES:
        account.collections.setdefault(name, Collection(name))
    return account.collections


def push(hub: Hub, sender: Device, name: str, base: int, patch: SyncdPatch) -> None:
    """Take a patch of a device, and tell the others.

    Raises:
        Refused: 409 when `base` is not the present version, 400 for a patch that is malformed or that the phone cannot
            apply.
    """
    collection = collections(sender.account)[name]
    if base != collection.version:
        raise Refused(CONFLICT, f"{name} is at version {collection.version}, the patch is for {base}")
    patch.version.version = base + 1
    _check(patch)
    sender.account.phone.state.take(name, patch, strict=hub.settings.check_patches)
    collection.take(patch)
    sender.synced[name] = collection.version
    for other in sender.account.companions:
        if other is not sender:
            changed = Node("collection", {"name": name, "version": str(collection.version)})
            hub.notify(other, "server_sync", changed, sender="s.whatsapp.net")


def _check(patch: SyncdPatch) -> None:
    if not patch.mutations or len(patch.mutations) > MAX_MUTATIONS or patch.HasField("externalMutations"):
        raise Refused(400, f"a patch has 1 to {MAX_MUTATIONS} mutations, in it")
    macs = [patch.snapshotMac, patch.patchMac, *(mutation.record.index.blob for mutation in patch.mutations)]
    values = [mutation.record.value.blob for mutation in patch.mutations]
    keys = [patch.keyId.id, *(mutation.record.keyId.id for mutation in patch.mutations)]
    if any(len(mac) != MAC_SIZE for mac in macs) or any(len(value) < 2 * MAC_SIZE for value in values):
        raise Refused(400, "a MAC or a value of a patch has a wrong size")
    if not all(keys):
        raise Refused(400, "a patch or a mutation names no key")


def is_behind(device: Device) -> bool:
    """Whether a device that has synchronised before lacks something."""
    known = device.account.collections
    return any(known[name].version > version for name, version in device.synced.items() if name in known)


def dirty(hub: Hub) -> Node:
    """What a device is told at login when it is behind."""
    inner = Node("dirty", {"type": "syncd_app_state", "timestamp": str(hub.now)})
    return Node("ib", {"from": "s.whatsapp.net"}, (inner,))


# ---- the IQ ----


def _sync(hub: Hub, device: Device, iq: Node) -> tuple[Node, ...]:
    asked = child(iq, "sync").all("collection")
    return (Node("sync", {}, tuple(_one(hub, device, collection) for collection in asked)),)


def _one(hub: Hub, device: Device, asked: Node) -> Node:
    name, base = attr(asked, "name"), number(asked, "version", "0")
    known = collections(device.account).get(name)
    if known is None:
        return _failed(name, base, Refused(400, "there is no such collection"))
    patch = asked.child("patch")
    try:
        if patch is None:
            return _page(hub, device, known, base, snapshot=asked.attrs.get("return_snapshot") == "true")
        if hub.plan.next_conflict(device.account):
            device.account.phone.state.touch(name)
        push(hub, device, name, base, _parsed(patch.data))
    except Refused as reason:
        log.warning("%s of %s refused: %s", name, device.pn, reason)
        newer = _page(hub, device, known, base, snapshot=False) if reason.code == CONFLICT else None
        return _failed(name, known.version, reason, newer)
    return Node("collection", {"name": name, "version": str(known.version)})


def _parsed(data: bytes) -> SyncdPatch:
    try:
        return SyncdPatch.FromString(data)
    except DecodeError as error:
        raise Refused(400, "a patch is no SyncdPatch") from error


def _page(hub: Hub, device: Device, known: Collection, base: int, *, snapshot: bool) -> Node:
    """What is newer than `base`: a snapshot when one is wanted and worth it, else patches, a page at a time."""
    if base > known.version:
        raise Refused(400, f"{known.name} has never been at version {base}")
    attrs, content = {"name": known.name, "version": str(known.version)}, []
    if snapshot and known.version and (base or known.version > hub.settings.snapshot_after):
        whole = hub.plan.state.snapshot(known, device.account.phone.state, known.snapshot())
        content.append(Node("snapshot", {}, _blob(hub, known, whole.SerializeToString()).SerializeToString()))
        base = known.version
    until = min(known.version, base + hub.settings.patches_a_page)
    if until > base:
        page = (hub.plan.state.patch(known, device.account.phone.state, patch) for patch in known.patches[base:until])
        content.append(Node("patches", {}, tuple(Node("patch", {}, _inlined(hub, known, patch)) for patch in page)))
    if until < known.version:
        attrs["has_more_patches"] = "true"
    device.synced[known.name] = until
    return Node("collection", attrs, tuple(content) or None)


def _inlined(hub: Hub, known: Collection, patch: SyncdPatch) -> bytes:
    """A patch as it is sent: with its mutations, or with a reference to them."""
    if len(patch.mutations) <= hub.settings.inline_mutations:
        return patch.SerializeToString()
    outer = SyncdPatch()
    outer.CopyFrom(patch)
    outer.ClearField("mutations")
    outer.externalMutations.CopyFrom(_blob(hub, known, SyncdMutations(mutations=patch.mutations).SerializeToString()))
    return outer.SerializeToString()


def _blob(hub: Hub, known: Collection, data: bytes) -> ExternalBlobReference:
    file = upload(hub, data + hub.plan.state.ballast(known.name), BLOB_INFO)
    return ExternalBlobReference(
        mediaKey=file.media_key,
        directPath=file.path,
        fileSizeBytes=len(data),
        fileSha256=file.sha256,
        fileEncSha256=file.enc_sha256,
    )


def _failed(name: str, version: int, reason: Refused, newer: Node | None = None) -> Node:
    error = Node("error", {"code": str(reason.code), "text": ERROR_TEXTS.get(reason.code, "error")})
    attrs = {"name": name, "version": str(version), "type": "error"}
    if newer is not None:
        attrs |= {key: value for key, value in newer.attrs.items() if key == "has_more_patches"}
    return Node("collection", attrs, (error, *(newer.children if newer else ())))


IQS: Final[Mapping[tuple[str, str], IqHandler]] = {("w:sync:app:state", "sync"): _sync}
