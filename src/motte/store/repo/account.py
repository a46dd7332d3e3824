"""Who we are: the keys of this device, and the account that it is linked to.

`Credentials` exist from the first start. `link` appears when a phone has linked the device, and goes with a logout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from motte.core.crypto.curve import KeyPair
from motte.core.crypto.rng import Rng
from motte.core.signal.keys import SignedPreKey, generate_registration_id, generate_signed_prekey
from motte.model.jid import Jid
from motte.store.batch import Batch
from motte.store.codec import Codec, bytes_of, from_json, text_of, to_json
from motte.store.table import Space

ADV_SECRET_SIZE: Final = 32
_KEY: Final = "credentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSignedPreKey:
    """A signed prekey and when it was made (unix seconds)."""

    key: SignedPreKey
    created: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The account that a phone linked this device to.

    Attributes:
        jid: our own device by phone number.
        lid: our own device by LID; `None` only where the server knows no LIDs.
        identity: the serialised `ADVSignedDeviceIdentity`, account signature key included.
        platform: what the phone is ("android", "iphone", "smba", …).
        push_name: the name that others see; may be empty.
        business_name: the business's name, or empty.
        linked_at: unix seconds.
    """

    jid: Jid
    lid: Jid | None
    identity: bytes
    platform: str = ""
    push_name: str = ""
    business_name: str = ""
    linked_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The device's secrets and counters. `replace(credentials, …)` makes a changed copy.

    Attributes:
        noise: the static key of the connection.
        identity: the Signal identity.
        registration_id: 14 bits, 1…16380.
        adv_secret: the secret inside the QR code, 32 bytes.
        signed_prekeys: the current one first, then old ones that late messages may still name.
        next_prekey_id: the id that the next one-time prekey gets.
        link: the linked account, or `None` before pairing and after a logout.
        routing_info: the server's hint for the next connection, may be empty.
        server_certificate: the verified Noise certificate for a quick resumption, may be empty.
        props_hash: the hash of the server properties that we know, may be empty.
        props: those of them that the client acts on, by code or name.
        client_version: the version of WhatsApp Web that was looked up last, may be empty.
        created: unix seconds.
    """

    noise: KeyPair
    identity: KeyPair
    registration_id: int
    adv_secret: bytes
    signed_prekeys: tuple[KeptSignedPreKey, ...]
    next_prekey_id: int = 1
    link: Link | None = None
    routing_info: bytes = b""
    server_certificate: bytes = b""
    props_hash: str = ""
    props: Mapping[str, str] = field(default_factory=dict)
    client_version: str = ""
    created: float = 0.0

    @classmethod
    def fresh(cls, *, now: float, rng: Rng) -> Credentials:
        """The credentials of a device that starts for the first time."""
        identity = KeyPair.generate(rng)
        return cls(
            noise=KeyPair.generate(rng),
            identity=identity,
            registration_id=generate_registration_id(rng),
            adv_secret=rng(ADV_SECRET_SIZE),
            signed_prekeys=(KeptSignedPreKey(key=generate_signed_prekey(identity, 1, rng), created=now),),
            created=now,
        )

    @property
    def signed_prekey(self) -> SignedPreKey:
        """The current signed prekey."""
        return self.signed_prekeys[0].key

    def find_signed_prekey(self, key_id: int) -> SignedPreKey | None:
        """The signed prekey of that id, as long as it is kept."""
        return next((kept.key for kept in self.signed_prekeys if kept.key.id == key_id), None)

    def rotated(self, key: SignedPreKey, *, now: float, keep: float) -> Credentials:
        """A copy whose current signed prekey is `key`; replaced ones stay until they are `keep` seconds out of use."""
        # A key went out of use when its successor was made.
        old, successor_made = [], now
        for kept in self.signed_prekeys:
            if now - successor_made <= keep:
                old.append(kept)
            successor_made = kept.created
        return replace(self, signed_prekeys=(KeptSignedPreKey(key=key, created=now), *old))


class Account:
    """The credentials of the account."""

    def __init__(self, space: Space) -> None:
        self.table = space.table("account", _CODEC, cached=1)

    async def get(self, batch: Batch | None = None) -> Credentials | None:
        """The credentials, or `None` before the first start."""
        return await self.table.get(_KEY, batch)

    def put(self, batch: Batch, credentials: Credentials) -> None:
        """Keep these credentials from now on."""
        self.table.put(batch, _KEY, credentials)

    def delete(self, batch: Batch) -> None:
        """Forget who we are."""
        self.table.delete(batch, _KEY)


def _encode(value: Credentials) -> bytes:
    return to_json(
        {
            "noise": text_of(value.noise.private),
            "identity": text_of(value.identity.private),
            "registration_id": value.registration_id,
            "adv_secret": text_of(value.adv_secret),
            "signed_prekeys": [
                {"key": text_of(kept.key.serialize()), "created": kept.created} for kept in value.signed_prekeys
            ],
            "next_prekey_id": value.next_prekey_id,
            "link": None if value.link is None else _link_to_plain(value.link),
            "routing_info": text_of(value.routing_info),
            "server_certificate": text_of(value.server_certificate),
            "props_hash": value.props_hash,
            "props": dict(value.props),
            "client_version": value.client_version,
            "created": value.created,
        }
    )


def _decode(data: bytes) -> Credentials:
    plain = from_json(data)
    return Credentials(
        noise=_pair(plain["noise"]),
        identity=_pair(plain["identity"]),
        registration_id=int(plain["registration_id"]),
        adv_secret=bytes_of(plain["adv_secret"]),
        signed_prekeys=tuple(
            KeptSignedPreKey(key=SignedPreKey.parse(bytes_of(kept["key"])), created=float(kept["created"]))
            for kept in plain["signed_prekeys"]
        ),
        next_prekey_id=int(plain["next_prekey_id"]),
        link=None if plain["link"] is None else _link_from_plain(plain["link"]),
        routing_info=bytes_of(plain["routing_info"]),
        server_certificate=bytes_of(plain["server_certificate"]),
        props_hash=str(plain["props_hash"]) if "props" in plain else "",  # the first databases had no values
        props={str(name): str(prop) for name, prop in plain.get("props", {}).items()},
        client_version=str(plain.get("client_version", "")),  # not in the first databases
        created=float(plain["created"]),
    )


def _link_to_plain(link: Link) -> dict[str, Any]:
    return {
        "jid": str(link.jid),
        "lid": None if link.lid is None else str(link.lid),
        "identity": text_of(link.identity),
        "platform": link.platform,
        "push_name": link.push_name,
        "business_name": link.business_name,
        "linked_at": link.linked_at,
    }


def _link_from_plain(plain: Mapping[str, Any]) -> Link:
    return Link(
        jid=Jid.parse(plain["jid"]),
        lid=None if plain["lid"] is None else Jid.parse(plain["lid"]),
        identity=bytes_of(plain["identity"]),
        platform=str(plain["platform"]),
        push_name=str(plain["push_name"]),
        business_name=str(plain["business_name"]),
        linked_at=float(plain["linked_at"]),
    )


def _pair(text: str) -> KeyPair:
    return KeyPair.from_private(bytes_of(text))


_CODEC: Final[Codec[Credentials]] = Codec(_encode, _decode)
