"""Linking this device to a phone, by QR code or by an eight-character code, and unlinking it.

    <iq type="set" from="s.whatsapp.net" id="…"><pair-device><ref>2@…</ref>…</pair-device></iq>
    <iq type="result" to="@s.whatsapp.net" id="…"/>

    <iq type="set" from="s.whatsapp.net" id="…" t="…"><pair-success>
      <device-identity>ADVSignedDeviceIdentityHMAC</device-identity>
      <device jid="15550100001:3@s.whatsapp.net" lid="100000000000001:3@lid"/>
      <platform name="android"/> <biz name="…"/>
    </pair-success></iq>
    <iq type="result" to="@s.whatsapp.net" id="…"><pair-device-sign>
      <device-identity key-index="1">ADVSignedDeviceIdentity</device-identity>
    </pair-device-sign></iq>
    <iq type="error" to="@s.whatsapp.net" id="…"><error code="401" text="not-authorized"/></iq>   (it does not verify)

    <notification type="companion_reg_refresh" from="s.whatsapp.net" id="…"><companion_reg_refresh/></notification>
                                                                      (or <pair-device-rotate-qr/>: another ADV secret)

    <iq xmlns="md" type="set" to="@s.whatsapp.net" id="…">
      <remove-companion-device jid="15550100001:3@s.whatsapp.net" reason="user_initiated"/>
    </iq>

The pairing code's stanzas are in `pairing_code`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import Attrs, element
from motte.core.stanza.header import Header
from motte.core.stanza.iq import Iq, reply
from motte.core.stanza.reader import Reader
from motte.model.jid import SERVER_JID, Jid

MAX_REFS: Final = 32
MAX_REF: Final = 1024
MAX_DEVICE_IDENTITY: Final = 8192


@dataclass(frozen=True, slots=True)
class PairDevice:
    """The server offers refs, one for each QR code to show; acknowledge with `ack()`."""

    id: str
    refs: tuple[str, ...]

    @classmethod
    def read(cls, iq: Reader) -> PairDevice:
        """The value of the request."""
        refs = tuple(ref.string() for ref in iq.child("pair-device").children("ref"))
        if not 0 < len(refs) <= MAX_REFS or not all(0 < len(ref) <= MAX_REF for ref in refs):
            raise iq.child("pair-device").error("holds no usable list of refs")
        return cls(iq.text("id"), refs)

    def ack(self) -> Node:
        """The answer: refs received."""
        return reply(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSuccess:
    """A phone scanned the code. `device_identity` is the still unverified ADVSignedDeviceIdentityHMAC."""

    id: str
    t: int | None
    device_identity: bytes
    jid: Jid
    lid: Jid | None
    platform: str | None = None
    business_name: str | None = None

    @classmethod
    def read(cls, iq: Reader) -> PairSuccess:
        """The value of the request."""
        success = iq.child("pair-success")
        device = success.child("device")
        platform, business = success.optional_child("platform"), success.optional_child("biz")
        return cls(
            id=iq.text("id"),
            t=iq.optional_integer("t"),
            device_identity=success.child("device-identity").data(limit=MAX_DEVICE_IDENTITY),
            jid=device.jid("jid"),
            lid=device.optional_jid("lid"),
            platform=platform.optional_text("name") if platform else None,
            business_name=business.optional_text("name") if business else None,
        )

    def accept(self, signed_identity: bytes, key_index: int) -> Node:
        """The answer that seals the pairing: the signed identity (with our signature, without the account key)."""
        identity = element("device-identity", {"key-index": key_index}, signed_identity)
        return reply(self.id, [element("pair-device-sign", body=[identity])])

    def refuse(self, code: int = 401, text: str = "not-authorized") -> Node:
        """The answer when the identity does not verify."""
        attrs: Attrs = {"to": SERVER_JID, "type": "error", "id": self.id}
        return element("iq", attrs, [element("error", {"code": code, "text": text})])


@dataclass(frozen=True, slots=True)
class RegistrationRefresh:
    """The server retires what this device registered: take another ADV secret, and show the same ref with it."""

    header: Header

    @classmethod
    def read(cls, notification: Reader, header: Header) -> RegistrationRefresh | None:
        """The value of the notification; None for one that asks for something else."""
        asked = any(part.tag in _REFRESHES for part in notification.children())
        return cls(header) if asked and header.source == SERVER_JID else None


_REFRESHES: Final = frozenset({"companion_reg_refresh", "pair-device-rotate-qr"})


@dataclass(frozen=True, slots=True)
class RemoveCompanionDevice(Iq[None]):
    """Unlink a device of the account: log out, when it is this one."""

    xmlns: ClassVar[str] = "md"
    kind: ClassVar[Literal["get", "set"]] = "set"

    device: Jid
    reason: str = "user_initiated"

    def content(self) -> Iterable[Node]:
        """The `<remove-companion-device>`."""
        return (element("remove-companion-device", {"jid": self.device, "reason": self.reason}),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was done; the server may close the connection instead."""
