"""Protocol messages: messages from client to client that a user never sees.

Some carry keys, history or app state. They are accepted from the own account only, whoever else sends them: a stranger
who could hand out app-state keys or history would write the user's chats.
"""

from __future__ import annotations

from typing import Final, TypeAlias

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


def name_of(protocol: ProtocolMessage) -> str:
    """The kind's name in the schema, `REVOKE` and so on; the number of a kind that the schema does not know."""
    try:
        return ProtocolMessage.Type.Name(protocol.type)
    except ValueError:
        return str(int(protocol.type))
