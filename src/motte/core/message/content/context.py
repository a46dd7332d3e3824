"""What a message refers to.

    <kind>{…, contextInfo{stanzaId, participant, quotedMessage, remoteJid, mentionedJid[…], nonJidMentions,
                          forwardingScore, isForwarded, expiration, ephemeralSettingTimestamp}}

It lies inside the kind itself, not beside it and not on a wrapper around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypedDict

from motte.core.message.content.fields import jid, text
from motte.core.message.content.scene import Viewpoint
from motte.core.message.unwrap import unwrap
from motte.model.content.context import InContext, Quoted
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.proto.e2e_pb2 import ContextInfo, Message

MAX_MENTIONS: Final = 4096
_EVERYONE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A message to answer: its key and what it said."""

    key: MessageKey
    message: Message


class Reference(TypedDict):
    """The fields of `InContext`."""

    mentions: tuple[Jid, ...]
    mentions_everyone: bool
    quoted: Quoted | None
    forwarding_score: int
    expiration: int | None


def refer(content: InContext, *, chat: Jid, quote: Quote | None, expiration: int | None) -> ContextInfo:
    """The context of content that is sent to `chat`; `expiration` is the chat's timer, for content without its own."""
    timer = content.expiration if content.expiration is not None else expiration
    context = ContextInfo(
        mentionedJid=[str(mention.user_jid) for mention in content.mentions],
        nonJidMentions=_EVERYONE if content.mentions_everyone else None,
        expiration=timer or None,
    )
    if content.forwarding_score:
        context.forwardingScore, context.isForwarded = content.forwarding_score, True
    if quote is not None:
        _quote(context, quote, chat)
    return context


def _quote(context: ContextInfo, quote: Quote, chat: Jid) -> None:
    """Put the quoted message in, without what it quoted itself and without its secret."""
    context.stanzaId = quote.key.id
    context.participant = str(quote.key.sender.user_jid)
    if quote.key.chat != chat:
        context.remoteJid = str(quote.key.chat)
    context.quotedMessage.CopyFrom(bare(quote.message))


def bare(message: Message) -> Message:
    """A copy of what a message says, out of its wrappers, and without context and secret."""
    copy = Message()
    copy.CopyFrom(unwrap(message).message)
    for accompanying in ("messageContextInfo", "senderKeyDistributionMessage"):
        copy.ClearField(accompanying)
    for _, content in copy.ListFields():
        if has_context(content):
            content.ClearField("contextInfo")
    return copy


def has_context(content: object) -> bool:
    """Whether the protobuf of a kind has a place for a context."""
    return "contextInfo" in getattr(getattr(content, "DESCRIPTOR", None), "fields_by_name", ())


def timer(message: Message) -> tuple[int, int] | None:
    """The disappearing timer of the chat as the message's sender knows it: seconds, and when it was set (unix seconds).

    The second is 0 when the sender does not say; None for a message that says nothing of a timer.
    """
    for _, said in unwrap(message).message.ListFields():
        if has_context(said) and (said.contextInfo.expiration or said.contextInfo.ephemeralSettingTimestamp):
            return said.contextInfo.expiration, max(0, said.contextInfo.ephemeralSettingTimestamp)
    return None


def read(context: ContextInfo, view: Viewpoint) -> Reference:
    """What a received message refers to."""
    mentions = (mention for mention in map(jid, context.mentionedJid[:MAX_MENTIONS]) if mention is not None)
    return Reference(
        mentions=tuple(dict.fromkeys(mentions)),
        mentions_everyone=context.nonJidMentions > 0,
        quoted=_quoted(context, view) if view.quoting else None,
        forwarding_score=context.forwardingScore or int(context.isForwarded),
        expiration=context.expiration or None,
    )


def _quoted(context: ContextInfo, view: Viewpoint) -> Quoted | None:
    """The quoted message, one level deep."""
    if not context.stanzaId:
        return None
    content = view.quoted(context.quotedMessage) if context.HasField("quotedMessage") else None
    return Quoted(
        id=text(context.stanzaId), sender=jid(context.participant), chat=jid(context.remoteJid), content=content
    )
