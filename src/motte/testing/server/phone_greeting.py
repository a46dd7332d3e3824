"""What a phone sends to a companion that was just linked, after its app state key: a history that is nearly empty."""

from __future__ import annotations

import zlib

from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import HistorySync
from motte.testing.server.accounts import Account


def greeting(account: Account, salt: bytes | None) -> list[Message]:
    """The history, in order; it has the `salt` of client-made tokens, if there is one."""
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
