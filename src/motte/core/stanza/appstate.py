"""App state on the wire: collections asked for, and patches handed in. One request does both, for many collections.

<iq xmlns="w:sync:app:state" type="set" to="@s.whatsapp.net" id="…"><sync>
  <collection name="regular_low" version="12" return_snapshot="false"/>           (what came after version 12?)
  <collection name="regular" version="0" return_snapshot="true"/>                 (everything)
  <collection name="regular_high" version="7" return_snapshot="false"><patch>SyncdPatch</patch></collection>
</sync></iq>

<iq type="result" id="…"><sync>
  <collection name="regular_low" version="14" [has_more_patches="true"]>
    <patches><patch>SyncdPatch</patch>…</patches>
  </collection>
  <collection name="regular" version="30"><snapshot>ExternalBlobReference</snapshot></collection>
  <collection name="regular_high" type="error" version="9"><error code="409" text="conflict"/></collection>
</sync></iq>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from google.protobuf.message import DecodeError

from motte.core.binary.node import Node
from motte.core.stanza.build import Attrs, element
from motte.core.stanza.iq import Iq, error_of
from motte.core.stanza.reader import Reader
from motte.errors import RemoteProtocolError, ServerError
from motte.proto.app_state_pb2 import ExternalBlobReference

MAX_PATCHES: Final = 10_000
"""Patches of one collection in one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionRequest:
    """What is asked of one collection: what follows on `version`, or all of it; or that `patch` be added to it."""

    name: str
    version: int
    snapshot: bool = False
    patch: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionAnswer:
    """What the server has of one collection.

    `patches` are encoded, oldest first; `more` says that further ones follow on them. `error` stands for this
    collection alone: `Conflict` when the patch was not made on its newest version.
    """

    name: str
    version: int | None
    patches: tuple[bytes, ...] = field(repr=False)
    snapshot: ExternalBlobReference | None
    more: bool
    error: ServerError | None


@dataclass(frozen=True, slots=True)
class SyncCollections(Iq[dict[str, CollectionAnswer]]):
    """Fetch and change collections; gives the answers by the collections' names."""

    xmlns: ClassVar[str] = "w:sync:app:state"
    kind: ClassVar[Literal["get", "set"]] = "set"

    collections: tuple[CollectionRequest, ...]

    def content(self) -> Iterable[Node]:
        """`<sync>` with a `<collection>` for each."""
        return (element("sync", body=[_collection(one) for one in self.collections]),)

    def result(self, iq: Reader) -> dict[str, CollectionAnswer]:
        """The answers to what was asked; what was not asked is left out."""
        asked = {one.name for one in self.collections}
        answers = (_answer(one) for one in iq.child("sync").children("collection"))
        return {one.name: one for one in answers if one.name in asked}


def _collection(asked: CollectionRequest) -> Node:
    attrs: Attrs = {
        "name": asked.name,
        "version": asked.version,
        "return_snapshot": "true" if asked.snapshot else "false",
    }
    return element("collection", attrs, None if asked.patch is None else [element("patch", body=asked.patch)])


def _answer(collection: Reader) -> CollectionAnswer:
    # Some servers leave <patches> out around the patches.
    holder = collection.optional_child("patches") or collection
    patches = tuple(patch.data() for patch in holder.children("patch"))
    if len(patches) > MAX_PATCHES:
        raise collection.error("has too many patches")
    failed = collection.optional_text("type") == "error"
    return CollectionAnswer(
        name=collection.text("name"),
        version=collection.optional_integer("version"),
        patches=patches,
        snapshot=_blob(collection),
        more=collection.flag("has_more_patches"),
        error=(error_of(collection) or ServerError.of(0, "an error without a code")) if failed else None,
    )


def _blob(collection: Reader) -> ExternalBlobReference | None:
    snapshot = collection.optional_child("snapshot")
    if snapshot is None or not snapshot.node.content:
        return None
    try:
        return ExternalBlobReference.FromString(snapshot.data())
    except DecodeError:
        raise RemoteProtocolError("cannot be read", path=snapshot.path) from None
