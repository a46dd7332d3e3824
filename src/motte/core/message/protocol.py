"""Protocol messages: messages from client to client that a user never sees.

Some carry keys, history or app state. They are accepted from the own account only, whoever else sends them: a stranger
who could hand out app-state keys or history would write the user's chats.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from google.protobuf.unknown_fields import UnknownFieldSet

from motte.proto.e2e_pb2 import Message

ProtocolMessage: TypeAlias = Message.ProtocolMessage
Kind: TypeAlias = Message.ProtocolMessage.Type.ValueType

_SELF_ONLY: Final = frozenset(
    {
        ProtocolMessage.HISTORY_SYNC_NOTIFICATION,
        ProtocolMessage.APP_STATE_SYNC_KEY_SHARE,
        ProtocolMessage.APP_STATE_SYNC_KEY_REQUEST,
        ProtocolMessage.APP_STATE_FATAL_EXCEPTION_NOTIFICATION,
        ProtocolMessage.INITIAL_SECURITY_NOTIFICATION_SETTING_SYNC,
        ProtocolMessage.MSG_FANOUT_BACKFILL_REQUEST,
        ProtocolMessage.PEER_DATA_OPERATION_REQUEST_MESSAGE,
        ProtocolMessage.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
        ProtocolMessage.LID_MIGRATION_MAPPING_SYNC,
        ProtocolMessage.MEDIA_NOTIFY_MESSAGE,
    }
)
_VARINT: Final = 0
_SELF_ONLY_FIELDS: Final = (
    "historySyncNotification",
    "appStateSyncKeyShare",
    "appStateSyncKeyRequest",
    "appStateFatalExceptionNotification",
    "initialSecurityNotificationSettingSync",
    "peerDataOperationRequestMessage",
    "peerDataOperationRequestResponseMessage",
    "lidMigrationMappingSyncMessage",
    "mediaNotifyMessage",
)


def is_self_only(protocol: ProtocolMessage) -> bool:
    """Whether a protocol message counts only when the own account sent it: by its type, or by what it carries."""
    return protocol.type in _SELF_ONLY or any(protocol.HasField(name) for name in _SELF_ONLY_FIELDS)


def unknown_type(protocol: ProtocolMessage) -> int | None:
    """The number of a type that the schema does not know, else None.

    The generated class keeps such a number among the unknown fields and calls the type `REVOKE`, which is number 0.
    """
    if protocol.HasField("type"):
        return None
    fields = UnknownFieldSet(protocol)
    for field in (fields[index] for index in range(len(fields))):
        # A peer may write the field as something else than a number; then it says nothing.
        if field.field_number == ProtocolMessage.TYPE_FIELD_NUMBER and field.wire_type == _VARINT:
            return int(field.data)
    return None


def name_of(protocol: ProtocolMessage) -> str:
    """The type's name in the schema, `REVOKE` and so on; the number of a type that the schema does not know."""
    unknown = unknown_type(protocol)
    return ProtocolMessage.Type.Name(protocol.type) if unknown is None else str(unknown)
