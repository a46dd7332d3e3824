"""From decrypted bytes to what they mean: content for the user, work for the client, or both.

One stanza can bring several Messages, one for each `<enc>`: a sender key in the first, the text in the second. Nothing
is lost: content of an unknown kind keeps its name, and the whole protobuf stays at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from google.protobuf.message import DecodeError

from motte.core.message.content import action, context, event, poll
from motte.core.message.content.context import has_context
from motte.core.message.content.fields import jid, text
from motte.core.message.content.scene import Viewpoint
from motte.core.message.content.tables import READERS
from motte.core.message.kinds import kind_of
from motte.core.message.padding import unpad
from motte.core.message.protocol import ProtocolMessage, is_self_only, name_of, unknown_type
from motte.core.message.secrets import SECRET_SIZE
from motte.core.message.unwrap import DEVICE_SENT, Unwrapped, unwrap
from motte.errors import RemoteProtocolError
from motte.model.content import Content, InContext, UnsupportedContent
from motte.model.content.encrypted import Encrypted, SecretUse
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.e2e_pb2 import Message

_PROTOCOL: Final = "protocolMessage"


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
    that another own device sent. `message` is the protobuf as its sender wrote it: out of `deviceSentMessage`, which is
    for own devices, with the context that may have stood outside of that, and in all other wrappers.
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


def parse(message: Message, *, key: MessageKey, me: Me) -> Parsed:
    """What a Message says, given the key that its stanza has, and who `me` is.

    Raises:
        RemoteProtocolError: it is wrapped too deep, or a text is not UTF-8.
    """
    unwrapped = unwrap(message)
    inner = unwrapped.message
    if DEVICE_SENT in unwrapped.wrappers and not key.from_me:
        return Parsed(message=message, distribution=_distribution(message), forged=DEVICE_SENT)
    protocol, unknown, forged = None, None, None
    if inner.HasField("protocolMessage"):
        if is_self_only(inner.protocolMessage) and not key.from_me:
            forged = name_of(inner.protocolMessage)
        else:
            unknown = unknown_type(inner.protocolMessage)
            protocol = inner.protocolMessage if unknown is None else None
    destination = jid(unwrapped.destination or "")
    if destination is not None:
        key = replace(key, chat=destination)
    return Parsed(
        message=_whole(message, unwrapped),
        content=_content(unwrapped, key, me) if forged is None else None,
        protocol=protocol,
        unknown_protocol=unknown,
        distribution=_distribution(message) or _distribution(inner),
        secret=_secret(unwrapped),
        destination=destination,
        is_view_once=unwrapped.is_view_once,
        wrappers=unwrapped.wrappers,
        forged=forged,
    )


def opened(encrypted: Encrypted, plaintext: bytes, *, key: MessageKey, me: Me) -> Content | None:
    """The content that was `encrypted` with a message's secret, decrypted (`core.message.secrets`).

    None when there is nothing to show for it.

    Raises:
        RemoteProtocolError: the plaintext is not what it should be.
    """
    view = Viewpoint(key=key, me=me, nested=_nested)
    try:
        match encrypted.use:
            case SecretUse.POLL_VOTE:
                return poll.opened_vote(plaintext, encrypted)
            case SecretUse.EVENT_RESPONSE:
                return event.opened_response(plaintext, encrypted)
            case SecretUse.REACTION:
                return action.opened_reaction(plaintext, encrypted)
            case SecretUse.COMMENT:
                return action.opened_comment(plaintext, encrypted, view)
            case SecretUse.EVENT_EDIT | SecretUse.MESSAGE_EDIT:
                return action.opened_edit(plaintext, encrypted, view)
    except DecodeError:
        raise RemoteProtocolError(f"what was sealed as {encrypted.use} is not its protobuf") from None
    return None


def _whole(message: Message, unwrapped: Unwrapped) -> Message:
    whole = message
    while whole.HasField(DEVICE_SENT) and whole.deviceSentMessage.HasField("message"):
        whole = whole.deviceSentMessage.message
    if unwrapped.context is not None and not whole.HasField("messageContextInfo"):
        copy = Message()
        copy.CopyFrom(whole)
        copy.messageContextInfo.CopyFrom(unwrapped.context)
        return copy
    return whole


def _distribution(message: Message) -> Distribution | None:
    skdm = message.senderKeyDistributionMessage
    if not skdm.axolotlSenderKeyDistributionMessage:
        return None
    return Distribution(text(skdm.groupId), skdm.axolotlSenderKeyDistributionMessage)


def _secret(unwrapped: Unwrapped) -> bytes | None:
    secret = unwrapped.context.messageSecret if unwrapped.context is not None else b""
    return secret if len(secret) == SECRET_SIZE else None


def _content(unwrapped: Unwrapped, key: MessageKey, me: Me) -> Content | None:
    """The content of a Message; None when there is none, as beside a sender key."""
    view = Viewpoint(key=key, me=me, nested=_nested, context=unwrapped.context, view_once=unwrapped.is_view_once)
    return _read(unwrapped.message, view)


def _nested(message: Message, view: Viewpoint) -> Content | None:
    """The content of a message inside another; only what is said can be there."""
    content = _read(unwrap(message).message, view)
    return content if isinstance(content, InContext | UnsupportedContent) else None


def _read(message: Message, view: Viewpoint) -> Content | None:
    kind = kind_of(message)
    if kind is None:
        return None
    read = READERS.get(kind)
    content = read(message, view) if read is not None else None
    if content is None:
        return UnsupportedContent(kind) if kind != _PROTOCOL else None
    if isinstance(content, InContext):
        said = getattr(message, kind)
        if has_context(said) and said.HasField("contextInfo"):
            # Each kind of content has the fields of `InContext`; the type checker cannot follow that through a union.
            content = replace(content, **context.read(said.contextInfo, view))
    return content
