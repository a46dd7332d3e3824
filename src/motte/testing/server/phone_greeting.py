"""What a phone sends to a companion that was just linked: the app state key, and a history that is nearly empty."""

from __future__ import annotations

import zlib
from typing import Final

from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import HistorySync
from motte.testing.server.accounts import Account

_APP_STATE_KEY_ID: Final = bytes.fromhex("000000000001")


def greeting(account: Account, app_state_key: bytes, now: int, salt: bytes | None = None) -> list[Message]:
    """The messages of a greeting, in order; the history has the `salt` of client-made tokens, if there is one."""
    return [_key_share(app_state_key, now), *_history(account, salt)]


def _key_share(app_state_key: bytes, now: int) -> Message:
    share = Message.AppStateSyncKeyShare()
    key = share.keys.add()
    key.keyId.keyId = _APP_STATE_KEY_ID
    key.keyData.keyData = app_state_key
    key.keyData.fingerprint.rawId = 1
    key.keyData.timestamp = now * 1000
    kind = Message.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE
    return Message(protocolMessage=Message.ProtocolMessage(type=kind, appStateSyncKeyShare=share))


def _history(account: Account, salt: bytes | None) -> list[Message]:
    names = HistorySync(syncType=HistorySync.INITIAL_BOOTSTRAP, chunkOrder=1, progress=0, nctSalt=salt)
    names.pushnames.add(id=str(account.pn), pushname=account.profile.push_name)
    names.phoneNumberToLidMappings.add(pnJid=str(account.pn), lidJid=str(account.lid))
    recent = HistorySync(syncType=HistorySync.RECENT, chunkOrder=1, progress=100)
    return [_history_notice(names, Message.INITIAL_BOOTSTRAP), _history_notice(recent, Message.RECENT)]


def _history_notice(history: HistorySync, kind: Message.HistorySyncType.ValueType) -> Message:
    notice = Message.HistorySyncNotification(
        syncType=kind,
        chunkOrder=history.chunkOrder,
        progress=history.progress,
        initialHistBootstrapInlinePayload=zlib.compress(history.SerializeToString()),
    )
    protocol = Message.ProtocolMessage.HISTORY_SYNC_NOTIFICATION
    return Message(protocolMessage=Message.ProtocolMessage(type=protocol, historySyncNotification=notice))
