"""A connection that is to be linked: refs for its QR codes, the pairing code's two rounds, and the phone's answer.

    <iq type="set" id="…" from="@s.whatsapp.net" xmlns="md"><pair-device><ref>2@…</ref>…</pair-device></iq>
    <iq type="set" id="…" from="@s.whatsapp.net" t="…"><pair-success>
        <device-identity>ADVSignedDeviceIdentityHMAC</device-identity>
        <platform name="android"/><device jid="15550100001:1@s.whatsapp.net" lid="…:1@lid"/></pair-success></iq>
    → <iq type="result" id="…"><pair-device-sign>
        <device-identity key-index="1">ADVSignedDeviceIdentity</device-identity></pair-device-sign></iq>
    <stream:error code="515"/>

By code:

    <iq type="set" xmlns="md"><link_code_companion_reg jid="15550100001@s.whatsapp.net" stage="companion_hello">
        <link_code_pairing_wrapped_companion_ephemeral_pub/>…</link_code_companion_reg></iq>
        → <link_code_companion_reg stage="companion_hello"><link_code_pairing_ref/></link_code_companion_reg>
    <notification type="link_code_companion_reg"><link_code_companion_reg stage="primary_hello">
        <link_code_pairing_wrapped_primary_ephemeral_pub/><primary_identity_pub/><link_code_pairing_ref/>…
    <iq type="set" xmlns="md"><link_code_companion_reg stage="companion_finish">
        <link_code_pairing_wrapped_key_bundle/><companion_identity_public/><link_code_pairing_ref/>…

To an account with a passkey its exchange comes before `pair-success`: see `passkeys`.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from google.protobuf.message import DecodeError

from motte.core.binary.node import Node
from motte.core.crypto.curve import KEY_SIZE, SIGNATURE_SIZE
from motte.errors import RemoteProtocolError
from motte.proto.client_payload_pb2 import ClientPayload
from motte.proto.device_props_pb2 import DeviceProps
from motte.testing.server.hub import Hub
from motte.testing.server.passkeys import PasskeyGate
from motte.testing.server.reader import SERVER, Refused, attr, child, data, jid, refusal, result, uint
from motte.testing.server.shelf import Shelf, SignedKey
from motte.testing.server.webauthn import Passkey

if TYPE_CHECKING:
    from motte.testing.server.accounts import Account, Outlet
    from motte.testing.server.phone import Phone

log = logging.getLogger("motte.server")

RESTART: Final = Node("stream:error", {"code": "515"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a client says of itself before it is linked."""

    noise_static: bytes
    push_name: str
    registration_id: int
    identity: bytes
    signed: SignedKey
    wants_full_history: bool


def registration(payload: ClientPayload, noise_static: bytes) -> Registration:
    """The registration in a ClientPayload; `RemoteProtocolError` when a key has the wrong size, or it is malformed."""
    pairing = payload.devicePairingData
    sizes = (len(pairing.eIdent), len(pairing.eSkeyVal), len(pairing.eSkeySig), len(pairing.eRegid))
    if sizes != (KEY_SIZE, KEY_SIZE, SIGNATURE_SIZE, 4):
        raise RemoteProtocolError("a registration carries keys of the wrong size")
    signed = SignedKey(number=uint(pairing.eSkeyId), value=pairing.eSkeyVal, signature=pairing.eSkeySig)
    return Registration(
        noise_static=noise_static,
        push_name=payload.pushName,
        registration_id=uint(pairing.eRegid),
        identity=pairing.eIdent,
        signed=signed,
        wants_full_history=_props(pairing.deviceProps).requireFullSync,
    )


def _props(data: bytes) -> DeviceProps:
    try:
        return DeviceProps.FromString(data)
    except DecodeError as error:
        raise RemoteProtocolError("a registration carries malformed device properties") from error


