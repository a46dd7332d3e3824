"""A fake phone: the primary device (0) of an account. It scans QR codes, types pairing codes, vouches for companions.

What it does with messages is in `phone_mail` and `phone_acts`, with groups in `phone_groups`, and what it sets for the
account in `phone_account`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from motte.core.binary.node import Node
from motte.core.crypto import adv, link_code
from motte.core.crypto.curve import KeyPair
from motte.errors import PairingError
from motte.model.jid import Jid
from motte.testing.server.accounts import Account, Device
from motte.testing.server.devices import acquainted, announce, remove
from motte.testing.server.hub import Hub
from motte.testing.server.pairing import Pairing, Registration
from motte.testing.server.passkeys import PasskeyGate
from motte.testing.server.peer import Peer
from motte.testing.server.phone_account import PhoneAccount
from motte.testing.server.phone_acts import PhoneActs
from motte.testing.server.phone_chats import PhoneChats
from motte.testing.server.phone_groups import PhoneGroups
from motte.testing.server.phone_history import PhoneHistory
from motte.testing.server.phone_mail import PhoneMail, ReceivedText
from motte.testing.server.phone_state import PhoneState
from motte.testing.server.reader import Refused
from motte.testing.server.webauthn import Passkey

MAX_COMPANIONS: Final = 100
_QR_FIELDS: Final = (4, 5)


class Phone:
    """The phone of one account.

    `identity` is both its Signal identity and the account key that signs companions.
    """

    def __init__(self, hub: Hub, account: Account) -> None:
        self._hub = hub
        self._account = account
        self._code_shared = b""
        self.passkey: Passkey | None = None
        self._gate: PasskeyGate | None = None
        account.phone = self
        self._install()

    def _install(self) -> None:
        """Fresh keys, an empty mailbox, no companions."""
        hub = self._hub
        self.identity = KeyPair.generate(hub.rng)
        self._raw_id = int.from_bytes(hub.rng(4), "big")
        peer = Peer(hub, self.identity)
        device = Device(self._account, 0, peer.shelf())
        self.mail = PhoneMail(hub, device, peer)
        self.acts = PhoneActs(hub, device, self.mail)
        self.groups = PhoneGroups(hub, device)
        self.account = PhoneAccount(hub, device)
        device.outlet = self.mail
        device.mailbox.connect(self.mail.send)
        device.mailbox.open()
        self._account.devices[0] = device
        self.sign_key_indexes()
        self.state = PhoneState(hub, self._account)
        self.state.begin()
        self.chats = PhoneChats(hub, self._account, self.mail, self.state)
        self.history = PhoneHistory(hub, self._account, self.mail, lambda who: account_of(hub, who))

    # ---- what a test does with it ----

    async def send_text(self, to: str | Jid, text: str) -> str:
        """Send a text to a person (name, number or JID) or group, and to the own companions; gives the message's id."""
        return self.mail.send_text(to, text)

    async def wait_for_text(self, wanted: Callable[[ReceivedText], bool] | str) -> ReceivedText:
        """The first text, of those that came or will come, that equals `wanted` or fulfils it."""
        return await self.mail.wait_for_text(wanted)

    @property
    def received(self) -> tuple[ReceivedText, ...]:
        """The texts that it received and could decrypt, oldest first."""
        return tuple(self.mail.received)

    def reinstall(self) -> None:
        """Set the phone up anew: another identity, companions unlinked, and whoever knows the account is told."""
        for companion in self._account.companions:
            remove(self._hub, companion)
        self._install()
        for contact in acquainted(self._hub, self._account):
            for device in contact.companions:
                pn, lid = str(self._account.pn), str(self._account.lid)
                self._hub.notify(device, "encrypt", Node("identity"), sender=pn, lid=lid)

    # ---- linking companions ----

    def protect(self, credential_id: bytes, public_key: bytes) -> None:
        """Have whoever links from now on answer with this passkey: a P-256 key as an uncompressed point."""
        self.passkey = Passkey(credential_id, public_key)

    def link(self, pairing: Pairing, secret: bytes) -> None:
        """Link a client that this phone has met: vouch for it, or have it answer with the account's passkey first."""
        if self.passkey is None:
            self.vouch(pairing, secret)
        else:
            self._gate = pairing.ask_passkey(self.passkey, secret, lambda proved: self.vouch(pairing, proved))

    @property
    def passkey_code(self) -> str:
        """The code that it shows to be compared, after a passkey; empty before."""
        return self._gate.code if self._gate else ""

    def vouch(self, pairing: Pairing, secret: bytes) -> None:
        """Issue a client's identity under the ADV secret and have the server pass it on."""
        if len(self._account.devices) > MAX_COMPANIONS:
            raise Refused(409, "this account has too many companions")
        number = self._account.next_device
        self._account.next_device += 1
        identity = adv.DeviceIdentity(raw_id=self._raw_id, timestamp=self._hub.now, key_index=number)
        key, rng, forged = pairing.registration.identity, self._hub.rng, self._hub.plan.next_pairing()
        if forged == "hmac":
            secret = rng(len(secret))
        elif forged == "account_signature":
            key = KeyPair.generate(rng).public  # it vouches for another companion
        issued = adv.issue_identity(self.identity, key, secret, identity, rng=rng)
        pairing.send_success(self, self._account, number, issued)

    def linked(self, pairing: Pairing, signed: bytes) -> Device:
        """The client has countersigned: it is a device of this account from now on.

        Raises:
            PairingError: a signature does not verify.
        """
        registered: Registration = pairing.registration
        identity = adv.verify_identity(signed, registered.identity, self.identity.public)
        number = identity.identity.key_index
        device = Device(
            self._account,
            number,
            pairing.shelf(),
            key_index=number,
            noise_static=registered.noise_static,
            signed_identity=identity.serialize(account_key=True),
            wants_full_history=registered.wants_full_history,
        )
        self._account.devices[number] = device
        self.sign_key_indexes()
        announce(self._hub, device, "add")
        return device

    def sign_key_indexes(self) -> None:
        """Sign the list of companions that are valid now."""
        indexes = frozenset(device.key_index for device in self._account.companions)
        newest = self._account.next_device - 1
        valid = adv.KeyIndexList(
            raw_id=self._raw_id, timestamp=self._hub.now, current_index=newest, valid_indexes=indexes | {0}
        )
        self._account.key_index_list = adv.sign_key_indexes(self.identity, valid, rng=self._hub.rng)
        self._account.key_index_time = self._hub.now

    def type_code(self, pairing: Pairing, code: str) -> None:
        """The owner types a pairing code: answer the client's hello."""
        code = link_code.parse_code(code)
        ephemeral = KeyPair.generate(self._hub.rng)
        companion = link_code.unwrap_key(code, pairing.hello)
        self._code_shared = link_code.shared_secret(ephemeral.private, companion)
        pairing.confirmed_by(self)
        wrapped = link_code.wrap_key(code, ephemeral.public, self._hub.rng)
        pairing.send_primary_hello(wrapped, self.identity.public)

    def finish_code(self, bundle: bytes, companion_identity: bytes) -> bytes:
        """The ADV secret that a client's key bundle leads to; `Refused(403)` when the code was wrong."""
        try:
            return link_code.open_bundle(self._code_shared, bundle, self.identity, companion_identity)
        except PairingError as error:
            raise Refused(403, str(error)) from error

    def share_keys(self) -> None:
        """Bring all app state keys to all companions, as a phone does after it has made a new one."""
        if shared := self.state.share():
            for companion in self._account.companions:
                self.mail.send_peer(companion, shared)

    def greet(self, device: Device) -> None:
        """A companion has logged in for the first time: share the app state keys, and what the phone remembers."""
        if shared := self.state.share():
            self.mail.send_peer(device, shared)
        self.history.greet(device)


