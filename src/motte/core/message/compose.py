"""The Message protobufs that this client sends.

    content             Message{<kind>{…, contextInfo{…}}, messageContextInfo{messageSecret}}
    seen once           Message{viewOnceMessageV2{message{<kind>}}, …}       sounds: viewOnceMessageV2Extension
    with a caption      Message{documentWithCaptionMessage{message{documentMessage}}, …}
    Lottie              Message{lottieStickerMessage{message{stickerMessage}}, …}
    to own devices      Message{deviceSentMessage{destinationJid, message}, messageContextInfo}
    sender key          Message{senderKeyDistributionMessage{groupId, axolotlSenderKeyDistributionMessage}}

What is said gets a secret of its own: later edits, votes and the like are encrypted with it. What is done to another
message, or set in the chat, has none.
"""

from __future__ import annotations

from typing import Final

from motte.core.crypto.rng import Rng
from motte.core.message.content.context import Quote, bare, has_context, refer
from motte.core.message.content.scene import Scene, wire_key
from motte.core.message.content.tables import BUILDERS
from motte.core.message.kinds import kind_of
from motte.core.message.padding import pad
from motte.core.message.secrets import SECRET_SIZE, Sealing
from motte.core.message.unwrap import unwrap
from motte.errors import LocalProtocolError
from motte.model.content import Content
from motte.model.content.context import InContext
from motte.model.content.media import Audio, Document, Image, Sticker, Video, VideoNote, VoiceNote
from motte.model.jid import Jid
from motte.proto.e2e_pb2 import ContextInfo, Message, MessageAssociation

__all__ = ["SECRET_SIZE", "Quote", "Sealing", "device_sent", "distribution", "encode", "forward", "message"]

_NOT_FORWARDED: Final = frozenset(
    {
        "protocolMessage",
        "reactionMessage",
        "encReactionMessage",
        "pollUpdateMessage",
        "encEventResponseMessage",
        "pinInChatMessage",
        "keepInChatMessage",
        "commentMessage",
        "encCommentMessage",
        "secretEncryptedMessage",
    }
)


def message(
    content: Content,
    *,
    chat: Jid,
    now: float,
    rng: Rng,
    quote: Quote | None = None,
    expiration: int | None = None,
    sealing: Sealing | None = None,
) -> Message:
    """The protobuf of `content` for `chat`.

    Args:
        content: what to say or do; files have to be uploaded.
        chat: where it is sent to.
        now: unix seconds.
        rng: for the secret.
        quote: the message that is answered.
        expiration: the chat's disappearing timer in seconds.
        sealing: the secret of the message that is acted on: votes and answers to events need it; a reaction, a comment
            and an edit are encrypted with it when it is given, which announcement groups ask for.

    Raises:
        LocalProtocolError: this cannot be sent: a kind that is only received, a file that was not uploaded, a quotation
            where none fits, values that make no sense.
    """
    scene = Scene(chat=chat, now=now, rng=rng, nested=_nested, sealing=sealing)
    built = _build(content, scene, quote=quote, expiration=None if chat.is_newsletter else expiration)
    if isinstance(content, InContext):
        built.messageContextInfo.messageSecret = rng(SECRET_SIZE)
    album = content.album if isinstance(content, Image | Video) else None
    if album is not None:
        association = built.messageContextInfo.messageAssociation
        association.associationType = MessageAssociation.MEDIA_ALBUM
        association.parentMessageKey.CopyFrom(wire_key(album))
    return built


def _nested(content: Content, scene: Scene) -> Message:
    if not isinstance(content, InContext):
        raise LocalProtocolError(f"{type(content).__name__} cannot be inside another message")
    return _build(content, scene, quote=None, expiration=None)


def _build(content: Content, scene: Scene, *, quote: Quote | None, expiration: int | None) -> Message:
    builder = BUILDERS.get(type(content))
    if builder is None:
        raise LocalProtocolError(f"{type(content).__name__} can be received, but not sent")
    built = builder(content, scene)
    if isinstance(content, InContext):
        _put(built, refer(content, chat=scene.chat, quote=quote, expiration=expiration))
    elif quote is not None:
        raise LocalProtocolError(f"{type(content).__name__} cannot quote a message")
    return _wrapped(built, content)


def _put(message: Message, context: ContextInfo) -> None:
    """Put the context into the one kind that a message holds."""
    kind = kind_of(message)
    if kind is not None and context.ListFields():
        getattr(message, kind).contextInfo.CopyFrom(context)


def _wrapped(message: Message, content: Content) -> Message:
    wrapper = _wrapper(content)
    if wrapper is None:
        return message
    inner = Message.FutureProofMessage(message=message)
    wrapped = Message()
    getattr(wrapped, wrapper).CopyFrom(inner)
    return wrapped


def _wrapper(content: Content) -> str | None:
    match content:
        case Image(view_once=True) | Video(view_once=True) | VideoNote(view_once=True):
            return "viewOnceMessageV2"
        case Audio(view_once=True) | VoiceNote(view_once=True):
            return "viewOnceMessageV2Extension"
        case Document(caption=caption) if caption:
            return "documentWithCaptionMessage"
        case Sticker(lottie=True):
            return "lottieStickerMessage"
    return None


def forward(
    original: Message, *, rng: Rng, expiration: int | None = None, from_me: bool = False, force: bool = False
) -> Message:
    """A received or sent message, whole, to be sent to another chat.

    Its forwarding score grows by one, except that an own message (`from_me`) counts only with `force`. What it quoted
    and whom it mentioned stays behind; it gets a new secret.

    Raises:
        LocalProtocolError: it holds nothing that could be forwarded, or may be seen once only.
    """
    unwrapped, copy = unwrap(original), bare(original)
    kind = kind_of(copy)
    if kind is None or kind in _NOT_FORWARDED or unwrapped.is_view_once:
        raise LocalProtocolError("this message cannot be forwarded")
    score = _score(unwrapped.message, kind) + (0 if from_me and not force else 1)
    if kind == "conversation":
        copy = Message(extendedTextMessage=Message.ExtendedTextMessage(text=copy.conversation))
        kind = "extendedTextMessage"
    if has_context(getattr(copy, kind)):
        _put(copy, ContextInfo(forwardingScore=score or None, isForwarded=score > 0 or None, expiration=expiration))
    if kind == "documentMessage" and copy.documentMessage.caption:
        copy = Message(documentWithCaptionMessage=Message.FutureProofMessage(message=copy))
    copy.messageContextInfo.messageSecret = rng(SECRET_SIZE)
    return copy


def _score(message: Message, kind: str) -> int:
    said = getattr(message, kind)
    return int(said.contextInfo.forwardingScore) if has_context(said) else 0


def device_sent(message: Message, chat: Jid) -> Message:
    """What the own other devices get: the message and the chat that it went to."""
    wrapped = Message(deviceSentMessage=Message.DeviceSentMessage(destinationJid=str(chat), message=message))
    if message.HasField("messageContextInfo"):
        wrapped.messageContextInfo.CopyFrom(message.messageContextInfo)
    return wrapped


def distribution(group: Jid, sender_key: bytes) -> Message:
    """What hands a group's sender key to one device."""
    return Message(
        senderKeyDistributionMessage=Message.SenderKeyDistributionMessage(
            groupId=str(group), axolotlSenderKeyDistributionMessage=sender_key
        )
    )


def encode(message: Message, rng: Rng) -> bytes:
    """The padded bytes to encrypt; the same ones will do for all devices."""
    return pad(message.SerializeToString(), rng)
