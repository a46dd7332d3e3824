"""Messages inside messages: what WhatsApp wraps around the content, and how to get at it.

`deviceSentMessage` carries a message that another own device sent, with the chat it went to; the others say something
about the content: that it disappears, may be seen once, has a caption, belongs to an album, replaces another message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from motte.errors import RemoteProtocolError
from motte.proto.e2e_pb2 import Message, MessageContextInfo

MAX_DEPTH: Final = 8
DEVICE_SENT: Final = "deviceSentMessage"
_FUTURE_PROOF: Final = frozenset(
    {
        "ephemeralMessage",
        "viewOnceMessage",
        "viewOnceMessageV2",
        "viewOnceMessageV2Extension",
        "documentWithCaptionMessage",
        "editedMessage",
        "associatedChildMessage",
        "groupMentionedMessage",
        "groupStatusMessage",
        "groupStatusMessageV2",
        "lottieStickerMessage",
        "botInvokeMessage",
        "botForwardedMessage",
        "botTaskMessage",
        "eventCoverImage",
        "groupStatusMentionMessage",
        "limitSharingMessage",
        "pollCreationMessageV4",
        "pollCreationOptionImageMessage",
        "questionMessage",
        "questionReplyMessage",
        "statusAddYours",
        "statusMentionMessage",
    }
)
_VIEW_ONCE: Final = frozenset({"viewOnceMessage", "viewOnceMessageV2", "viewOnceMessageV2Extension"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwrapped:
    """The innermost message and the names of its `wrappers`, outermost first.

    `context` is the innermost context info on the way; `destination` the text of the JID in `deviceSentMessage`.
    """

    message: Message
    wrappers: tuple[str, ...]
    context: MessageContextInfo | None
    destination: str | None

    @property
    def is_view_once(self) -> bool:
        """Whether the content is to be seen once only."""
        return not _VIEW_ONCE.isdisjoint(self.wrappers)


def unwrap(message: Message) -> Unwrapped:
    """The message inside all wrappers.

    Raises:
        RemoteProtocolError: more than `MAX_DEPTH` of them.
    """
    wrappers: list[str] = []
    context: MessageContextInfo | None = None
    destination: str | None = None
    while True:
        if message.HasField("messageContextInfo"):
            context = message.messageContextInfo
        found = _wrapper(message)
        if found is None:
            return Unwrapped(message=message, wrappers=tuple(wrappers), context=context, destination=destination)
        if len(wrappers) == MAX_DEPTH:
            raise RemoteProtocolError(f"a message is wrapped more than {MAX_DEPTH} times")
        name, inner = found
        if name == DEVICE_SENT:
            destination = message.deviceSentMessage.destinationJid or destination
        wrappers.append(name)
        message = inner


def _wrapper(message: Message) -> tuple[str, Message] | None:
    """The wrapper that a message is, and what is inside."""
    if message.HasField("deviceSentMessage") and message.deviceSentMessage.HasField("message"):
        return DEVICE_SENT, message.deviceSentMessage.message
    # One look at the two or three fields that are there, not at the two dozen that might be.
    for descriptor, value in message.ListFields():
        if descriptor.name in _FUTURE_PROOF:
            return (descriptor.name, value.message) if value.HasField("message") else None
    return None
