"""Actions on chats and messages.

    ["mute", chat]                              muteAction{muted, muteEndTimestamp: ms or -1}
    ["pin_v1", chat]                            pinAction{pinned}
    ["archive", chat]                           archiveChatAction{archived, messageRange}
    ["markChatAsRead", chat]                    markChatAsReadAction{read, messageRange}
    ["clearChat", chat, starred?, media?]       clearChatAction{messageRange}
    ["deleteChat", chat, media?]                deleteChatAction{messageRange}
    ["star", chat, id, fromMe, participant]     starAction{starred}
    ["deleteMessageForMe", chat, id, fromMe, participant]

A participant is "0" where the message has none: in chats of two, and for own messages.
"""

from __future__ import annotations

from typing import Any, Final

from motte.core.appstate.actions.forms import (
    FLAG,
    FLAG_PART,
    JID_PART,
    MESSAGE_PART,
    NUMBER,
    TEXT,
    TEXT_PART,
    ManyParts,
    Part,
    Scalar,
    Whole,
    jid,
    one_of,
)
from motte.core.appstate.actions.row import Field, Row
from motte.core.appstate.collections import Collection
from motte.model.appstate import (
    FOREVER,
    AiThreadDelete,
    AiThreadRename,
    Archive,
    BotWelcome,
    ClearChat,
    DeleteChat,
    DeleteForMe,
    Favorites,
    InteractiveMessage,
    InteractiveMode,
    LockChat,
    MarkRead,
    MessageRange,
    MessageRef,
    Mute,
    Pin,
    RangeMessage,
    Star,
)
from motte.model.jid import Jid

_CHAT: Final = ("chat", JID_PART)
_MESSAGE: Final = ("message", MESSAGE_PART)


def _until(action: Any) -> int | None:
    if not action.muted:
        return None
    end: int = action.muteEndTimestamp
    return end // 1000 if end > 0 else FOREVER


def _mute(action: Any, until: int | None) -> None:
    action.muted = until is not None
    if until is not None:
        action.muteEndTimestamp = until * 1000 if until != FOREVER else FOREVER


def _range(message: Any) -> MessageRange:
    return MessageRange(
        last=message.lastMessageTimestamp if message.HasField("lastMessageTimestamp") else None,
        last_system=message.lastSystemMessageTimestamp if message.HasField("lastSystemMessageTimestamp") else None,
        messages=tuple(_range_message(one) for one in message.messages),
    )


def _range_message(message: Any) -> RangeMessage:
    key = message.key
    participant = jid(key.participant).user_jid if key.participant else None
    ref = MessageRef(chat=jid(key.remoteJid), id=key.id, from_me=key.fromMe, participant=participant)
    return RangeMessage(message=ref, timestamp=message.timestamp if message.HasField("timestamp") else None)


def _fill_range(message: Any, known: MessageRange) -> None:
    if known.last is not None:
        message.lastMessageTimestamp = known.last
    if known.last_system is not None:
        message.lastSystemMessageTimestamp = known.last_system
    for one in known.messages:
        entry = message.messages.add()
        entry.key.remoteJid, entry.key.fromMe, entry.key.id = str(one.message.chat), one.message.from_me, one.message.id
        if one.message.participant is not None:
            entry.key.participant = str(one.message.participant)
        if one.timestamp is not None:
            entry.timestamp = one.timestamp


def _favorite(message: Any) -> Jid:
    return jid(message.id)


def _fill_favorite(message: Any, chat: Jid) -> None:
    message.id = str(chat)


_RANGE: Final = Field("range", "messageRange", Part(_range, _fill_range))

ROWS: Final = (
    Row(
        kind=Mute,
        name="mute",
        field="muteAction",
        collection=Collection.REGULAR_HIGH,
        version=2,
        index=(_CHAT,),
        fields=(
            Field("until", "", Whole(_until, _mute), ("muted", "muteEndTimestamp")),
            Field("automatic", "autoMuted", Scalar(False)),
        ),
    ),
    Row(
        kind=Pin,
        name="pin_v1",
        field="pinAction",
        collection=Collection.REGULAR_LOW,
        version=5,
        index=(_CHAT,),
        fields=(Field("pinned", "pinned", FLAG),),
    ),
    Row(
        kind=Archive,
        name="archive",
        field="archiveChatAction",
        collection=Collection.REGULAR_LOW,
        version=3,
        index=(_CHAT,),
        fields=(Field("archived", "archived", FLAG), _RANGE),
    ),
    Row(
        kind=MarkRead,
        name="markChatAsRead",
        field="markChatAsReadAction",
        collection=Collection.REGULAR_LOW,
        version=3,
        index=(_CHAT,),
        fields=(Field("read", "read", FLAG), _RANGE),
    ),
    Row(
        kind=ClearChat,
        name="clearChat",
        field="clearChatAction",
        collection=Collection.REGULAR_HIGH,
        version=6,
        index=(_CHAT, ("delete_starred", FLAG_PART), ("delete_media", FLAG_PART)),
        fields=(_RANGE,),
    ),
    Row(
        kind=DeleteChat,
        name="deleteChat",
        field="deleteChatAction",
        collection=Collection.REGULAR_HIGH,
        version=6,
        index=(_CHAT, ("delete_media", FLAG_PART)),
        fields=(_RANGE,),
    ),
    Row(
        kind=LockChat,
        name="lock",
        field="lockChatAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        index=(_CHAT,),
        fields=(Field("locked", "locked", FLAG),),
    ),
    Row(
        kind=Favorites,
        name="favorites",
        field="favoritesAction",
        collection=Collection.REGULAR_HIGH,
        version=1,
        fields=(Field("chats", "favorites", ManyParts(_favorite, _fill_favorite)),),
    ),
    Row(
        kind=Star,
        name="star",
        field="starAction",
        # Baileys puts stars into regular_low; WhatsApp Web keeps them here, and no device reads them by collection.
        collection=Collection.REGULAR_HIGH,
        version=2,
        index=(_MESSAGE,),
        fields=(Field("starred", "starred", FLAG),),
    ),
    Row(
        kind=DeleteForMe,
        name="deleteMessageForMe",
        field="deleteMessageForMeAction",
        collection=Collection.REGULAR_HIGH,
        version=3,
        index=(_MESSAGE,),
        fields=(Field("delete_media", "deleteMedia", FLAG), Field("timestamp", "messageTimestamp", NUMBER)),
    ),
    Row(
        kind=InteractiveMessage,
        name="interactive_message_action",
        field="interactiveMessageAction",
        collection=Collection.REGULAR_LOW,
        version=1,
        index=(_MESSAGE, ("detail", TEXT_PART)),
        fields=(Field("mode", "type", one_of(InteractiveMode)),),
    ),
    Row(
        kind=BotWelcome,
        name="bot_welcome_request",
        field="botWelcomeRequestAction",
        collection=Collection.REGULAR_LOW,
        version=2,
        index=(_CHAT,),
        fields=(Field("sent", "isSent", FLAG),),
    ),
    Row(
        kind=AiThreadRename,
        name="ai_thread_rename",
        field="aiThreadRenameAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        index=(_CHAT, ("thread", TEXT_PART)),
        fields=(Field("title", "newTitle", TEXT),),
    ),
    Row(
        kind=AiThreadDelete,
        name="ai_thread_delete",
        field=None,
        collection=Collection.REGULAR_HIGH,
        version=7,
        index=(_CHAT, ("thread", TEXT_PART)),
    ),
)
