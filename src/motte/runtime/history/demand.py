"""Older messages that are asked of the phone, which must be online for that.

    HISTORY_SYNC_ON_DEMAND        ask for the messages of a chat before one of them
                                  ◀── a notice of a chunk whose peerDataRequestSessionId is the request's id
    PLACEHOLDER_MESSAGE_RESEND    ask for one message that could not be decrypted here
                                  ◀── an answer with the request's id and the message as the phone keeps it

Both are peer messages. What nobody asked for is not believed to be an answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final, TypeAlias, TypeVar

from google.protobuf.message import DecodeError

from motte.core.history import reading
from motte.core.history.chunk import Chunk
from motte.core.history.messages import value
from motte.errors import HistoryError, MotteError, RequestTimeout
from motte.events.history import HistoryMessage, HistoryPage
from motte.events.message import Actions
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.proto.e2e_pb2 import Message
from motte.proto.web_message_pb2 import WebMessageInfo
from motte.runtime.context import Context
from motte.runtime.history import chunks
from motte.runtime.history.chunks import Notice
from motte.runtime.history.intake import Intake
from motte.runtime.history.telling import received
from motte.runtime.media.media import Media
from motte.runtime.outbound.peers import PeerMessages
from motte.runtime.step import Step

MAX_COUNT: Final = 500
"""Messages that are asked for at once; phones give fewer."""
Response: TypeAlias = Message.PeerDataOperationRequestResponseMessage
_Operation = Message.PeerDataOperationRequestMessage
T = TypeVar("T")


class Demands:
    """What was asked for and has not come yet."""

    def __init__(
        self, context: Context, *, media: Media, intake: Intake, peers: PeerMessages, actions: Actions | None
    ) -> None:
        self._context, self._media, self._intake, self._peers = context, media, intake, peers
        self._actions = actions
        self._pages: dict[str, asyncio.Future[HistoryPage]] = {}
        self._messages: dict[str, asyncio.Future[HistoryMessage]] = {}

    # ---- asking ----

    async def fetch(
        self, chat: Jid, *, before: MessageKey | None, timestamp: int | None, count: int, timeout: float
    ) -> HistoryPage:
        """The messages of a chat before one of them; see `client.history.fetch`."""
        now, me = self._context.clock.now(), self._context.account.me
        operation = _Operation(peerDataOperationRequestType=Message.HISTORY_SYNC_ON_DEMAND)
        asked = operation.historySyncOnDemandRequest
        asked.chatJid, asked.onDemandMsgCount = str(chat), max(1, min(count, MAX_COUNT))
        asked.oldestMsgTimestampMs = int(now if timestamp is None else timestamp) * 1000
        if before is not None:
            asked.oldestMsgId, asked.oldestMsgFromMe = before.id, before.from_me
        if me.lid is not None:
            asked.accountLid = str(me.lid.user_jid)
        return await self._asked(operation, self._pages, timeout)

    async def resend(self, key: MessageKey, *, timeout: float) -> HistoryMessage:
        """One message, as the phone keeps it; see `client.history.resend`."""
        return await self._asked(_once_more(key), self._messages, timeout)

    def new_id(self) -> str:
        """An id for `ask_for`."""
        return self._peers.new_id()

    async def ask_for(self, key: MessageKey, request_id: str) -> None:
        """Ask for one message and wait for no answer; it will name `request_id`."""
        await self._peers.send(_request(_once_more(key)), message_id=request_id)

    async def _asked(self, operation: _Operation, waiting: dict[str, asyncio.Future[T]], timeout: float) -> T:
        """Ask the phone, and wait for what it says."""
        request_id = self._peers.new_id()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        waiting[request_id] = future
        try:
            async with asyncio.timeout(timeout):
                await self._peers.send(_request(operation), message_id=request_id)
                return await future
        except TimeoutError:
            raise RequestTimeout("the phone did not answer in time; it may be offline") from None
        finally:
            del waiting[request_id]

    # ---- answers ----

    def is_awaited(self, notice: Notice) -> bool:
        """Whether somebody waits for this chunk."""
        return notice.peerDataRequestSessionId in self._pages

    async def answered(self, notice: Notice) -> None:
        """The chunk that somebody waits for is there to be fetched."""
        future = self._pages.get(notice.peerDataRequestSessionId)
        try:
            page = await self._page(await chunks.fetch(notice, self._media))
        except MotteError as error:
            if future is not None and not future.done():
                future.set_exception(error)
            return
        if future is not None and not future.done():
            future.set_result(page)

    async def _page(self, chunk: Chunk) -> HistoryPage:
        context = self._context
        pairs = await self._intake.begin(chunk)
        step = Step(context.store, context.bus)
        messages: list[HistoryMessage] = []
        has_more: bool | None = False
        for place, part in enumerate(reading.parts(chunk, context.account.me)):
            await self._intake.take(chunk, part, step.batch)
            event = received(chunk, part, pairs, context.account.me, self._actions, first=place == 0)
            step.tell(event)
            messages += event.messages
            has_more = next((chat.has_more for chat in part.chats), has_more)
        await step.commit()
        step.announce()
        messages.reverse()  # the newest was first, and of those in one second the later one
        oldest_first = sorted(messages, key=lambda message: message.message.timestamp)
        return HistoryPage(messages=tuple(oldest_first), has_more=has_more)

    def resent(self, response: Response) -> bool:
        """The phone answers a request for single messages; False when it is another answer."""
        results = [one for one in response.peerDataOperationResult if one.HasField("placeholderMessageResendResponse")]
        if not results:
            return False
        future = self._messages.get(response.stanzaId)
        if future is not None and not future.done():
            try:
                message = self._read(results[0].placeholderMessageResendResponse.webMessageInfoBytes)
            except HistoryError as error:
                future.set_exception(error)
            else:
                future.set_result(message)
                self._context.bus.publish(message)
        return True

    def _read(self, data: bytes) -> HistoryMessage:
        try:
            info = WebMessageInfo.FromString(data)
            chat = Jid.parse(info.key.remoteJid).user_jid
        except (DecodeError, MotteError, TypeError):
            raise HistoryError("format", "the phone sent no message that can be read") from None
        return replace(value(chat, info, self._context.account.me, self._actions), recovered=True)


def _once_more(key: MessageKey) -> _Operation:
    operation = _Operation(peerDataOperationRequestType=Message.PLACEHOLDER_MESSAGE_RESEND)
    wanted = operation.placeholderMessageResendRequest.add().messageKey
    wanted.remoteJid, wanted.id, wanted.fromMe = str(key.chat), key.id, key.from_me
    if not key.chat.is_user and not key.from_me:
        wanted.participant = str(key.sender)
    return operation


def _request(operation: _Operation) -> Message:
    request = Message()
    request.protocolMessage.type = Message.ProtocolMessage.PEER_DATA_OPERATION_REQUEST_MESSAGE
    request.protocolMessage.peerDataOperationRequestMessage.CopyFrom(operation)
    return request
