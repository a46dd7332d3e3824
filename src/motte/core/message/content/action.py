"""What is done to another message.

    reactionMessage{key, text, senderTimestampMs}
    protocolMessage{key, type=REVOKE}
    protocolMessage{key, type=MESSAGE_EDIT, editedMessage{…}, timestampMs}
    pinInChatMessage{key, type, senderTimestampMs} + messageContextInfo{messageAddOnDurationInSecs}
    keepInChatMessage{key, keepType, timestampMs}
    commentMessage{message{…}, targetMessageKey}

With the secret of the message, where that is asked for (announcement groups, and events):

    encReactionMessage{targetMessageKey, encPayload, encIv}        sealed ReactionMessage, without its key
    encCommentMessage{targetMessageKey, encPayload, encIv}         sealed Message
    secretEncryptedMessage{targetMessageKey, encPayload, encIv, secretEncType}     sealed Message: the new content
"""

from __future__ import annotations

from typing import Final

from google.protobuf.message import DecodeError

from motte.core.message.content.event import read_event
from motte.core.message.content.fields import text
from motte.core.message.content.scene import Builder, Reader, Scene, Viewpoint, wire_key
from motte.errors import LocalProtocolError
from motte.model.content.action import Comment, Edit, Keep, Pin, Reaction, Revoke, Unpin
from motte.model.content.encrypted import Encrypted, SecretUse
from motte.model.content.event import Event
from motte.model.key import MessageKey
from motte.proto.e2e_pb2 import KeepType, Message, MessageContextInfo
from motte.proto.message_key_pb2 import MessageKey as WireKey

_Protocol = Message.ProtocolMessage
_Pin = Message.PinInChatMessage
_Secret = Message.SecretEncryptedMessage
_EDITS: Final = {_Secret.EVENT_EDIT: SecretUse.EVENT_EDIT, _Secret.MESSAGE_EDIT: SecretUse.MESSAGE_EDIT}


def _reaction(content: Reaction, scene: Scene) -> Message:
    sent_at = content.timestamp_ms or scene.now_ms
    if scene.sealing is None:
        key = wire_key(content.target)
        return Message(reactionMessage=Message.ReactionMessage(key=key, text=content.emoji, senderTimestampMs=sent_at))
    plaintext = Message.ReactionMessage(text=content.emoji, senderTimestampMs=sent_at).SerializeToString()
    payload, iv = scene.seal(plaintext, SecretUse.REACTION, content.target)
    return Message(
        encReactionMessage=Message.EncReactionMessage(
            targetMessageKey=wire_key(content.target), encPayload=payload, encIv=iv
        )
    )


def _revoke(content: Revoke, scene: Scene) -> Message:
    return Message(protocolMessage=_Protocol(key=wire_key(content.target), type=_Protocol.REVOKE))


def _edit(content: Edit, scene: Scene) -> Message:
    if not content.target.from_me:
        raise LocalProtocolError("only an own message can be edited")
    new = scene.nested(content.content, scene)
    if scene.sealing is not None:
        kind = _Secret.EVENT_EDIT if isinstance(content.content, Event) else _Secret.MESSAGE_EDIT
        payload, iv = scene.seal(new.SerializeToString(), _EDITS[kind], content.target)
        target = wire_key(content.target)
        return Message(
            secretEncryptedMessage=_Secret(targetMessageKey=target, encPayload=payload, encIv=iv, secretEncType=kind)
        )
    if isinstance(content.content, Event):
        raise LocalProtocolError("an event is edited with its secret, which is not known")
    return Message(
        protocolMessage=_Protocol(
            key=wire_key(content.target),
            type=_Protocol.MESSAGE_EDIT,
            editedMessage=new,
            timestampMs=content.timestamp_ms or scene.now_ms,
        )
    )


def _pin(content: Pin, scene: Scene) -> Message:
    return _pinned(content, scene, _Pin.PIN_FOR_ALL, content.duration)


def _unpin(content: Unpin, scene: Scene) -> Message:
    return _pinned(content, scene, _Pin.UNPIN_FOR_ALL, 0)


def _pinned(content: Pin | Unpin, scene: Scene, kind: _Pin.Type.ValueType, duration: int) -> Message:
    sent_at = content.timestamp_ms or scene.now_ms
    return Message(
        pinInChatMessage=_Pin(key=wire_key(content.target), type=kind, senderTimestampMs=sent_at),
        messageContextInfo=MessageContextInfo(messageAddOnDurationInSecs=duration),
    )


def _keep(content: Keep, scene: Scene) -> Message:
    kind = KeepType.KEEP_FOR_ALL if content.keep else KeepType.UNDO_KEEP_FOR_ALL
    sent_at = content.timestamp_ms or scene.now_ms
    return Message(
        keepInChatMessage=Message.KeepInChatMessage(key=wire_key(content.target), keepType=kind, timestampMs=sent_at)
    )


def _comment(content: Comment, scene: Scene) -> Message:
    target, said = wire_key(content.target), scene.nested(content.content, scene)
    if scene.sealing is None:
        return Message(commentMessage=Message.CommentMessage(message=said, targetMessageKey=target))
    payload, iv = scene.seal(said.SerializeToString(), SecretUse.COMMENT, content.target)
    return Message(encCommentMessage=Message.EncCommentMessage(targetMessageKey=target, encPayload=payload, encIv=iv))


