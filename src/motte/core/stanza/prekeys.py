"""The account's public Signal keys on the server, and other people's.

<iq xmlns="encrypt" type="get" …><count/></iq>             → <count value="812"/>
<iq xmlns="encrypt" type="set" …>
  <registration>4 bytes</registration> <type>05</type> <identity>32 bytes</identity>
  <list><key><id>3 bytes</id><value>32 bytes</value></key>…</list>
  <skey><id>3 bytes</id><value>32 bytes</value><signature>64 bytes</signature></skey>
</iq>
<iq xmlns="encrypt" type="set" …><rotate><skey>…</skey></rotate></iq>
<iq xmlns="encrypt" type="get" …><digest/></iq>
  → <digest><registration/><type/><identity/><skey/><list><id>3 bytes</id>…</list><hash>20 bytes</hash></digest>
<iq xmlns="encrypt" type="get" …><key><user jid="…" [reason="identity"]/>…</key></iq>
  → <list><user jid="…" t="…"><registration/><type/><identity/><skey>…</skey>[<key>…</key>]</user>
          <user jid="…"><error code="404" text="item-not-found"/></user></list>

<notification type="encrypt" from="s.whatsapp.net" …><count value="3"/></notification>       (upload more)
<notification type="encrypt" from="15550100002@s.whatsapp.net" …><identity/></notification>  (a new identity key)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

from motte.core.binary.node import Node
from motte.core.crypto.curve import DJB_TYPE, KEY_SIZE, SIGNATURE_SIZE
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.keys import PreKey, SignedPreKey
from motte.core.stanza.build import element, number
from motte.core.stanza.header import Header
from motte.core.stanza.iq import Iq, error_of
from motte.core.stanza.reader import Reader
from motte.errors import RemoteProtocolError, ServerError
from motte.model.jid import Jid

REGISTRATION_SIZE: Final = 4
ID_SIZE: Final = 3
HASH_SIZE: Final = 20


def prekey_node(key: PreKey) -> Node:
    """`<key>`: id and public key of a one-time prekey."""
    return element("key", body=[number("id", key.id, ID_SIZE), element("value", body=key.pair.public)])


def signed_prekey_node(key: SignedPreKey) -> Node:
    """`<skey>`: id, public key and signature of the signed prekey."""
    value, signature = element("value", body=key.pair.public), element("signature", body=key.signature)
    return element("skey", body=[number("id", key.id, ID_SIZE), value, signature])


def read_bundle(keys: Reader, registration_id: int, device: int) -> PreKeyBundle:
    """The bundle in a `<user>` of a key answer, or in the `<keys>` of a retry receipt.

    Sizes are checked here, the signatures when the bundle is used.
    """
    kind = keys.optional_child("type")
    if kind is not None and kind.data(1) != DJB_TYPE:
        raise kind.error("not a Curve25519 bundle")
    signed, prekey = keys.child("skey"), keys.optional_child("key")
    vouched = keys.optional_child("device-identity")
    return PreKeyBundle(
        registration_id=registration_id,
        device=device,
        identity=_public(keys.child("identity")),
        signed_prekey_id=signed.child("id").number(ID_SIZE),
        signed_prekey=_public(signed.child("value")),
        signature=signed.child("signature").data(SIGNATURE_SIZE),
        prekey_id=prekey.child("id").number(ID_SIZE) if prekey else None,
        prekey=_public(prekey.child("value")) if prekey else None,
        device_identity=vouched.data() if vouched and vouched.node.content else None,
    )


def _public(reader: Reader) -> bytes:
    """A public key of 32 bytes, given with or without its type byte."""
    data = reader.data(limit=KEY_SIZE + 1)
    return data[1:] if len(data) == KEY_SIZE + 1 and data[:1] == DJB_TYPE else reader.data(KEY_SIZE)


@dataclass(frozen=True, slots=True)
class CountPreKeys(Iq[int]):
    """How many one-time prekeys of this device the server still holds."""

    xmlns: ClassVar[str] = "encrypt"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """`<count/>`."""
        return (Node("count"),)

    def result(self, iq: Reader) -> int:
        """The number."""
        return iq.child("count").integer("value")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPreKeys(Iq[None]):
    """Give the server one-time prekeys, with the identity and the signed prekey that go with them."""

    xmlns: ClassVar[str] = "encrypt"
    kind: ClassVar[Literal["get", "set"]] = "set"

    registration_id: int
    identity: bytes
    signed_prekey: SignedPreKey
    prekeys: tuple[PreKey, ...]

    def content(self) -> Iterable[Node]:
        """Registration id, key type, identity, the list and the signed prekey, in this order."""
        return (
            number("registration", self.registration_id, REGISTRATION_SIZE),
            element("type", body=DJB_TYPE),
            element("identity", body=self.identity),
            element("list", body=[prekey_node(key) for key in self.prekeys]),
            signed_prekey_node(self.signed_prekey),
        )

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was done."""


