"""The Message protobufs that this client sends.

    text                Message{extendedTextMessage{text, contextInfo{…}}, messageContextInfo{messageSecret}}
    to own devices      Message{deviceSentMessage{destinationJid, message}, messageContextInfo}
    sender key          Message{senderKeyDistributionMessage{groupId, axolotlSenderKeyDistributionMessage}}

Every message gets a secret of its own: later edits, votes and the like are encrypted with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from motte.core.crypto.rng import Rng
from motte.core.message.padding import pad
from motte.core.message.unwrap import unwrap
from motte.model.jid import Jid
from motte.model.message import MessageKey
from motte.proto.e2e_pb2 import ContextInfo, Message

SECRET_SIZE: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A message to answer: its key and what it said."""

    key: MessageKey
    message: Message


def text(
    body: str,
    *,
    chat: Jid,
    rng: Rng,
    mentions: Sequence[Jid] = (),
    quote: Quote | None = None,
    expiration: int | None = None,
) -> Message:
    """A text for `chat`; `expiration` is the chat's disappearing timer in seconds."""
    message = Message(extendedTextMessage=Message.ExtendedTextMessage(text=body))
    context = message.extendedTextMessage.contextInfo
    context.mentionedJid.extend(str(jid.user_jid) for jid in mentions)
    if expiration:
        context.expiration = expiration
    if quote is not None:
        _quote(context, quote, chat)
    if not context.ListFields():
        message.extendedTextMessage.ClearField("contextInfo")
    message.messageContextInfo.messageSecret = rng(SECRET_SIZE)
    return message


def _quote(context: ContextInfo, quote: Quote, chat: Jid) -> None:
    """Put the quoted message in, without what it quoted itself and without its secret."""
    context.stanzaId = quote.key.id
    context.participant = str(quote.key.sender.user_jid)
    if quote.key.chat != chat:
        context.remoteJid = str(quote.key.chat)
    quoted = Message()
    quoted.CopyFrom(unwrap(quote.message).message)
    quoted.ClearField("messageContextInfo")
    for _, content in quoted.ListFields():
        if "contextInfo" in getattr(getattr(content, "DESCRIPTOR", None), "fields_by_name", ()):
            content.ClearField("contextInfo")
    context.quotedMessage.CopyFrom(quoted)


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