def account_of(hub: Hub, name: str) -> Account:
    """The account with this name, made with its phone when there is none yet."""
    account = hub.directory.find(name) if name else None
    if account is None:
        account = hub.directory.create(name)
        Phone(hub, account)
    return account


def scan(hub: Hub, text: str, name: str | None = None) -> Account:
    """Scan a QR code with the phone of `name`, by default the one that the client's push name says.

    `Refused(400)` when the text is no such code, `Refused(404)` when no connection shows it.
    """
    fields = text.strip().rpartition("#")[2].split(",")
    if len(fields) not in _QR_FIELDS:
        raise Refused(400, "the text is not a linking QR code: it needs four or five fields")
    pairing = hub.lobby.with_ref(fields[0])
    if pairing is None:
        raise Refused(404, "no connection shows this QR code; it may have expired")
    noise, identity, secret = (_decoded(field) for field in fields[1:4])
    registered = pairing.registration
    if (noise, identity) != (registered.noise_static, registered.identity):
        raise Refused(409, "the QR code names other keys than its connection registered")
    account = account_of(hub, registered.push_name if name is None else name)
    account.phone.link(pairing, secret or hub.settings.adv_secret)
    return account


def confirm_code(hub: Hub, phone: str, code: str) -> Account:
    """Type a pairing code into the phone with this number; made when nobody has the number.

    `Refused(404)` when no connection waits for it.
    """
    digits = phone.lstrip("+")
    pairing = hub.lobby.for_phone(digits)
    if pairing is None:
        raise Refused(404, "no connection waits for a pairing code of this number")
    account = hub.directory.find(digits)
    if account is None:
        account = hub.directory.create(pairing.registration.push_name, digits)
        Phone(hub, account)
    account.phone.type_code(pairing, code)
    return account


def _decoded(field: str) -> bytes:
    try:
        return base64.b64decode(field, validate=True)
    except ValueError as error:
        raise Refused(400, "a field of the QR code is not base64") from error