@dataclass(frozen=True, slots=True)
class RotateSignedPreKey(Iq[None]):
    """Replace the signed prekey on the server."""

    xmlns: ClassVar[str] = "encrypt"
    kind: ClassVar[Literal["get", "set"]] = "set"

    signed_prekey: SignedPreKey

    def content(self) -> Iterable[Node]:
        """`<rotate><skey/></rotate>`."""
        return (element("rotate", body=[signed_prekey_node(self.signed_prekey)]),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDigest:
    """What the server holds: the ids of the one-time prekeys and a SHA-1 `hash` over all the public keys."""

    registration_id: int
    prekey_ids: tuple[int, ...]
    hash: bytes


@dataclass(frozen=True, slots=True)
class GetKeyDigest(Iq[KeyDigest | None]):
    """Ask for the digest, to compare it with the own keys; None means that the server has lost them."""

    xmlns: ClassVar[str] = "encrypt"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """`<digest/>`."""
        return (Node("digest"),)

    def result(self, iq: Reader) -> KeyDigest | None:
        """The digest, or None when the answer holds none."""
        digest = iq.optional_child("digest")
        if digest is None or not digest.node.children:
            return None
        return KeyDigest(
            registration_id=digest.child("registration").number(REGISTRATION_SIZE),
            prekey_ids=tuple(key.number(ID_SIZE) for key in digest.child("list").children("id")),
            hash=digest.child("hash").data(HASH_SIZE),
        )


Fetched: TypeAlias = "PreKeyBundle | ServerError | RemoteProtocolError"


@dataclass(frozen=True, slots=True)
class FetchBundles(Iq[Mapping[Jid, Fetched]]):
    """Fetch bundles to open sessions with these devices; `refresh` says that their identity may have changed."""

    xmlns: ClassVar[str] = "encrypt"
    kind: ClassVar[Literal["get", "set"]] = "get"

    devices: tuple[Jid, ...]
    refresh: bool = False

    def content(self) -> Iterable[Node]:
        """A `<key>` with one `<user>` a device."""
        reason = "identity" if self.refresh else None
        users = [element("user", {"jid": device, "reason": reason}) for device in self.devices]
        return (element("key", body=users),)

    def result(self, iq: Reader) -> Mapping[Jid, Fetched]:
        """A bundle, or what stands in its place, for each device that the server answered for.

        One device's error, or its malformed keys, leave the others usable.
        """
        users = ((user.jid("jid"), user) for user in iq.child("list").children("user"))
        return {jid: _fetched(user, jid) for jid, user in users}


def _fetched(user: Reader, jid: Jid) -> Fetched:
    error = error_of(user)
    if error is not None:
        return error
    try:
        return read_bundle(user, user.child("registration").number(REGISTRATION_SIZE), jid.device)
    except RemoteProtocolError as malformed:
        return malformed


@dataclass(frozen=True, slots=True)
class PreKeysLow:
    """The server has only `count` one-time prekeys of this device left."""

    header: Header
    count: int


@dataclass(frozen=True, slots=True)
class IdentityChanged:
    """A user's primary device has a new identity key: sessions with it are stale."""

    header: Header
    user: Jid


def read_notification(notification: Reader, header: Header) -> PreKeysLow | IdentityChanged | None:
    """The value of an `encrypt` notification; None when it is of another kind."""
    count = notification.optional_child("count")
    if count is not None:
        return PreKeysLow(header, count.integer("value"))
    if notification.optional_child("identity") is not None:
        return IdentityChanged(header, header.source)
    return None