class Pairing:
    """The stage of a connection that waits for a phone."""

    def __init__(self, hub: Hub, outlet: Outlet, registration: Registration) -> None:
        self._hub = hub
        self._outlet = outlet
        self._phone: Phone | None = None
        self._sign_id = ""
        self._code_ref = b""
        self._phone_of_code: Phone | None = None
        self.gate: PasskeyGate | None = None
        self.hello = b""
        self.registration = registration

    def start(self) -> None:
        """Send the refs."""
        refs = [f"2@{base64.b64encode(self._hub.rng(48)).decode()}" for _ in range(self._hub.settings.refs)]
        self._hub.lobby.enter(refs, self)
        pair_device = Node("pair-device", {}, tuple(Node("ref", {}, ref.encode()) for ref in refs))
        attrs = {"from": SERVER, "type": "set", "id": self._hub.next_id(), "xmlns": "md"}
        self._outlet.send(Node("iq", attrs, (pair_device,)))

    def receive(self, node: Node) -> None:
        """Take a stanza: a step of the pairing, or a ping."""
        self._hub.post(lambda: self._take(node))

    def closed(self) -> None:
        """The connection is gone."""
        self._hub.lobby.leave(self)

    def send_success(self, phone: Phone, account: Account, number: int, identity: bytes) -> None:
        """The phone has issued an identity for this client: pass it on, wait for the signature."""
        self._phone, self._sign_id = phone, self._hub.next_id()
        pn, lid = account.pn.with_device(number), account.lid.with_device(number)
        content = (
            Node("device-identity", {}, identity),
            Node("platform", {"name": "android"}),
            Node("device", {"jid": str(pn), "lid": str(lid)}),
        )
        attrs = {"from": SERVER, "type": "set", "id": self._sign_id, "t": str(self._hub.now)}
        self._outlet.send(Node("iq", attrs, (Node("pair-success", {}, content),)))

    def shelf(self) -> Shelf:
        """The client's keys, as the server will hand them out."""
        registered = self.registration
        return Shelf(registered.registration_id, registered.identity, registered.signed)

    def send_primary_hello(self, wrapped_ephemeral: bytes, identity: bytes) -> None:
        """The phone's owner has typed the code: pass the phone's keys on."""
        content = (
            Node("link_code_pairing_wrapped_primary_ephemeral_pub", {}, wrapped_ephemeral),
            Node("primary_identity_pub", {}, identity),
            Node("link_code_pairing_ref", {}, self._code_ref),
        )
        self._notify("link_code_companion_reg", Node("link_code_companion_reg", {"stage": "primary_hello"}, content))

    def ask_passkey(self, passkey: Passkey, secret: bytes, opened: Callable[[bytes], None]) -> PasskeyGate:
        """The account is protected: go on when the client has answered with this passkey."""
        self.gate = PasskeyGate(
            self._hub, self._outlet, self.registration, passkey=passkey, secret=secret, opened=opened
        )
        self.gate.ask()
        return self.gate

    def refresh(self, tag: str) -> None:
        """Retire what the client has registered: it is to take another ADV secret."""
        self._notify("companion_reg_refresh", Node(tag))

    def refresh_code(self) -> None:
        """Have the client show another pairing code."""
        ref = Node("link_code_pairing_ref", {}, self._code_ref)
        attrs = {"stage": "refresh_code", "force_manual_refresh": "true"}
        self._notify("link_code_companion_reg", Node("link_code_companion_reg", attrs, (ref,)))

    def _notify(self, kind: str, body: Node) -> None:
        attrs = {"from": "s.whatsapp.net", "type": kind, "id": self._hub.next_id(), "t": str(self._hub.now)}
        self._outlet.send(Node("notification", attrs, (body,)))

    def _take(self, node: Node) -> None:
        if node.tag != "iq" or node.attrs.get("type") == "error":
            return
        if node.attrs.get("type") == "result":
            if self._sign_id and node.attrs.get("id") == self._sign_id:
                self._signed(node)
            return
        try:
            answer = result(node, *self._answer(node))
        except Refused as reason:
            log.warning("iq %s of an unlinked client refused: %s", node.attrs.get("xmlns", "?"), reason)
            answer = refusal(node, reason)
        self._outlet.send(answer)

    def _answer(self, iq: Node) -> tuple[Node, ...]:
        if iq.child("ping") is not None or iq.attrs.get("xmlns") == "w:stats":
            return ()
        if self.gate is not None and (answer := self.gate.answer(iq)) is not None:
            return answer
        stage = iq.child("link_code_companion_reg")
        match attr(stage, "stage") if stage else None:
            case "companion_hello":
                return self._companion_hello(child(iq, "link_code_companion_reg"))
            case "companion_finish":
                return self._companion_finish(child(iq, "link_code_companion_reg"))
        raise Refused(501, f"an unlinked client asked for {iq.attrs.get('xmlns', '')[:60]!r}")

    def _companion_hello(self, stage: Node) -> tuple[Node, ...]:
        self.hello = data(stage, "link_code_pairing_wrapped_companion_ephemeral_pub")
        self._code_ref = f"3@{self._hub.rng(12).hex()}".encode()
        self._hub.lobby.expect_code(jid(stage, "jid").user, self)
        ref = Node("link_code_pairing_ref", {}, self._code_ref)
        return (Node("link_code_companion_reg", {"stage": "companion_hello"}, (ref,)),)

    def _companion_finish(self, stage: Node) -> tuple[Node, ...]:
        if self._phone_of_code is None or data(stage, "link_code_pairing_ref") != self._code_ref:
            raise Refused(404, "no phone has confirmed a code of this client")
        phone, bundle = self._phone_of_code, data(stage, "link_code_pairing_wrapped_key_bundle")
        if data(stage, "companion_identity_public", KEY_SIZE) != self.registration.identity:
            raise Refused(406, "the identity is not the registered one")
        secret = phone.finish_code(bundle, self.registration.identity)
        self._hub.post(lambda: phone.link(self, secret))
        return ()

    def confirmed_by(self, phone: Phone) -> None:
        """A phone takes part in the exchange by code."""
        self._phone_of_code = phone

    def _signed(self, answer: Node) -> None:
        assert self._phone is not None
        try:
            identity = data(child(answer, "pair-device-sign"), "device-identity")
            self._phone.linked(self, identity)
        except (Refused, RemoteProtocolError) as error:
            log.warning("a client's device signature was refused: %s", error)
            self._outlet.send(Node("stream:error", {"code": "401"}))
        else:
            self._outlet.send(RESTART)
        self._hub.lobby.leave(self)
        self._outlet.end()
