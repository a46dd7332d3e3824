"""Settings of the account. Their index is their name alone: ["setting_pushName"]."""

from __future__ import annotations

from typing import Final

from motte.core.appstate.actions.forms import FLAG, JIDS, TEXT, ValueForm, one_of, raw
from motte.core.appstate.actions.row import Field, Row
from motte.core.appstate.collections import Collection
from motte.model.appstate import (
    Action,
    ChannelRecommendations,
    ChatLockSettings,
    DisableLinkPreviews,
    Locale,
    NewsletterInterests,
    NotificationActivity,
    NotificationLevel,
    PrivateProcessing,
    Processing,
    PushName,
    RelayAllCalls,
    StatusAudience,
    StatusPostNotifications,
    StatusPrivacy,
    TimeFormat,
    UnarchiveChats,
    WebBeta,
)
from motte.proto.settings_pb2 import UserPassword


def _setting(
    kind: type[Action],
    name: str,
    field: str,
    collection: Collection,
    version: int,
    *fields: tuple[str, str, ValueForm],
) -> Row:
    return Row(
        kind=kind,
        name=name,
        field=field,
        collection=collection,
        version=version,
        fields=tuple(Field(*one) for one in fields),
    )


_BLOCK, _HIGH, _LOW, _REGULAR = (
    Collection.CRITICAL_BLOCK,
    Collection.REGULAR_HIGH,
    Collection.REGULAR_LOW,
    Collection.REGULAR,
)

ROWS: Final = (
    _setting(PushName, "setting_pushName", "pushNameSetting", _BLOCK, 1, ("name", "name", TEXT)),
    _setting(Locale, "setting_locale", "localeSetting", _BLOCK, 3, ("locale", "locale", TEXT)),
    _setting(
        TimeFormat,
        "time_format",
        "timeFormatAction",
        _LOW,
        7,
        ("twenty_four_hours", "isTwentyFourHourFormatEnabled", FLAG),
    ),
    _setting(
        UnarchiveChats,
        "setting_unarchiveChats",
        "unarchiveChatsSetting",
        _LOW,
        4,
        ("unarchive", "unarchiveChats", FLAG),
    ),
    _setting(
        DisableLinkPreviews,
        "setting_disableLinkPreviews",
        "privacySettingDisableLinkPreviewsAction",
        _REGULAR,
        8,
        ("disabled", "isPreviewsDisabled", FLAG),
    ),
    _setting(
        RelayAllCalls,
        "setting_relayAllCalls",
        "privacySettingRelayAllCalls",
        _REGULAR,
        1,
        ("enabled", "isEnabled", FLAG),
    ),
    _setting(
        NotificationActivity,
        "notificationActivitySetting",
        "notificationActivitySettingAction",
        _REGULAR,
        1,
        ("level", "notificationActivitySetting", one_of(NotificationLevel)),
    ),
    _setting(
        StatusPrivacy,
        "status_privacy",
        "statusPrivacy",
        _HIGH,
        7,
        ("audience", "mode", one_of(StatusAudience)),
        ("users", "userJid", JIDS),
    ),
    _setting(
        StatusPostNotifications,
        "status_post_opt_in_notification_preferences_action",
        "statusPostOptInNotificationPreferencesAction",
        _HIGH,
        1,
        ("enabled", "enabled", FLAG),
    ),
    _setting(
        ChannelRecommendations,
        "setting_channels_personalised_recommendation_optout",
        "privacySettingChannelsPersonalisedRecommendationAction",
        _REGULAR,
        1,
        ("opted_out", "isUserOptedOut", FLAG),
    ),
    _setting(
        ChatLockSettings,
        "setting_chatLock",
        "chatLockSettings",
        _LOW,
        7,
        ("hidden", "hideLockedChats", FLAG),
        ("secret_code", "secretCode", raw(UserPassword)),
    ),
    _setting(WebBeta, "external_web_beta", "externalWebBetaAction", _REGULAR, 3, ("opted_in", "isOptIn", FLAG)),
    _setting(
        PrivateProcessing,
        "private_processing_setting",
        "privateProcessingSettingAction",
        _HIGH,
        1,
        ("status", "privateProcessingStatus", one_of(Processing)),
    ),
    _setting(
        NewsletterInterests,
        "newsletter_saved_interests",
        "newsletterSavedInterestsAction",
        _REGULAR,
        1,
        ("interests", "newsletterSavedInterests", TEXT),
    ),
)
