"""The seeds of the target of history."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import Conversation, HistorySync
from motte.proto.message_key_pb2 import MessageKey
from motte.proto.web_message_pb2 import WebMessageInfo


def seeds() -> Iterator[tuple[str, bytes]]:
    """Target and input."""
    chat = Conversation(id="100002@lid", name="Bob", pnJid="15550100002@s.whatsapp.net", tcToken=b"t", pinned=5)
    mine = chat.messages.add(msgOrderId=2).message
    mine.MergeFrom(WebMessageInfo(key=MessageKey(id="A2", fromMe=True), message=Message(conversation="hi")))
    mine.userReceipt.add(userJid="15550100002@s.whatsapp.net", readTimestamp=3)
    chat.messages.add(
        message=WebMessageInfo(
            key=MessageKey(id="A1"), messageTimestamp=5, messageStubType=WebMessageInfo.BIZ_PRIVACY_MODE_TO_FB
        )
    )
    group = Conversation(id="120363000000000001@g.us")
    group.messages.add(
        message=WebMessageInfo(key=MessageKey(id="B1", participant="100002@lid"), message=Message(conversation="all"))
    )
    history = HistorySync(syncType=HistorySync.RECENT, chunkOrder=1, progress=50, conversations=[chat, group])
    history.pushnames.add(id="100002@lid", pushname="Bob")
    history.phoneNumberToLidMappings.add(pnJid="15550100002@s.whatsapp.net", lidJid="100002@lid")
    history.pastParticipants.add(groupJid=group.id).pastParticipants.add(userJid="100002@lid", leaveTs=4)
    history.callLogRecords.add(callId="C", callCreatorJid="100002@lid")
    yield "history", history.SerializeToString()
    yield "history", zlib.compress(history.SerializeToString())
