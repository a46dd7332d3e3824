"""Acks: the server forgets a stanza when it is acked; our message is accepted when the server acks it.

    <ack class="message" id="…" to="15550100002@s.whatsapp.net" from="15550100001:3@s.whatsapp.net"
         [participant="…"] [recipient="…"] [type="text"] [error="500"]/>
    <ack class="receipt|notification|call" id="…" to="…" [participant] [recipient] [type]/>

    <ack class="message" id="3EB0…" from="15550100002@s.whatsapp.net" t="1700000000" [phash="2:…"] [error="479"]/>

A decrypted message is answered with a receipt and not with an ack; an ack is for everything else, and, with an error
code, for a message that could not be used. `from` stands on acks of messages only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from motte.core.binary.node import Node
from motte.core.stanza.build import Attrs, element
from motte.core.stanza.header import Header
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.model.me import Me


class Nack(IntEnum):
    """The error codes with which a client refuses a stanza."""

    PARSING_ERROR = 487
    UNRECOGNIZED_STANZA = 488
    UNRECOGNIZED_CLASS = 489
    UNRECOGNIZED_TYPE = 490
    INVALID_PROTOBUF = 491
    INVALID_HOSTED_COMPANION = 493
    MISSING_MESSAGE_SECRET = 495
    OLD_COUNTER = 496
    DELETED_ON_PEER = 499
    UNHANDLED_ERROR = 500
    UNSUPPORTED_ADMIN_REVOKE = 550
    UNSUPPORTED_LID_GROUP = 551
    DATABASE_FAILED = 552


def ack(header: Header, me: Me | None, error: int | None = None) -> Node:
    """The ack of an incoming stanza, or with `error` (see `Nack`) its refusal. `me` is None before the pairing."""
    attrs: Attrs = {
        "class": header.tag,
        "id": header.id,
        "to": header.source,
        "error": error,
        "participant": header.participant,
        "recipient": header.recipient,
        "type": header.type,
        "from": me.pn if me is not None and header.tag == "message" else None,
    }
    return element("ack", attrs)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingAck:
    """The server has taken one of our stanzas of the given class (`message`, `receipt`, …), or refused it with `error`.

    `t` is the time that the server gave a message. A `phash` says that the server knows another list of devices than
    the message was encrypted for.
    """

    kind: str
    id: str
    source: Jid | None = None
    participant: Jid | None = None
    t: int | None = None
    error: int | None = None
    phash: str | None = None

    @classmethod
    def read(cls, ack: Reader) -> IncomingAck:
        """The value of an `<ack>`."""
        return cls(
            kind=ack.optional_text("class") or "",
            id=ack.text("id"),
            source=ack.optional_jid("from"),
            participant=ack.optional_jid("participant"),
            t=ack.optional_integer("t"),
            error=ack.optional_integer("error"),
            phash=ack.optional_text("phash"),
        )


_HINTS: Final = {
    400: "the server could not read the stanza",
    401: "this account may not write there",
    403: "this account may not write there",
    404: "there is no such chat",
    405: "the server does not allow this kind of message there",
    406: "the server does not accept the content",
    408: "the server was too slow; send it again",
    420: "the group's participants changed; fetch the group again and resend",
    421: "the list of devices is stale; fetch it again and resend",
    429: "too many messages; slow down",
    463: "the account is restricted: it may not start chats with people that it has no privacy token of; do not retry",
    475: "the account is restricted for now",
    479: "the stanza is not valid for this recipient, often because of a stale device or session",
    500: "the server failed; send it again later",
    503: "the server cannot take messages now; send it again later",
}


def hint(code: int) -> str:
    """One sentence on what an ack's error code means and what to do."""
    return _HINTS.get(code, "an error that this version does not know")
