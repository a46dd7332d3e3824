"""Linking that asks for a passkey: the challenge, the assertion, and an exchange of keys behind it.

After the phone has scanned the QR code (or answered the pairing code), and instead of `pair-success`:

    <notification type="passkey_prologue_request" from="s.whatsapp.net" id="…">
      <passkey_request_options>JSON for navigator.credentials.get</passkey_request_options>
    </notification>
    <iq xmlns="md" type="get" …><passkey_request_options/></iq>                       (to ask for it again)

    <iq xmlns="md" type="get" …><ref/></iq>                       → <ref>…</ref>
    <iq xmlns="md" type="set" …><passkey_prologue>
      <credential_id>…</credential_id> <webauthn_assertion>JSON</webauthn_assertion>
      <prologue_payload>ProloguePayload</prologue_payload> [<pairing_handoff_proof>32 bytes</pairing_handoff_proof>]
    </passkey_prologue></iq>

    <notification type="crsc_continuation" from="s.whatsapp.net" id="…">
      <primary_ephemeral_identity>PrimaryEphemeralIdentity</primary_ephemeral_identity>
    </notification>
    <iq xmlns="md" type="set" …><companion_nonce>32 bytes</companion_nonce></iq>
    <iq xmlns="md" type="set" …><encrypted_pairing_request>EncryptedPairingRequest</encrypted_pairing_request></iq>

Then `pair-success` follows as ever. What the parts are made of is told in `core.crypto.passkey`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.header import Header
from motte.core.stanza.iq import Iq
from motte.core.stanza.reader import Reader
from motte.model.jid import SERVER_JID

MAX_OPTIONS: Final = 65_536
MAX_REF: Final = 1024
MAX_IDENTITY: Final = 1024
_OPTIONS: Final = "passkey_request_options"


@dataclass(frozen=True, slots=True)
class PasskeyAsked:
    """The server asks for a passkey; `options` is the JSON, None when it could not be read and is to be fetched."""

    header: Header
    options: bytes | None

    @classmethod
    def read(cls, notification: Reader, header: Header) -> PasskeyAsked | None:
        """The value of the notification; None when somebody else than the server sent it."""
        body = notification.optional_child(_OPTIONS)
        usable = body is not None and 0 < len(body.node.data) <= MAX_OPTIONS
        if header.source != SERVER_JID:
            return None
        return cls(header, body.node.data if body is not None and usable else None)


@dataclass(frozen=True, slots=True)
class PasskeyContinued:
    """The phone answered the prologue: its PrimaryEphemeralIdentity, serialised."""

    header: Header
    identity: bytes

    @classmethod
    def read(cls, notification: Reader, header: Header) -> PasskeyContinued | None:
        """The value of the notification; None when somebody else than the server sent it."""
        if header.source != SERVER_JID:
            return None
        return cls(header, notification.child("primary_ephemeral_identity").data(limit=MAX_IDENTITY))


@dataclass(frozen=True, slots=True)
class GetPasskeyOptions(Iq[bytes]):
    """Ask for the challenge once more."""

    xmlns: ClassVar[str] = "md"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """`<passkey_request_options/>`."""
        return (Node(_OPTIONS),)

    def result(self, iq: Reader) -> bytes:
        """The JSON."""
        return iq.child(_OPTIONS).data(limit=MAX_OPTIONS)


@dataclass(frozen=True, slots=True)
class GetPairingRef(Iq[str]):
    """A ref for the exchange."""

    xmlns: ClassVar[str] = "md"
    kind: ClassVar[Literal["get", "set"]] = "get"

    def content(self) -> Iterable[Node]:
        """`<ref/>`."""
        return (Node("ref"),)

    def result(self, iq: Reader) -> str:
        """The ref."""
        ref = iq.child("ref")
        ref.data(limit=MAX_REF)
        return ref.string()


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyPrologue(Iq[None]):
    """The assertion and what commits this device to its ephemeral key; an error says that the passkey was refused."""

    xmlns: ClassVar[str] = "md"
    kind: ClassVar[Literal["get", "set"]] = "set"

    credential_id: bytes
    assertion: bytes = field(repr=False)
    payload: bytes
    proof: bytes | None = field(default=None, repr=False)

    def content(self) -> Iterable[Node]:
        """The `<passkey_prologue>`."""
        proof = element("pairing_handoff_proof", body=self.proof) if self.proof is not None else None
        body = [
            element("credential_id", body=self.credential_id),
            element("webauthn_assertion", body=self.assertion),
            element("prologue_payload", body=self.payload),
            proof,
        ]
        return (element("passkey_prologue", body=body),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was taken."""


@dataclass(frozen=True, slots=True)
class RevealNonce(Iq[None]):
    """What the commitment was made with."""

    xmlns: ClassVar[str] = "md"
    kind: ClassVar[Literal["get", "set"]] = "set"

    nonce: bytes = field(repr=False)

    def content(self) -> Iterable[Node]:
        """`<companion_nonce>`."""
        return (element("companion_nonce", body=self.nonce),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was taken."""


@dataclass(frozen=True, slots=True)
class SendPairingRequest(Iq[None]):
    """This device's keys, for the phone alone; `pair-success` follows."""

    xmlns: ClassVar[str] = "md"
    kind: ClassVar[Literal["get", "set"]] = "set"

    sealed: bytes = field(repr=False)

    def content(self) -> Iterable[Node]:
        """`<encrypted_pairing_request>`."""
        return (element("encrypted_pairing_request", body=self.sealed),)

    def result(self, iq: Reader) -> None:
        """Nothing more than that it was taken."""
