"""What business accounts keep.

["quick_reply", id]                         quickReplyAction{shortcut, message, keywords, count, deleted}
["deviceAgent", id]                         agentAction{name, deviceID, isDeleted}
["agentChatAssignment", chat]               chatAssignment{deviceAgentID}
["business_broadcast_list", id]             businessBroadcastListAction{listName, participants, deleted}
["broadcast_jid", list, member]             businessBroadcastAssociationAction{deleted}
"""

from __future__ import annotations

from typing import Any, Final

from motte.core.appstate.actions.forms import (
    COUNT,
    FLAG,
    JID,
    JID_PART,
    NUMBER,
    TEXT,
    TEXT_PART,
    TEXTS,
    ManyParts,
    one_of,
)
from motte.core.appstate.actions.row import Field, Row
from motte.core.appstate.collections import Collection
from motte.model.appstate import (
    Agent,
    AiFeatures,
    AiFeatureStatus,
    BroadcastList,
    BroadcastMember,
    ChatAssignment,
    ChatAssignmentOpened,
    CtwaDataSharing,
    DetectedOutcomes,
    ListMember,
    MarketingBroadcast,
    MarketingKind,
    MarketingMessage,
    Note,
    NoteKind,
    QuickReply,
    Subscription,
)


def _member(message: Any) -> ListMember:
    return ListMember(lid=JID.read(message, "lidJid"), pn=JID.read(message, "pnJid"))


def _fill_member(message: Any, member: ListMember) -> None:
    JID.write(message, "lidJid", member.lid)
    JID.write(message, "pnJid", member.pn)


_ID: Final = ("id", TEXT_PART)
_CHAT: Final = ("chat", JID_PART)
_DELETED: Final = Field("deleted", "deleted", FLAG)

ROWS: Final = (
    Row(
        kind=QuickReply,
        name="quick_reply",
        field="quickReplyAction",
        collection=Collection.REGULAR,
        version=2,
        index=(_ID,),
        fields=(
            Field("shortcut", "shortcut", TEXT),
            Field("text", "message", TEXT),
            Field("keywords", "keywords", TEXTS),
            Field("count", "count", COUNT),
            _DELETED,
        ),
    ),
    Row(
        kind=Agent,
        name="deviceAgent",
        field="agentAction",
        collection=Collection.REGULAR,
        version=7,
        index=(_ID,),
        fields=(
            Field("name", "name", TEXT),
            Field("device", "deviceID", NUMBER),
            Field("deleted", "isDeleted", FLAG),
        ),
    ),
    Row(
        kind=ChatAssignment,
        name="agentChatAssignment",
        field="chatAssignment",
        collection=Collection.REGULAR,
        version=7,
        index=(_CHAT,),
        fields=(Field("agent", "deviceAgentID", TEXT),),
    ),
    Row(
        kind=ChatAssignmentOpened,
        name="agentChatAssignmentOpenedStatus",
        field="chatAssignmentOpenedStatus",
        collection=Collection.REGULAR,
        version=7,
        index=(_CHAT, ("agent", TEXT_PART)),
        fields=(Field("opened", "chatOpened", FLAG),),
    ),
    Row(
        kind=Note,
        name="note_edit",
        field="noteEditAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        index=(_ID,),
        fields=(
            Field("kind", "type", one_of(NoteKind)),
            Field("chat", "chatJid", JID),
            Field("created_at", "createdAt", NUMBER),
            _DELETED,
            Field("text", "unstructuredContent", TEXT),
        ),
    ),
    Row(
        kind=MarketingMessage,
        name="marketingMessage",
        field="marketingMessageAction",
        collection=Collection.REGULAR,
        version=7,
        index=(_ID,),
        fields=(
            Field("name", "name", TEXT),
            Field("text", "message", TEXT),
            Field("kind", "type", one_of(MarketingKind)),
            Field("created_at", "createdAt", NUMBER),
            Field("last_sent_at", "lastSentAt", NUMBER),
            Field("deleted", "isDeleted", FLAG),
            Field("media", "mediaId", TEXT),
        ),
    ),
    Row(
        kind=MarketingBroadcast,
        name="marketingMessageBroadcast",
        field="marketingMessageBroadcastAction",
        collection=Collection.REGULAR,
        version=7,
        index=(("marketing_message", TEXT_PART), ("message", TEXT_PART)),
        fields=(Field("replies", "repliedCount", NUMBER),),
    ),
    Row(
        kind=BroadcastList,
        name="business_broadcast_list",
        field="businessBroadcastListAction",
        collection=Collection.REGULAR,
        version=1,
        index=(_ID,),
        fields=(
            Field("name", "listName", TEXT),
            Field("members", "participants", ManyParts(_member, _fill_member)),
            _DELETED,
        ),
    ),
    Row(
        kind=BroadcastMember,
        name="broadcast_jid",
        field="businessBroadcastAssociationAction",
        collection=Collection.REGULAR,
        version=1,
        index=(("list", TEXT_PART), ("member", JID_PART)),
        fields=(_DELETED,),
    ),
    Row(
        kind=CtwaDataSharing,
        name="ctwaPerCustomerDataSharing",
        field="ctwaPerCustomerDataSharingAction",
        collection=Collection.REGULAR_HIGH,
        version=1,
        index=(("account", TEXT_PART),),
        fields=(Field("enabled", "isCtwaPerCustomerDataSharingEnabled", FLAG),),
    ),
    Row(
        kind=DetectedOutcomes,
        name="detected_outcomes_status_action",
        field="detectedOutcomesStatusAction",
        collection=Collection.REGULAR,
        version=1,
        fields=(Field("enabled", "isEnabled", FLAG),),
    ),
    Row(
        kind=AiFeatures,
        name="maiba_ai_features_control",
        field="maibaAiFeaturesControlAction",
        collection=Collection.REGULAR_HIGH,
        version=1,
        fields=(Field("status", "aiFeatureStatus", one_of(AiFeatureStatus)),),
    ),
    Row(
        kind=Subscription,
        name="subscription",
        field="subscriptionAction",
        collection=Collection.REGULAR,
        version=1,
        fields=(
            Field("deactivated", "isDeactivated", FLAG),
            Field("auto_renewing", "isAutoRenewing", FLAG),
            Field("expires", "expirationDate", NUMBER),
        ),
    ),
)
