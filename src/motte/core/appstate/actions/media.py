"""Calls, stickers, emojis and payments.

["call_log", peer, call, fromMe]            callLogAction{callLogRecord}
["favoriteSticker", hash]                   stickerAction{…, isFavorite}
["removeRecentSticker", hash]               removeRecentStickerAction{lastStickerSentTs}
"""

from __future__ import annotations

from typing import Any, Final

from motte.core.appstate.actions.forms import (
    BYTES,
    FLAG,
    FLAG_PART,
    JID,
    JID_PART,
    MAYBE,
    NUMBER,
    TEXT,
    TEXT_PART,
    ManyParts,
    Part,
    ValueForm,
    Whole,
    jid,
    one_of,
)
from motte.core.appstate.actions.row import Field, Row
from motte.core.appstate.collections import Collection
from motte.model.appstate import (
    AvatarChange,
    AvatarUpdated,
    CallKind,
    CallLog,
    CallLogDeleted,
    CallParticipant,
    CallRecord,
    CallResult,
    EmojiWeight,
    FavoriteSticker,
    PartnerStatus,
    PaymentInfo,
    PaymentMethod,
    PaymentMethods,
    PaymentNotice,
    PaymentPartner,
    PaymentTerms,
    RecentEmojis,
    RemoveRecentSticker,
    SilenceReason,
    StickerFile,
)

STICKER_FIELDS: Final[tuple[tuple[str, str, ValueForm], ...]] = (
    ("url", "url", TEXT),
    ("enc_sha256", "fileEncSha256", BYTES),
    ("media_key", "mediaKey", BYTES),
    ("mime_type", "mimetype", TEXT),
    ("height", "height", NUMBER),
    ("width", "width", NUMBER),
    ("direct_path", "directPath", TEXT),
    ("size", "fileLength", NUMBER),
    ("favorite", "isFavorite", MAYBE),
    ("device", "deviceIdHint", NUMBER),
    ("lottie", "isLottie", MAYBE),
    ("image_hash", "imageHash", TEXT),
    ("avatar", "isAvatarSticker", MAYBE),
)


def _participant(message: Any) -> CallParticipant:
    return CallParticipant(user=jid(message.userJid), result=one_of(CallResult).read(message, "callResult"))


def _fill_participant(message: Any, participant: CallParticipant) -> None:
    message.userJid = str(participant.user)
    one_of(CallResult).write(message, "callResult", participant.result)


CALL_FIELDS: Final[tuple[tuple[str, str, ValueForm], ...]] = (
    ("result", "callResult", one_of(CallResult)),
    ("do_not_disturb", "isDndMode", FLAG),
    ("silence", "silenceReason", one_of(SilenceReason)),
    ("duration", "duration", NUMBER),
    ("started_at", "startTime", NUMBER),
    ("incoming", "isIncoming", FLAG),
    ("video", "isVideo", FLAG),
    ("link", "isCallLink", FLAG),
    ("link_token", "callLinkToken", TEXT),
    ("scheduled_id", "scheduledCallId", TEXT),
    ("id", "callId", TEXT),
    ("creator", "callCreatorJid", JID),
    ("group", "groupJid", JID),
    ("participants", "participants", ManyParts(_participant, _fill_participant)),
    ("kind", "callType", one_of(CallKind)),
)


def call_record(message: Any) -> CallRecord:
    """A call of the list, which history sync knows too. Raises `ValueError`."""
    return CallRecord(**{attribute: form.read(message, name) for attribute, name, form in CALL_FIELDS})


def _fill_record(message: Any, record: CallRecord) -> None:
    for attribute, name, form in CALL_FIELDS:
        form.write(message, name, getattr(record, attribute))


def _sticker(message: Any) -> StickerFile:
    return StickerFile(**{attribute: form.read(message, name) for attribute, name, form in STICKER_FIELDS})


def _fill_sticker(message: Any, sticker: StickerFile) -> None:
    for attribute, name, form in STICKER_FIELDS:
        form.write(message, name, getattr(sticker, attribute))


def _weight(message: Any) -> EmojiWeight:
    return EmojiWeight(emoji=message.emoji, weight=message.weight)


def _fill_weight(message: Any, weight: EmojiWeight) -> None:
    message.emoji, message.weight = weight.emoji, weight.weight


def _method(message: Any) -> PaymentMethod:
    details = tuple((pair.key, pair.value) for pair in message.metadata)
    return PaymentMethod(credential=message.credentialId, country=message.country, type=message.type, details=details)


def _fill_method(message: Any, method: PaymentMethod) -> None:
    message.credentialId, message.country, message.type = method.credential, method.country, method.type
    for key, value in method.details:
        message.metadata.add(key=key, value=value)


_CALL: Final = (("peer", JID_PART), ("call", TEXT_PART), ("from_me", FLAG_PART))
_HASH: Final = ("hash", TEXT_PART)

ROWS: Final = (
    Row(
        kind=CallLog,
        name="call_log",
        field="callLogAction",
        collection=Collection.REGULAR,
        version=1,
        index=_CALL,
        fields=(Field("record", "callLogRecord", Part(call_record, _fill_record)),),
    ),
    Row(
        kind=CallLogDeleted,
        name="delete_individual_call_log",
        field="deleteIndividualCallLog",
        collection=Collection.REGULAR,
        version=1,
        index=_CALL,
        fields=(Field("with_peer", "peerJid", JID), Field("incoming", "isIncoming", MAYBE)),
    ),
    Row(
        kind=FavoriteSticker,
        name="favoriteSticker",
        field="stickerAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        index=(_HASH,),
        fields=(Field("sticker", "", Whole(_sticker, _fill_sticker), tuple(name for _, name, _ in STICKER_FIELDS)),),
    ),
    Row(
        kind=RemoveRecentSticker,
        name="removeRecentSticker",
        field="removeRecentStickerAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        index=(_HASH,),
        fields=(Field("last_sent", "lastStickerSentTs", NUMBER),),
    ),
    Row(
        kind=AvatarUpdated,
        name="avatar_updated_action",
        field="avatarUpdatedAction",
        collection=Collection.REGULAR,
        version=7,
        fields=(
            Field("change", "eventType", one_of(AvatarChange)),
            Field("stickers", "recentAvatarStickers", ManyParts(_sticker, _fill_sticker)),
        ),
    ),
    Row(
        kind=RecentEmojis,
        name="recent_emoji_weights_action",
        field="recentEmojiWeightsAction",
        collection=Collection.REGULAR_LOW,
        version=1,
        fields=(Field("weights", "weights", ManyParts(_weight, _fill_weight)),),
    ),
    Row(
        kind=PaymentInfo,
        name="payment_info",
        field="paymentInfoAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        fields=(Field("cpi", "cpi", TEXT),),
    ),
    Row(
        kind=PaymentMethods,
        name="custom_payment_methods",
        field="customPaymentMethodsAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        fields=(Field("methods", "customPaymentMethods", ManyParts(_method, _fill_method)),),
    ),
    Row(
        kind=PaymentTerms,
        name="payment_tos",
        field="paymentTosAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        fields=(
            Field("notice", "paymentNotice", one_of(PaymentNotice)),
            Field("accepted", "accepted", FLAG),
        ),
    ),
    Row(
        kind=PaymentPartner,
        name="merchant_payment_partner",
        field="merchantPaymentPartnerAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        fields=(
            Field("status", "status", one_of(PartnerStatus)),
            Field("country", "country", TEXT),
            Field("gateway", "gatewayName", TEXT),
            Field("credential", "credentialId", TEXT),
        ),
    ),
)
