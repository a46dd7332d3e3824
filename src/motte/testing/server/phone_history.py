"""A phone brings its past to its companions: at pairing, when it is told to, and piece by piece when asked.

<message from="A@lid" category="peer">ProtocolMessage{HISTORY_SYNC_NOTIFICATION, historySyncNotification {
    syncType, chunkOrder, progress, and the chunk, deflated: inside, or a file of the media host (md-msg-hist) }}

HISTORY_SYNC_ON_DEMAND       → an ON_DEMAND chunk whose peerDataRequestSessionId is the request's id: the messages of
                               one chat before one of them; when there are none, the chat without messages
FULL_HISTORY_SYNC_ON_DEMAND  → an answer, and FULL chunks with the request's metadata
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from motte.proto.e2e_pb2 import Message
from motte.proto.history_pb2 import HistorySync
from motte.testing.server.accounts import Account, Device
from motte.testing.server.blobs import upload
from motte.testing.server.history import Past
from motte.testing.server.history_chunks import Cut, chunks, part
from motte.testing.server.history_faults import OF_FILES, HistoryFault, compressed
from motte.testing.server.hub import Hub
from motte.testing.server.trust import salt_for_history

if TYPE_CHECKING:
    from motte.testing.server.phone_mail import PhoneMail

BLOB_INFO: Final = b"WhatsApp History Keys"
MAX_ASKED: Final = 500
"""Messages that a phone gives at once on demand."""
_DAY: Final = 86400

_Notice = Message.HistorySyncNotification
_Operation = Message.PeerDataOperationRequestMessage
_Result = Message.PeerDataOperationRequestResponseMessage.PeerDataOperationResult


class PhoneHistory:
    """The history of one phone; `past` is what it remembers."""

    def __init__(self, hub: Hub, account: Account, mail: PhoneMail, meet: Callable[[str], Account]) -> None:
        self._hub = hub
        self._account = account
        self._mail = mail
        self.past = Past(hub, account, meet)

    def greet(self, companion: Device) -> None:
        """Everything, to a companion that was just linked."""
        salt = salt_for_history(self._hub, self._account)
        for history in chunks(self.past, self._cut(), full=companion.wants_full_history, salt=salt):
            self.send(companion, history)

    def push(self) -> None:
        """Everything again, to all companions."""
        for companion in self._account.companions:
            self.greet(companion)

    def send(self, companion: Device, history: HistorySync, **notice: Any) -> str:
        """Any chunk; `notice` sets more fields of its notice. Gives the id of its message."""
        fault = self._hub.plan.history.next()
        said = self._notice(history, fault)
        said.MergeFrom(_Notice(**notice))
        if fault and fault.kind == "duplicate":
            self._tell(companion, said)
        return self._tell(companion, said)

    def say(self, companion: Device, kind: Message.HistorySyncType.ValueType) -> str:
        """A notice without a chunk: `NO_HISTORY`, or `MESSAGE_ACCESS_STATUS`."""
        return self._tell(companion, _Notice(syncType=kind))

    def on_demand(self, companion: Device, request_id: str, asked: _Operation) -> None:
        """The messages of a chat that are older than one."""
        wanted = asked.historySyncOnDemandRequest
        history = HistorySync(syncType=HistorySync.ON_DEMAND, chunkOrder=1, progress=100)
        if chat := self.past.find(wanted.chatJid):
            until = self._hub.now * 1000 if not wanted.oldestMsgTimestampMs else wanted.oldestMsgTimestampMs
            known = [place for place, info in enumerate(chat.messages) if info.key.id == wanted.oldestMsgId]
            newer = (place for place, info in enumerate(chat.messages) if info.messageTimestamp * 1000 >= until)
            end = known[0] if known else next(newer, len(chat.messages))
            count = min(wanted.onDemandMsgCount, MAX_ASKED)
            begin = max(0, end - count)
            history.conversations.append(part(chat, list(enumerate(chat.messages))[begin:end]))
        self.send(companion, history, peerDataRequestSessionId=request_id)

    def full(self, companion: Device, asked: _Operation) -> Iterable[_Result]:
        """Everything that is older than the recent, and the answer that it comes."""
        metadata = asked.fullHistorySyncOnDemandRequest.requestMetadata
        result = _Result()
        result.fullHistorySyncOnDemandRequestResponse.requestMetadata.CopyFrom(metadata)
        result.fullHistorySyncOnDemandRequestResponse.responseCode = _Result.REQUEST_SUCCESS
        for history in chunks(self.past, self._cut(), full=True, salt=None):
            if history.syncType == HistorySync.FULL:
                self.send(companion, history, fullHistorySyncOnDemandRequestMetadata=metadata)
        return [result]

    def _cut(self) -> Cut:
        settings = self._hub.settings
        since = self._hub.now - settings.history_days * _DAY
        return Cut(first=settings.history_first, chunk=settings.history_chunk, since=since)

    def _notice(self, history: HistorySync, fault: HistoryFault | None) -> _Notice:
        data = compressed(history, fault)
        kind = Message.HistorySyncType.Value(HistorySync.HistorySyncType.Name(history.syncType))
        said = _Notice(syncType=kind, chunkOrder=history.chunkOrder, progress=history.progress)
        times = [one.message.messageTimestamp for chat in history.conversations for one in chat.messages]
        if times:
            said.oldestMsgInChunkTimestampSec = min(times)
        if len(data) <= self._hub.settings.inline_history and (fault is None or fault.kind not in OF_FILES):
            said.initialHistBootstrapInlinePayload = data
        else:
            said.MergeFrom(self._in_file(data, fault))
        return said

    def _in_file(self, data: bytes, fault: HistoryFault | None) -> _Notice:
        file = upload(self._hub, data, BLOB_INFO, wrong_mac=fault is not None and fault.kind == "mac")
        if fault and fault.kind == "gone":
            self._hub.media.expire(file.path, 404)
        return _Notice(
            mediaKey=file.media_key,
            directPath=file.path,
            fileLength=file.size,
            fileSha256=bytes(32) if fault and fault.kind == "hash" else file.sha256,
            fileEncSha256=file.enc_sha256,
            encHandle=file.path.rpartition("/")[2][:32],
        )

    def _tell(self, companion: Device, said: _Notice) -> str:
        kind = Message.ProtocolMessage.HISTORY_SYNC_NOTIFICATION
        return self._mail.send_peer(
            companion, Message(protocolMessage=Message.ProtocolMessage(type=kind, historySyncNotification=said))
        )
