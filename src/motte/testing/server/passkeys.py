"""Linking to an account that a passkey protects: between the phone's scan and `pair-success`.

<notification type="passkey_prologue_request"><passkey_request_options>JSON</passkey_request_options></notification>
<iq type="get" xmlns="md"><passkey_request_options/></iq>      → the same again
<iq type="get" xmlns="md"><ref/></iq>                          → <ref>…</ref>
<iq type="set" xmlns="md"><passkey_prologue><credential_id/><webauthn_assertion/><prologue_payload/>
    [<pairing_handoff_proof/>]</passkey_prologue></iq>
<notification type="crsc_continuation"><primary_ephemeral_identity/></notification>
<iq type="set" xmlns="md"><companion_nonce/></iq>
<iq type="set" xmlns="md"><encrypted_pairing_request/></iq>    → and the phone vouches for the client
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from motte.core.binary.node import Node
from motte.core.crypto import passkey as exchange
from motte.core.crypto.curve import KeyPair
from motte.core.crypto.passkey import Introduction, PhoneHello
from motte.errors import PairingError
from motte.testing.server import webauthn
from motte.testing.server.hub import Hub
from motte.testing.server.reader import SERVER, Refused, child, data
from motte.testing.server.webauthn import Passkey

if TYPE_CHECKING:
    from motte.testing.server.accounts import Outlet
    from motte.testing.server.pairing import Registration

T = TypeVar("T")


class PasskeyGate:
    """One client in front of one protected account; the server's half and the phone's in one.

    Args:
        secret: the ADV secret that the phone knows the client by so far.
        opened: called with the client's new ADV secret when everything is proved.
    """

    def __init__(
        self,
        hub: Hub,
        outlet: Outlet,
        registration: Registration,
        *,
        passkey: Passkey,
        secret: bytes,
        opened: Callable[[bytes], None],
    ) -> None:
        self._hub, self._outlet, self._registration = hub, outlet, registration
        self._passkey, self._secret, self._opened = passkey, secret, opened
        self._challenge = hub.rng(32)
        self._until = hub.clock() + hub.settings.passkey_seconds
        self._refs: set[str] = set()
        self._met: Introduction | None = None
        self._ephemeral = KeyPair.generate(hub.rng)
        self._hello = PhoneHello(self._ephemeral.public, hub.rng(exchange.NONCE_SIZE))
        self._revealed = False
        self.code = ""
        self.proved = False

    def ask(self) -> None:
        """Send the challenge."""
        self._notify("passkey_prologue_request", Node("passkey_request_options", {}, self._options()))

    def answer(self, iq: Node) -> tuple[Node, ...] | None:
        """The children of the result of one of its requests; None for a request of others."""
        match iq.children[0].tag if iq.children else "":
            case "passkey_request_options":
                return (Node("passkey_request_options", {}, self._options()),)
            case "ref":
                self._refs.add(ref := f"5@{self._hub.rng(12).hex()}")
                return (Node("ref", {}, ref.encode()),)
            case "passkey_prologue":
                return self._prologue(child(iq, "passkey_prologue"))
            case "companion_nonce":
                return self._nonce(data(iq, "companion_nonce"))
            case "encrypted_pairing_request":
                return self._request(data(iq, "encrypted_pairing_request"))
        return None

    def _options(self) -> bytes:
        if self._hub.plan.passkey_is_spoilt("challenge"):
            return b'{"challenge": 7}'
        return webauthn.options(self._challenge, self._hub.settings.passkey_seconds, self._passkey)

    def _prologue(self, prologue: Node) -> tuple[Node, ...]:
        if self._hub.clock() > self._until:
            raise Refused(410, "the challenge's time is over")
        assertion, credential = data(prologue, "webauthn_assertion"), data(prologue, "credential_id")
        webauthn.verify(assertion, credential, self._challenge, self._passkey)
        payload = data(prologue, "prologue_payload")
        met = _trusted(lambda: Introduction.parse(payload))
        if met.ref not in self._refs:
            raise Refused(404, "the prologue names no ref of this connection")
        if prologue.child("pairing_handoff_proof") is not None:
            if data(prologue, "pairing_handoff_proof") != exchange.proof(self._secret, payload):
                raise Refused(403, "the proof was made with another secret than the QR code's")
            self.proved = True
        self._met = met
        hello = self._hello.serialize()
        if self._hub.plan.passkey_is_spoilt("continuation"):
            hello = hello[:-1]
        self._hub.post(lambda: self._notify("crsc_continuation", Node("primary_ephemeral_identity", {}, hello)))
        return ()

    def _nonce(self, nonce: bytes) -> tuple[Node, ...]:
        met = self._introduced()
        _trusted(lambda: met.check(nonce))
        self.code, self._revealed = exchange.code(nonce, self._hello), True
        return ()

    def _request(self, sealed: bytes) -> tuple[Node, ...]:
        met = self._introduced()
        if not self._revealed:
            raise Refused(409, "a request came before the nonce")
        private = self._ephemeral.private
        key = _trusted(lambda: exchange.request_key(private, met.ephemeral, device_type=met.device_type, ref=met.ref))
        handed = _trusted(lambda: exchange.unseal(key, sealed))
        registered = self._registration
        if (handed.noise, handed.identity) != (registered.noise_static, registered.identity):
            raise Refused(406, "the request names other keys than the registered ones")
        self._hub.post(lambda: self._opened(handed.adv_secret))
        return ()

    def _introduced(self) -> Introduction:
        if self._met is None:
            raise Refused(409, "no prologue came before")
        return self._met

    def _notify(self, kind: str, body: Node) -> None:
        attrs = {"from": SERVER, "type": kind, "id": self._hub.next_id(), "t": str(self._hub.now)}
        self._outlet.send(Node("notification", attrs, (body,)))


def _trusted(step: Callable[[], T]) -> T:
    """What a step gives; what it finds wrong is a refusal."""
    try:
        return step()
    except PairingError as error:
        raise Refused(403, str(error)) from error
