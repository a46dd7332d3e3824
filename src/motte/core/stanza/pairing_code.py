"""Linking with an eight-character code: this device says hello, the phone answers, this device finishes.

<iq xmlns="md" type="set" to="@s.whatsapp.net" id="…">
  <link_code_companion_reg jid="15550100001@s.whatsapp.net" stage="companion_hello"
                           should_show_push_notification="true">
    <link_code_pairing_wrapped_companion_ephemeral_pub>80 bytes</…>
    <companion_server_auth_key_pub>32 bytes</…>
    <companion_platform_id>1</…> <companion_platform_display>Chrome (Mac OS)</…>
    <link_code_pairing_nonce>0</…>
  </link_code_companion_reg>
</iq>
<iq type="result" id="…"><link_code_companion_reg><link_code_pairing_ref>…</…></link_code_companion_reg></iq>

<notification type="link_code_companion_reg" from="s.whatsapp.net" id="…">
  <link_code_companion_reg stage="primary_hello">
    <link_code_pairing_wrapped_primary_ephemeral_pub>80 bytes</…>
    <primary_identity_pub>32 bytes</…> <link_code_pairing_ref>…</…>
  </link_code_companion_reg>
</notification>

<iq xmlns="md" type="set" to="@s.whatsapp.net" id="…">
  <link_code_companion_reg jid="15550100001@s.whatsapp.net" stage="companion_finish">
    <link_code_pairing_wrapped_key_bundle>…</…> <companion_identity_public>32 bytes</…>
    <link_code_pairing_ref>…</…>
  </link_code_companion_reg>
</iq>

<notification type="link_code_companion_reg" …>
  <link_code_companion_reg stage="refresh_code" [force_manual_refresh="true"]>
    <link_code_pairing_ref>…</…>                                                        (ask for a new code)
  </link_code_companion_reg>
</notification>
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import Attrs, element
from motte.core.stanza.header import Header
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid

WRAPPED_KEY_SIZE: Final = 80
"""Salt (32), IV (16) and the encrypted ephemeral public key (32)."""
KEY_SIZE: Final = 32
MAX_REF: Final = 1024
_TAG: Final = "link_code_companion_reg"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanionHello(Iq[bytes]):
    """The first step; gives the pairing ref, empty when the server tells it only with the phone's answer."""

    xmlns: ClassVar[str] = "md"
    kind: ClassVar[Literal["get", "set"]] = "set"

    jid: Jid
    wrapped_ephemeral: bytes
    server_auth_key: bytes
    platform_id: str
    platform_display: str
    show_push_notification: bool = True

    def content(self) -> Iterable[Node]:
        """The `companion_hello` stage."""
        attrs: Attrs = {
            "jid": self.jid,
            "stage": "companion_hello",
            "should_show_push_notification": "true" if self.show_push_notification else "false",
        }
        body = [
            element("link_code_pairing_wrapped_companion_ephemeral_pub", body=self.wrapped_ephemeral),
            element("companion_server_auth_key_pub", body=self.server_auth_key),
            element("companion_platform_id", body=self.platform_id),
            element("companion_platform_display", body=self.platform_display),
            element("link_code_pairing_nonce", body="0"),
        ]
        return (element(_TAG, attrs, body),)

    def result(self, iq: Reader) -> bytes:
        """The ref that names this pairing."""
        registration = iq.optional_child(_TAG)
        ref = registration.optional_child("link_code_pairing_ref") if registration else None
        return ref.data(limit=MAX_REF) if ref else b""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryHello:
    """The phone entered the code: its wrapped ephemeral key, its identity key, and the pairing's ref."""

    header: Header
    ref: bytes
    primary_identity: bytes
    wrapped_primary_ephemeral: bytes

    @classmethod
    def read(cls, notification: Reader, header: Header) -> PrimaryHello:
        """The value of the notification."""
        body = notification.child(_TAG)
        return cls(
            header=header,
            ref=body.child("link_code_pairing_ref").data(limit=MAX_REF),
            primary_identity=body.child("primary_identity_pub").data(KEY_SIZE),
            wrapped_primary_ephemeral=body.child("link_code_pairing_wrapped_primary_ephemeral_pub").data(
                WRAPPED_KEY_SIZE
            ),
        )


@dataclass(frozen=True, slots=True)
class CodeRefresh:
    """The pairing with this ref wants another code: start again with a new `CompanionHello`."""

    header: Header
    ref: bytes


def read_notification(notification: Reader, header: Header) -> PrimaryHello | CodeRefresh:
    """The value of a `link_code_companion_reg` notification."""
    body = notification.child(_TAG)
    if body.optional_text("stage") == "refresh_code":
        return CodeRefresh(header, body.child("link_code_pairing_ref").data(limit=MAX_REF))
    return PrimaryHello.read(notification, header)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanionFinish(Iq[None]):
    """The last step; `pair-success` follows."""

    xmlns: ClassVar[str] = "md"
    kind: ClassVar[Literal["get", "set"]] = "set"

    jid: Jid
    wrapped_key_bundle: bytes
    identity: bytes
    ref: bytes

    def content(self) -> Iterable[Node]:
        """The `companion_finish` stage."""
        body = [
            element("link_code_pairing_wrapped_key_bundle", body=self.wrapped_key_bundle),
            element("companion_identity_public", body=self.identity),
            element("link_code_pairing_ref", body=self.ref),
        ]
        return (element(_TAG, {"jid": self.jid, "stage": "companion_finish"}, body),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was done."""
