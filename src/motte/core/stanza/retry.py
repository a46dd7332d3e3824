"""Retry receipts: a device could not decrypt a message and asks for it again.

    <receipt id="3EB0…" type="retry" from="15550100002:4@s.whatsapp.net" [participant] [recipient] t="…">
      <retry count="1" id="3EB0…" t="1700000000" v="1" error="0"/>
      <registration>4 bytes</registration>
      [<keys>
        <type>05</type> <identity>32 bytes</identity> <key>…</key> <skey>…</skey>
        <device-identity>ADVSignedDeviceIdentity</device-identity>
      </keys>]
    </receipt>

Ours has `to` where theirs has `from`, and repeats `participant` and `recipient` of the message. With the keys the
sender can open a new session without asking the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from motte.core.binary.node import Node
from motte.core.crypto.curve import DJB_TYPE
from motte.core.signal.bundle import PreKeyBundle
from motte.core.signal.keys import PreKey, SignedPreKey
from motte.core.stanza.build import Attrs, element, number
from motte.core.stanza.header import Header
from motte.core.stanza.prekeys import REGISTRATION_SIZE, prekey_node, read_bundle, signed_prekey_node
from motte.core.stanza.reader import Reader
from motte.core.stanza.receipt import IncomingReceipt
from motte.model.jid import Jid
from motte.model.me import Me

VERSION: Final = 1


class RetryReason(IntEnum):
    """Why a message could not be decrypted, as WhatsApp numbers it."""

    UNKNOWN = 0
    NO_SESSION = 1
    INVALID_KEY = 2
    INVALID_KEY_ID = 3
    INVALID_MESSAGE = 4
    INVALID_SIGNATURE = 5
    FUTURE_MESSAGE = 6
    BAD_MAC = 7
    INVALID_SESSION = 8
    INVALID_MESSAGE_KEY = 9
    BAD_BROADCAST_EPHEMERAL = 10
    UNKNOWN_COMPANION = 11
    ADV_FAILURE = 12
    STATUS_REVOKE_DELAY = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryKeys:
    """The own keys that go with a retry receipt; `device_identity` is the ADVSignedDeviceIdentity with account key."""

    identity: bytes
    prekey: PreKey
    signed_prekey: SignedPreKey
    device_identity: bytes

    def node(self) -> Node:
        """`<keys>`."""
        body = [
            element("type", body=DJB_TYPE),
            element("identity", body=self.identity),
            prekey_node(self.prekey),
            signed_prekey_node(self.signed_prekey),
            element("device-identity", body=self.device_identity),
        ]
        return element("keys", body=body)


def request(
    header: Header,
    *,
    count: int,
    registration_id: int,
    keys: RetryKeys | None = None,
    reason: RetryReason = RetryReason.UNKNOWN,
) -> Node:
    """Ask for the message with this header again, for the `count`-th time (from 1)."""
    attrs: Attrs = {
        "id": header.id,
        "type": "retry",
        "to": header.source,
        "participant": header.participant,
        "recipient": header.recipient,
    }
    retry: Attrs = {"count": count, "id": header.id, "t": header.t or 0, "v": VERSION, "error": int(reason)}
    registration = number("registration", registration_id, REGISTRATION_SIZE)
    return element("receipt", attrs, [element("retry", retry), registration, keys.node() if keys else None])


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingRetry:
    """`requester` (a device) could not decrypt `ids` of `chat`; `by_me` when it is another device of this account.

    `registration_id` is the device's own; `bundle` opens a new session, when the device sent its keys.
    """

    header: Header
    chat: Jid
    requester: Jid
    by_me: bool
    ids: tuple[str, ...]
    count: int
    reason: int = RetryReason.UNKNOWN
    registration_id: int | None = None
    bundle: PreKeyBundle | None = None

    @classmethod
    def read(cls, receipt: Reader, me: Me) -> IncomingRetry:
        """The value of a `<receipt type="retry">`."""
        common = IncomingReceipt.read(receipt, me)
        about, retry = common.receipts[0], receipt.child("retry")
        registration, keys = receipt.optional_child("registration"), receipt.optional_child("keys")
        registration_id = registration.number(REGISTRATION_SIZE) if registration else None
        if keys is not None and registration_id is None:
            raise receipt.error("has keys but no <registration>")
        return cls(
            header=common.header,
            chat=about.chat,
            requester=about.sender,
            by_me=about.by_me,
            ids=about.ids,
            count=retry.optional_integer("count", high=255) or 1,
            reason=retry.optional_integer("error", high=255) or RetryReason.UNKNOWN,
            registration_id=registration_id,
            bundle=read_bundle(keys, registration_id, about.sender.device)
            if keys and registration_id is not None
            else None,
        )