def _read_reaction(message: Message, view: Viewpoint) -> Reaction:
    return _said_with_emoji(message.reactionMessage, view.target(message.reactionMessage.key))


def _said_with_emoji(wire: Message.ReactionMessage, target: MessageKey) -> Reaction:
    return Reaction(target=target, emoji=text(wire.text), timestamp_ms=wire.senderTimestampMs or None)


def read_revoke(wire: _Protocol, view: Viewpoint) -> Revoke | None:
    """A deletion."""
    return Revoke(target=view.target(wire.key)) if wire.HasField("key") else None


def read_edit(wire: _Protocol, view: Viewpoint) -> Edit | None:
    """An edit in the open."""
    if not wire.HasField("key") or not wire.HasField("editedMessage"):
        return None
    content = view.nested(wire.editedMessage, view)
    if content is None:
        return None
    return Edit(target=view.target(wire.key), content=content, timestamp_ms=wire.timestampMs or None)


def _read_pin(message: Message, view: Viewpoint) -> Pin | Unpin | None:
    wire = message.pinInChatMessage
    target, sent_at = view.target(wire.key), wire.senderTimestampMs or None
    match wire.type:
        case _Pin.PIN_FOR_ALL:
            duration = view.context.messageAddOnDurationInSecs if view.context is not None else 0
            return Pin(target=target, duration=duration, timestamp_ms=sent_at)
        case _Pin.UNPIN_FOR_ALL:
            return Unpin(target=target, timestamp_ms=sent_at)
    return None


def _read_keep(message: Message, view: Viewpoint) -> Keep | None:
    wire = message.keepInChatMessage
    if wire.keepType not in (KeepType.KEEP_FOR_ALL, KeepType.UNDO_KEEP_FOR_ALL):
        return None
    keep = wire.keepType == KeepType.KEEP_FOR_ALL
    return Keep(target=view.target(wire.key), keep=keep, timestamp_ms=wire.timestampMs or None)


def _read_comment(message: Message, view: Viewpoint) -> Comment | None:
    wire = message.commentMessage
    content = view.nested(wire.message, view)
    return Comment(target=view.target(wire.targetMessageKey), content=content) if content is not None else None


def _read_enc_reaction(message: Message, view: Viewpoint) -> Encrypted:
    wire = message.encReactionMessage
    return _encrypted(SecretUse.REACTION, wire.targetMessageKey, wire.encPayload, wire.encIv, view)


def _read_enc_comment(message: Message, view: Viewpoint) -> Encrypted:
    wire = message.encCommentMessage
    return _encrypted(SecretUse.COMMENT, wire.targetMessageKey, wire.encPayload, wire.encIv, view)


def _read_secret(message: Message, view: Viewpoint) -> Encrypted | None:
    wire = message.secretEncryptedMessage
    use = _EDITS.get(wire.secretEncType)
    return _encrypted(use, wire.targetMessageKey, wire.encPayload, wire.encIv, view) if use is not None else None


def _encrypted(use: SecretUse, target: WireKey, payload: bytes, iv: bytes, view: Viewpoint) -> Encrypted:
    return Encrypted(use=use, target=view.target(target), payload=payload, iv=iv)


def opened_reaction(plaintext: bytes, encrypted: Encrypted) -> Reaction:
    """A reaction that was decrypted; may raise `DecodeError`."""
    return _said_with_emoji(Message.ReactionMessage.FromString(plaintext), encrypted.target)


def opened_comment(plaintext: bytes, encrypted: Encrypted, view: Viewpoint) -> Comment | None:
    """A comment that was decrypted; may raise `DecodeError`."""
    content = view.nested(Message.FromString(plaintext), view)
    return Comment(target=encrypted.target, content=content) if content is not None else None


def opened_edit(plaintext: bytes, encrypted: Encrypted, view: Viewpoint) -> Edit | None:
    """New content that was decrypted; may raise `DecodeError`.

    Some write an event bare, without a Message around it.
    """
    event = _new_event(plaintext) if encrypted.use is SecretUse.EVENT_EDIT else None
    content = event or view.nested(Message.FromString(plaintext), view)
    return Edit(target=encrypted.target, content=content) if content is not None else None


def _new_event(plaintext: bytes) -> Event | None:
    try:
        bare = Message.EventMessage.FromString(plaintext)
    except DecodeError:
        return None
    return read_event(bare) if bare.name else None


BUILDERS: Final[dict[type, Builder]] = {
    Reaction: _reaction,
    Revoke: _revoke,
    Edit: _edit,
    Pin: _pin,
    Unpin: _unpin,
    Keep: _keep,
    Comment: _comment,
}
READERS: Final[dict[str, Reader]] = {
    "reactionMessage": _read_reaction,
    "pinInChatMessage": _read_pin,
    "keepInChatMessage": _read_keep,
    "commentMessage": _read_comment,
    "encReactionMessage": _read_enc_reaction,
    "encCommentMessage": _read_enc_comment,
    "secretEncryptedMessage": _read_secret,
}
