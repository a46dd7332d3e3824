"""What a Message protobuf holds, and how the stanza around it says so.

    <message type="text|media|reaction|poll|event" [edit="1|2|7|8"]>
      …<enc [mediatype="image"] [decrypt-fail="hide"]/>…
      [<meta polltype="creation|vote" | event_type="creation|…" | tag_reason="user_update" appdata="member_tag"/>]
      [<biz><buttons|buttons_response|list_response|interactive_response/> | <list v="2" type="single_select"/></biz>]
    </message>

The server sees these attributes, and not the content.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from motte.core.message.unwrap import unwrap
from motte.model.jid import GROUP
from motte.proto.e2e_pb2 import KeepType, Message

_Secret = Message.SecretEncryptedMessage
_LABEL_CHANGE: Final = Message.ProtocolMessage.GROUP_MEMBER_LABEL_CHANGE

_ACCOMPANYING: Final = frozenset(
    {"messageContextInfo", "senderKeyDistributionMessage", "fastRatchetKeySenderKeyDistributionMessage"}
)
_TYPES: Final = {
    "reactionMessage": "reaction",
    "encReactionMessage": "reaction",
    "pollCreationMessage": "poll",
    "pollCreationMessageV2": "poll",
    "pollCreationMessageV3": "poll",
    "pollCreationMessageV5": "poll",
    "pollUpdateMessage": "poll",
    "eventMessage": "event",
    "encEventResponseMessage": "event",
}
_POLL_TYPE: Final = "polltype"
_EVENT_TYPE: Final = "event_type"
_META: Final = {
    "pollCreationMessage": ((_POLL_TYPE, "creation"),),
    "pollCreationMessageV2": ((_POLL_TYPE, "creation"),),
    "pollCreationMessageV3": ((_POLL_TYPE, "creation"),),
    "pollCreationMessageV5": ((_POLL_TYPE, "creation"),),
    "pollUpdateMessage": ((_POLL_TYPE, "vote"),),
    "eventMessage": ((_EVENT_TYPE, "creation"),),
    "encEventResponseMessage": ((_EVENT_TYPE, "response"),),
}
_MEMBER_LABEL: Final = (("tag_reason", "user_update"), ("appdata", "member_tag"))
_MEDIA: Final = {
    "imageMessage": "image",
    "videoMessage": "video",
    "ptvMessage": "ptv",
    "audioMessage": "audio",
    "contactMessage": "vcard",
    "documentMessage": "document",
    "contactsArrayMessage": "contact_array",
    "liveLocationMessage": "livelocation",
    "stickerMessage": "sticker",
    "listMessage": "list",
    "listResponseMessage": "list_response",
    "buttonsResponseMessage": "buttons_response",
    "orderMessage": "order",
    "productMessage": "product",
    "interactiveResponseMessage": "native_flow_response",
    "groupInviteMessage": "url",
}
_BUSINESS: Final = {
    "buttonsMessage": "buttons",
    "buttonsResponseMessage": "buttons_response",
    "listMessage": "list",
    "listResponseMessage": "list_response",
    "interactiveResponseMessage": "interactive_response",
}
_HIDDEN: Final = frozenset(
    {
        "reactionMessage",
        "encReactionMessage",
        "pinInChatMessage",
        "keepInChatMessage",
        "pollUpdateMessage",
        "encEventResponseMessage",
        "secretEncryptedMessage",
    }
)


class Edit(StrEnum):
    """The stanza's word for a message that changes another one."""

    EDIT = "1"
    PIN = "2"
    REVOKE = "7"
    ADMIN_REVOKE = "8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What the stanza of a message says about it.

    `hide_failure` asks receivers to show nothing when they cannot decrypt it; `meta` are the attributes of `<meta>`,
    with their values; `business` names what is in `<biz>`, with its attributes.
    """

    type: str
    media_type: str | None = None
    edit: Edit | None = None
    hide_failure: bool = False
    meta: tuple[tuple[str, str], ...] = ()
    business: tuple[str, tuple[tuple[str, str], ...]] | None = None


def kind_of(message: Message) -> str | None:
    """The name of the field that is the message's content (`extendedTextMessage`, …), or None when there is none."""
    for descriptor, _ in message.ListFields():
        if descriptor.name not in _ACCOMPANYING:
            return str(descriptor.name)
    return None


def labels(message: Message) -> Labels:
    """The attributes for a message, wrapped or not."""
    inner = unwrap(message).message
    kind = kind_of(inner) or ""
    media, edit, kind_type, meta = _media_type(inner, kind), _edit(inner, kind), _TYPES.get(kind), _meta(inner, kind)
    if kind == "secretEncryptedMessage" and inner.secretEncryptedMessage.secretEncType == _Secret.EVENT_EDIT:
        kind_type, meta = "event", ((_EVENT_TYPE, "edit"),)
    return Labels(
        type=kind_type or ("media" if media else "text"),
        media_type=media,
        edit=edit,
        hide_failure=edit is not None or kind in _HIDDEN,
        meta=meta,
        business=_business(inner, kind),
    )


def _business(message: Message, kind: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    name = _BUSINESS.get(kind)
    if name is None:
        return None
    if kind != "listMessage":
        return name, ()
    return name, (("v", "2"), ("type", Message.ListMessage.ListType.Name(message.listMessage.listType).lower()))


def _meta(message: Message, kind: str) -> tuple[tuple[str, str], ...]:
    labelled = kind == "protocolMessage" and message.protocolMessage.type == _LABEL_CHANGE
    return _MEMBER_LABEL if labelled else _META.get(kind, ())


def _media_type(message: Message, kind: str) -> str | None:
    if kind == "videoMessage" and message.videoMessage.gifPlayback:
        return "gif"
    if kind == "audioMessage" and message.audioMessage.ptt:
        return "ptt"
    if kind == "extendedTextMessage" and message.extendedTextMessage.matchedText:
        return "url"
    return _MEDIA.get(kind)


def _edit(message: Message, kind: str) -> Edit | None:
    if kind == "pinInChatMessage":
        return Edit.PIN
    if kind == "reactionMessage" and not message.reactionMessage.text:
        return Edit.REVOKE
    if kind == "keepInChatMessage":
        keep = message.keepInChatMessage
        return Edit.REVOKE if keep.key.fromMe and keep.keepType == KeepType.UNDO_KEEP_FOR_ALL else None
    if kind != "protocolMessage":
        return None
    protocol = message.protocolMessage
    match protocol.type:
        case Message.ProtocolMessage.MESSAGE_EDIT:
            return Edit.EDIT
        case Message.ProtocolMessage.REVOKE if protocol.HasField("key"):
            foreign = not protocol.key.fromMe and protocol.key.remoteJid.endswith(f"@{GROUP}")
            return Edit.ADMIN_REVOKE if foreign else Edit.REVOKE
    return None
