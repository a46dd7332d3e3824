"""What devices tell each other about themselves and the account."""

from __future__ import annotations

from typing import Any, Final

from motte.core.appstate.actions.forms import (
    BYTES,
    FLAG,
    NUMBER,
    TEXT,
    TEXT_PART,
    TEXTS,
    Part,
    Scalar,
    Whole,
    one_of,
)
from motte.core.appstate.actions.row import Field, Row
from motte.core.appstate.collections import Collection
from motte.model.appstate import (
    AccountLink,
    AccountLinked,
    AndroidUnsupported,
    Capabilities,
    ChatLockSupport,
    CustomBot,
    Hint,
    KeyExpiration,
    MemberLabels,
    MusicUser,
    PrimaryFeatures,
    PrimaryVersion,
    TokenSalt,
    WamoUser,
)


def _single(name: str) -> Part:
    """A message of one field in place of that field."""

    def fill(message: Any, value: Any) -> None:
        setattr(message, name, value)

    return Part(lambda message: getattr(message, name), fill)


def _services(message: Any) -> dict[str, str]:
    return dict(message.music_user_id_map)


def _fill_services(message: Any, services: dict[str, str]) -> None:
    message.music_user_id_map.update(services)


ROWS: Final = (
    Row(
        kind=PrimaryFeatures,
        name="primary_feature",
        field="primaryFeature",
        collection=Collection.REGULAR,
        version=7,
        fields=(Field("flags", "flags", TEXTS),),
    ),
    Row(
        kind=PrimaryVersion,
        name="primary_version",
        field="primaryVersionAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        index=(("key", TEXT_PART),),
        fields=(Field("version", "version", TEXT),),
    ),
    Row(
        kind=AndroidUnsupported,
        name="android_unsupported_actions",
        field="androidUnsupportedActions",
        collection=Collection.REGULAR_LOW,
        version=4,
        fields=(Field("allowed", "allowed", FLAG),),
    ),
    Row(
        kind=KeyExpiration,
        name="sentinel",
        field="keyExpiration",
        collection=Collection.REGULAR_LOW,
        version=3,
        fields=(Field("expired_epoch", "expiredKeyEpoch", NUMBER),),
    ),
    Row(
        kind=Capabilities,
        name="device_capabilities",
        field="deviceCapabilities",
        collection=Collection.REGULAR_LOW,
        version=7,
        fields=(
            Field("chat_lock", "chatLockSupportLevel", one_of(ChatLockSupport)),
            Field("lid_migrated_at", "lidMigration", _single("chatDbMigrationTimestamp")),
            Field("broadcast_import", "businessBroadcast", _single("importListEnabled")),
            Field("has_avatar", "userHasAvatar", _single("userHasAvatar")),
            Field("member_labels", "memberNameTagPrimarySupport", one_of(MemberLabels)),
        ),
    ),
    Row(
        kind=Hint,
        name="nux",
        field="nuxAction",
        collection=Collection.REGULAR_LOW,
        version=7,
        index=(("key", TEXT_PART),),
        fields=(Field("seen", "acknowledged", FLAG),),
    ),
    Row(
        kind=WamoUser,
        name="generated_wui",
        field="wamoUserIdentifierAction",
        collection=Collection.CRITICAL_BLOCK,
        version=1,
        fields=(Field("identifier", "identifier", TEXT),),
    ),
    Row(
        kind=TokenSalt,
        name="nct_salt_sync",
        field="nctSaltSyncAction",
        collection=Collection.REGULAR_HIGH,
        version=1,
        fields=(Field("salt", "salt", Scalar(b"")),),
    ),
    Row(
        kind=MusicUser,
        name="music_user_id",
        field="musicUserIdAction",
        collection=Collection.REGULAR,
        version=1,
        fields=(
            Field("id", "musicUserId", TEXT),
            Field("services", "music_user_id_map", Whole(_services, _fill_services), ("music_user_id_map",)),
        ),
    ),
    Row(
        kind=AccountLinked,
        name="waffle_account_link_state",
        field="waffleAccountLinkStateAction",
        collection=Collection.REGULAR_HIGH,
        version=1,
        fields=(Field("state", "linkState", one_of(AccountLink)),),
    ),
    Row(
        kind=CustomBot,
        name="ugc_bot",
        field="ugcBot",
        collection=Collection.REGULAR_HIGH,
        version=1,
        fields=(Field("definition", "definition", BYTES),),
    ),
)
