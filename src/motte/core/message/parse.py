"""From decrypted bytes to what they mean: content for the user, work for the client, or both.

One stanza can bring several Messages, one for each `<enc>`: a sender key in the first, the text in the second. Nothing
is lost: content of an unknown kind keeps its name, and the whole protobuf stays at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.message.compose import SECRET_SIZE
from motte.core.message.kinds import kind_of
from motte.core.message.padding import unpad
from motte.core.message.protocol import ProtocolMessage, is_self_only, name_of, unknown_type
from motte.core.message.unwrap import DEVICE_SENT, Unwrapped, unwrap
from motte.errors import InvalidJid, RemoteProtocolError
from motte.model.jid import Jid
from motte.model.message import Content, Quoted, Text, UnsupportedContent
from motte.proto.e2e_pb2 import ContextInfo, Message

MAX_MENTIONS: Final = 4096


@dataclass(frozen=True, slots=True)
class Distribution:
    """A sender key that the message's sender hands out; it is for the chat of the stanza, `group` is its own claim."""

    group: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What one Message says.

    `content` is for the user; `protocol` is for the client (`unknown_protocol` is the number of a type that the schema
    does not know); `distribution` belongs in the store of sender keys.
    `forged` names what was left out because only the own account may send it. `destination` is the chat of a message
    that another own device sent. `message` is the innermost protobuf.
    """

    message: Message
    content: Content | None = None
    protocol: ProtocolMessage | None = None
    unknown_protocol: int | None = None
    distribution: Distribution | None = None
    secret: bytes | None = field(default=None, repr=False)
    destination: Jid | None = None
    is_view_once: bool = False
    wrappers: tuple[str, ...] = ()
    forged: str | None = None

    @property
    def says_something(self) -> bool:
        """Whether there is anything in it for the user or the client, beside a sender key."""
        return self.content is not None or self.protocol is not None or self.unknown_protocol is not None


def decode(plaintext: bytes, *, padded: bool = True) -> Message:
    """The protobuf in decrypted bytes; those of newsletters are not `padded`.

    Raises:
        RemoteProtocolError: the padding is wrong, or it is no Message.
    """
    try:
        return Message.FromString(unpad(plaintext) if padded else plaintext)
    except DecodeError:
        raise RemoteProtocolError("a decrypted message is not a Message protobuf") from None


def parse(message: Message, *, from_me: bool) -> Parsed:
    """What a Message says, given whether the own account sent the stanza.

    Raises:
        RemoteProtocolError: it is wrapped too deep, or a text is not UTF-8.
    """
    unwrapped = unwrap(message)
    inner = unwrapped.message
    if DEVICE_SENT in unwrapped.wrappers and not from_me:
        return Parsed(message=inner, distribution=_distribution(message), forged=DEVICE_SENT)
    content, protocol, unknown, forged = None, None, None, None
    if not inner.HasField("protocolMessage"):
        content = _content(inner)
    elif is_self_only(inner.protocolMessage) and not from_me:
        forged = name_of(inner.protocolMessage)
    else:
        unknown = unknown_type(inner.protocolMessage)
        protocol = inner.protocolMessage if unknown is None else None
    return Parsed(
        message=inner,
        content=content,
        protocol=protocol,
        unknown_protocol=unknown,
        distribution=_distribution(message) or _distribution(inner),
        secret=_secret(unwrapped),
        destination=_jid(unwrapped.destination or ""),
        is_view_once=unwrapped.is_view_once,
        wrappers=unwrapped.wrappers,
        forged=forged,
    )


def _distribution(message: Message) -> Distribution | None:
    skdm = message.senderKeyDistributionMessage
    if not skdm.axolotlSenderKeyDistributionMessage:
        return None
    return Distribution(_utf8(skdm.groupId), skdm.axolotlSenderKeyDistributionMessage)


def _secret(unwrapped: Unwrapped) -> bytes | None:
    secret = unwrapped.context.messageSecret if unwrapped.context is not None else b""
    return secret if len(secret) == SECRET_SIZE else None


def _content(message: Message, *, quoting: bool = True) -> Content | None:
    """The content of a Message; None when there is none, as beside a sender key."""
    kind = kind_of(message)
    match kind:
        case None:
            return None
        case "conversation":
            return Text(text=_utf8(message.conversation))
        case "extendedTextMessage":
            extended = message.extendedTextMessage
            if not extended.HasField("contextInfo"):
                return Text(text=_utf8(extended.text))
            context = extended.contextInfo
            mentions = tuple(jid for jid in map(_jid, context.mentionedJid[:MAX_MENTIONS]) if jid is not None)
            return Text(text=_utf8(extended.text), mentions=mentions, quoted=_quoted(context) if quoting else None)
    return UnsupportedContent(kind)


def _quoted(context: ContextInfo) -> Quoted | None:
    """The quoted message, one level deep."""
    if not context.stanzaId:
        return None
    content: Content | None = None
    if context.HasField("quotedMessage"):
        content = _content(unwrap(context.quotedMessage).message, quoting=False)
    return Quoted(
        id=_utf8(context.stanzaId), sender=_jid(context.participant), chat=_jid(context.remoteJid), content=content
    )


def _utf8(text: str) -> str:
    """A string field, checked: the parser hands out `bytes` when a peer wrote something that is no UTF-8."""
    if not isinstance(text, str):
        raise RemoteProtocolError("a message holds a text that is not UTF-8")
    return text


def _jid(text: str) -> Jid | None:
    """The JID that a peer wrote into a message; None when it is none."""
    try:
        return Jid.parse(_utf8(text)).user_jid if text else None
    except InvalidJid:
        return None
